"""Bodies that come compressed."""

from __future__ import annotations

import zlib

from millwright.core.errors import MalformedRequestError, PayloadTooLargeError, UnsupportedMediaTypeError

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # the data's first bytes tell which
ENCODINGS = ("gzip", "deflate")


def inflate(body: bytes, encoding: bytes, limit: int) -> bytes:
    """A body as it was before it was compressed.

    Args:
        body: As received.
        encoding: The header `Content-Encoding`.
        limit: Most bytes that it may become. No more memory than that is taken, whatever the data says.

    Raises:
        UnsupportedMediaTypeError: An encoding that is not known here.
        MalformedRequestError: The body is not so encoded, or cut off.
        PayloadTooLargeError: It would become larger.
    """
    name = encoding.decode("latin-1").strip().lower().removeprefix("x-")
    if name in ("", "identity"):
        return body
    if name not in ENCODINGS:
        raise UnsupportedMediaTypeError(
            f"Expected a body that is encoded as {' or '.join(ENCODINGS)}, found '{name[:100]}'.",
            hint="Send it without Content-Encoding.",
            details={"found": name[:100], "takes": list(ENCODINGS)},
        )
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        found = decoder.decompress(body, limit + 1)
    except zlib.error as error:
        raise MalformedRequestError(f"Expected a body encoded as {name}, found something else: {error}.") from None
    if len(found) > limit:
        raise PayloadTooLargeError(
            f"Expected a body of at most {limit:,} bytes when inflated, found more.",
            hint="Send fewer rows in one request, or predict a file with: mw predict",
            details={"maximum": limit},
        )
    if not decoder.eof or decoder.unused_data:
        found_instead = "it cut off" if not decoder.eof else f"{len(decoder.unused_data)} bytes after its end"
        raise MalformedRequestError(f"Expected a whole body encoded as {name}, found {found_instead}.")
    return found
