"""The few headers that every request is judged by, read in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import UnsupportedMediaTypeError

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_ID = 128
_LONGEST_LENGTH = 20  # digits; a longer number is too large whatever it is


class RequestHead:
    """What the headers say.

    Attributes:
        request_id: The caller's `x-request-id` when it is printable ASCII of at most 128 characters; else empty.
        content_type: As sent; empty when absent.
        length: The announced `content-length` in bytes; 0 when absent.
    """

    __slots__ = ("content_type", "length", "request_id")

    def __init__(self) -> None:
        self.request_id = ""
        self.content_type = b""
        self.length = 0


def read_head(headers: Sequence[tuple[bytes, bytes]]) -> RequestHead:
    """Read headers with lower-case names; of several with the same name the first counts."""
    head = RequestHead()
    for name, value in reversed(headers):
        if name == b"content-type":
            head.content_type = value
        elif name == b"content-length":
            head.length = int(value[:_LONGEST_LENGTH]) if value.isdigit() else 0
        elif name == b"x-request-id":
            head.request_id = _plain(value)
    return head


def check_content_type(value: bytes) -> None:
    """Refuse what is not JSON; an absent type is taken for JSON.

    Raises:
        UnsupportedMediaTypeError: It is another type.
    """
    kind = value.split(b";", 1)[0].strip().lower()
    if kind and kind not in (b"application/json", b"text/json") and not kind.endswith(b"+json"):
        found = kind.decode("latin-1")[:100]
        raise UnsupportedMediaTypeError(
            f"Expected a body of content type application/json, found {found}.",
            hint="Send the header Content-Type: application/json.",
            details={"found": found},
        )


def _plain(value: bytes) -> str:
    if len(value) <= _LONGEST_ID and value.isascii():
        text = value.decode("ascii")
        if text.isprintable():
            return text
    return ""
