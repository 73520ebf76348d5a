"""The few headers that every request is judged by, read in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import UnsupportedMediaTypeError

if TYPE_CHECKING:
    from collections.abc import Sequence

_JSON = b"application/json"
_LONGEST_ID = 128
_LONGEST_LENGTH = 20  # digits; a longer number is too large whatever it is


class RequestHead:
    """What the headers say.

    Attributes:
        request_id: The caller's `x-request-id` when it is printable ASCII of at most 128 characters; else empty.
        content_type: As sent; empty when absent.
        encoding: The `content-encoding` as sent; empty when absent.
        length: The announced `content-length` in bytes; 0 when absent.
    """

    __slots__ = ("content_type", "encoding", "length", "request_id")

    def __init__(self) -> None:
        self.request_id = ""
        self.content_type = b""
        self.encoding = b""
        self.length = 0


def read_head(headers: Sequence[tuple[bytes, bytes]]) -> RequestHead:
    """Read headers with lower-case names; of several with the same name the first counts."""
    head = RequestHead()
    for name, value in reversed(headers):
        if name == b"content-type":
            head.content_type = value
        elif name == b"content-length":
            head.length = int(value[:_LONGEST_LENGTH]) if value.isdigit() else 0
        elif name == b"content-encoding":
            head.encoding = value
        elif name == b"x-request-id":
            head.request_id = plain_id(value)
    return head


def check_content_type(value: bytes, takes: frozenset[bytes]) -> None:
    """Refuse what a path does not take; an absent type is left to it.

    Args:
        value: The header as sent.
        takes: See `Route.takes`.

    Raises:
        UnsupportedMediaTypeError: It is another type.
    """
    kind = value.split(b";", 1)[0].strip().lower()
    if not kind or kind in takes or (kind.endswith(b"+json") and _JSON in takes):
        return
    found, known = kind.decode("latin-1")[:100], sorted(each.decode() for each in takes)
    raise UnsupportedMediaTypeError(
        f"Expected a body of content type {' or '.join(known)}, found {found}.",
        hint=f"Send the header Content-Type: {known[0]}.",
        details={"found": found, "takes": known},
    )


def plain_id(value: bytes) -> str:
    """A header's value as a request id: printable ASCII of at most 128 characters; else empty."""
    if len(value) <= _LONGEST_ID and value.isascii():
        text = value.decode("ascii")
        if text.isprintable():
            return text
    return ""
