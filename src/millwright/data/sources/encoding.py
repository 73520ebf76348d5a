"""Text from bytes: which encoding a file is in, and whether it is text at all."""

from __future__ import annotations

import codecs

from millwright.core.errors import InvalidInputError

_SAMPLE_BYTES = 1 << 16
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1b") | {127}
_MAX_CONTROL_SHARE = 0.01  # text has none; a stray one is no reason to refuse a file
_KINDS = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3", "a SQLite database"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\xfd7zXZ", "an xz archive"),
)


def to_utf8(data: bytes, uri: str) -> bytes:
    """A text file's bytes as UTF-8 without a byte order mark, with line feeds at the ends of lines.

    UTF-8 and UTF-16 (marked or not) are recognised; other bytes count as Windows-1252, which is Latin-1 with the signs
    that Windows programs put into its unused places, or Latin-1 where even those do not fit.

    Args:
        data: The file's bytes.
        uri: The file's name, for messages.

    Raises:
        InvalidInputError: The bytes are no text.
    """
    for magic, kind in _KINDS:
        if data.startswith(magic):
            raise _no_table(uri, kind)
    text = _unicode(data, uri)
    start = text[:256].lstrip().lower()
    for marker, kind in ((b"<!doctype", "an HTML page"), (b"<html", "an HTML page"), (b"<?xml", "an XML document")):
        if start.startswith(marker):
            raise _no_table(uri, kind)
    if b"\r" in text and b"\n" not in text:
        return text.replace(b"\r", b"\n")
    return text


def _unicode(data: bytes, uri: str) -> bytes:
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    elif encoding := _utf16(data):
        try:
            return data.decode(encoding).removeprefix("\ufeff").encode()
        except UnicodeDecodeError as error:
            raise _no_table(uri, "bytes that are no text") from error
    sample = data[:_SAMPLE_BYTES]
    controls = sum(byte in _CONTROL for byte in sample)
    if b"\0" in sample or controls > _MAX_CONTROL_SHARE * len(sample):
        raise _no_table(uri, "bytes that are no text")
    try:
        data.decode()
    except UnicodeDecodeError:
        try:
            return data.decode("cp1252").encode()
        except UnicodeDecodeError:
            return data.decode("latin-1").encode()
    return data


def _utf16(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = data[: _SAMPLE_BYTES & ~1]
    if len(sample) < 4 or len(data) % 2:
        return None
    # Latin letters in UTF-16 have a zero byte each, always on the same side.
    even, odd = sample[::2].count(0) * 2 / len(sample), sample[1::2].count(0) * 2 / len(sample)
    if max(even, odd) > 0.5 and min(even, odd) < 0.05:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _no_table(uri: str, found: str) -> InvalidInputError:
    return InvalidInputError(
        f"Expected a table in {uri} (CSV, TSV, Parquet, JSON lines or JSON), found {found}.",
        hint="Export the table as CSV or Parquet and give that file.",
    )
