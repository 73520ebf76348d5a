"""JSON bodies: decoding, and saying exactly what is wrong with one that cannot be decoded."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any, TypeVar

import msgspec

from millwright.core.errors import MalformedRequestError

T = TypeVar("T")

_any = msgspec.json.Decoder()
_BYTE = re.compile(r"\(byte (\d+)\)")
_NON_FINITE = re.compile(rb"(?<![\w\"])[-+]?(?:nan|inf(?:inity)?)\b", re.IGNORECASE)
# A string, so that what stands in one is passed over, or the word that pandas and NumPy write for a missing number.
_STRING_OR_NAN = re.compile(rb'"(?:[^"\\]|\\.)*"|NaN\b', re.DOTALL)
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_MARK = b"\xef\xbb\xbf"


def decode_json(body: bytes) -> Any:
    """Any JSON value.

    Raises:
        MalformedRequestError: The body is empty, not UTF-8, not JSON (with byte, line and column), nested too deeply,
            or holds NaN, an infinity, or a number beyond a 64-bit float.
    """
    try:
        return _any.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if body.startswith(_MARK):
            return decode_json(body[len(_MARK) :])
        raise malformed(body, error) from None


def decode_lenient_json(body: bytes) -> Any:
    """Any JSON value, with null for each `NaN`, which Python's `json` writes and reads though JSON has none.

    MLflow's own client sends data frames so.

    Raises:
        MalformedRequestError: As for `decode_json`; of a body that has other faults, too, its NaN is told.
    """
    try:
        return decode_json(body)
    except MalformedRequestError:
        if b"NaN" in body:
            with contextlib.suppress(MalformedRequestError):
                return decode_json(_STRING_OR_NAN.sub(_null_for_nan, body))
        raise


def _null_for_nan(found: re.Match[bytes]) -> bytes:
    return b"null" if found.group() == b"NaN" else found.group()


def decode_as(body: bytes, decoder: msgspec.json.Decoder[T], what: str) -> T:
    """A JSON value of a fixed shape.

    Args:
        body: The request's body.
        decoder: Knows the shape.
        what: The shape's name for the message, such as "an Open Inference request".

    Raises:
        MalformedRequestError: As for `decode_json`, or the JSON has another shape.
    """
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        decode_json(body)
        found = str(error).replace("`", "'")
        raise MalformedRequestError(f"Expected {what}. {found}.", details={"found": found}) from None


def malformed(body: bytes, error: Exception) -> MalformedRequestError:
    """What to tell about a body that the decoder refused."""
    if not body.strip():
        return MalformedRequestError(
            "Expected a JSON body, found an empty one.", hint="Send the rows as JSON; GET / shows an example."
        )
    if isinstance(error, RecursionError):
        return MalformedRequestError("Expected rows as JSON, found values nested too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return _not_utf8(body)
    text = str(error)
    if _HALF.search(body) and _is_json(body):
        return MalformedRequestError("Expected JSON text, found an escaped half of a surrogate pair, such as \\ud800.")
    if "out of range" in text:
        return MalformedRequestError(
            "Expected numbers that a 64-bit float can hold, found a larger one.",
            hint="Send null for a missing number.",
            details={"found": text.replace("`", "'")},
        )
    match = _BYTE.search(text)
    return _syntax(body, min(int(match.group(1)), len(body)) if match else len(body))


def _not_utf8(body: bytes) -> MalformedRequestError:
    position = 0  # the decoder's own position counts from the beginning of the text it was in
    try:
        body.decode()
    except UnicodeDecodeError as error:
        position = error.start
    return MalformedRequestError(
        f"Expected JSON in UTF-8, found another byte at {_place(body, position)}.", details={"byte": position}
    )


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _syntax(body: bytes, position: int) -> MalformedRequestError:
    details = {"byte": position, "line": body.count(b"\n", 0, position) + 1}
    # The decoder stops at, after or within such a word, depending on what it took it for.
    word = _NON_FINITE.search(body, max(position - 5, 0), position + len("-Infinity"))
    if word:
        return MalformedRequestError(
            f"Expected JSON, which has no {word.group().decode()}: found one at {_place(body, word.start())}.",
            hint="Send null for a missing number.",
            details=details,
        )
    found = "the end of the body"
    if position < len(body):
        found = repr(body[position : position + 1].decode(errors="replace"))
    return MalformedRequestError(f"Expected JSON, found {found} at {_place(body, position)}.", details=details)


def _place(body: bytes, position: int) -> str:
    line = body.count(b"\n", 0, position) + 1
    column = position - (body.rfind(b"\n", 0, position) + 1) + 1
    return f"byte {position} (line {line}, column {column})"
