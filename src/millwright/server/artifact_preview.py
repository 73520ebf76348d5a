"""What of an artifact can be shown, without believing what it says of itself. Free of any web framework."""

from __future__ import annotations

import csv
import io
import json
from codecs import getincrementaldecoder
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.records.file import FileRecord
    from millwright.storage.base import ArtifactStore

TEXT_BYTES = 256 << 10  # of a text that are shown
SHOWN_BYTES = 20 << 20  # the largest image or page that a browser is given
_ROWS = 100
_COLUMNS = 50
_PAGES = (".html", ".htm")
_SVG = "image/svg+xml"
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What is shown of a file; nothing when every part is empty.

    Attributes:
        text: The beginning of a text, or JSON written with a line for each value.
        rows: The first rows of a table, the names of its columns first.
        image: The type of an image; empty when it is none.
        page: Whether it is a page that a browser can open apart from this server.
        cut: Whether there is more of it.
    """

    text: str = ""
    rows: Sequence[Sequence[str]] = ()
    image: str = ""
    page: bool = False
    cut: bool = False


def preview(artifacts: ArtifactStore, record: FileRecord) -> Preview:
    """What can be shown of a file.

    Args:
        artifacts: Where its bytes are; at most `TEXT_BYTES` of them are read.
        record: The file.
    """
    if record.digest is None:
        return Preview()
    stop = min(record.size_bytes, TEXT_BYTES)
    head = b"".join(artifacts.read_chunks(record.digest, stop=stop if stop < record.size_bytes else None))
    name = record.name.lower()
    small = record.size_bytes <= SHOWN_BYTES
    image = image_type(head, name)
    if image and small:
        return Preview(image=image)
    text = _text(head)
    if text is None:
        return Preview()
    cut = record.size_bytes > TEXT_BYTES
    if name.endswith((".csv", ".tsv")):
        return _table(text, "\t" if name.endswith(".tsv") else ",", cut=cut)
    if name.endswith(".json") and not cut:
        text = _indented(text)
    return Preview(text=text, cut=cut, page=small and name.endswith(_PAGES))


def image_type(head: bytes, name: str) -> str:
    """The type of an image that begins so; empty when it is none that a browser shows.

    Args:
        head: Its first bytes, which decide.
        name: In lower case; an SVG is text, and so needs to be called one.
    """
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return _SVG if name.endswith(".svg") and b"<svg" in head[:4096] else ""


def _text(head: bytes) -> str | None:
    if b"\x00" in head:
        return None
    try:
        return getincrementaldecoder("utf-8-sig")().decode(head)  # a letter that is cut at the end is left out
    except UnicodeDecodeError:
        return None


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _table(text: str, delimiter: str, *, cut: bool) -> Preview:
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return Preview(text=text, cut=cut)
    if cut:
        rows = rows[:-1]  # the last one may be half a row
    rows = [row for row in rows if row]
    if not rows:
        return Preview(text=text, cut=cut)
    width = min(len(rows[0]), _COLUMNS)
    shown = [(row + [""] * width)[:width] for row in rows[: _ROWS + 1]]
    return Preview(rows=shown, cut=cut or len(rows) > len(shown) or len(rows[0]) > width)
