"""Where the records of a delimited file are and how many fields each has, found without parsing the fields.

Parsers are quiet about records that are too short, so the counts are taken here. Quotes are counted: a separator or a
line end behind an odd number of them stands inside a quoted field. Positions are offsets in bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_QUOTE, _LINE_FEED, _RETURN = 0x22, 0x0A, 0x0D
_BLOCK_BYTES = 1 << 23  # bounds the memory for positions to a few times this


@dataclass(frozen=True, slots=True)
class RecordScan:
    """The records of a file, in order, blank lines included.

    Attributes:
        fields: Number of fields of each record; int64, shape (n,).
        blank: Whether a record is an empty line; bool, shape (n,).
        quoted: Whether the file holds any quote, without which the counts are certain.
        odd: Whether the number of quotes is odd: one is never closed, or stands inside a value.
    """

    fields: NDArray[np.int64]
    blank: NDArray[np.bool_]
    quoted: bool
    odd: bool = False


def scan_records(data: bytes, separator: str) -> RecordScan:
    """Count records and fields.

    Args:
        data: UTF-8 text, or a map of a file of it; the last line may lack its line feed.
        separator: One ASCII character.
    """
    end_blocks: list[NDArray[np.int64]] = []
    before_blocks: list[NDArray[np.int64]] = []
    quotes = separators = 0
    for start in range(0, len(data), _BLOCK_BYTES):
        block = np.frombuffer(data, dtype=np.uint8, offset=start, count=min(_BLOCK_BYTES, len(data) - start))
        marks = np.flatnonzero(block == _QUOTE)
        line_ends = _outside(np.flatnonzero(block == _LINE_FEED), marks, quotes)
        parts = _outside(np.flatnonzero(block == ord(separator)), marks, quotes)
        end_blocks.append(line_ends + start)
        before_blocks.append(np.searchsorted(parts, line_ends) + separators)
        quotes += len(marks)
        separators += len(parts)
    if len(data) and data[-1:] != b"\n":
        end_blocks.append(np.array([len(data)], dtype=np.int64))
        before_blocks.append(np.array([separators], dtype=np.int64))
    empty = [np.empty(0, dtype=np.int64)]
    ends, before = np.concatenate(end_blocks or empty), np.concatenate(before_blocks or empty)
    return RecordScan(
        fields=np.diff(before, prepend=0) + 1, blank=_blank(data, ends), quoted=quotes > 0, odd=quotes % 2 == 1
    )


def _outside(positions: NDArray[np.int64], marks: NDArray[np.int64], earlier: int) -> NDArray[np.int64]:
    if not len(marks):
        return positions if earlier % 2 == 0 else positions[:0]
    outside: NDArray[np.int64] = positions[(np.searchsorted(marks, positions) + earlier) % 2 == 0]
    return outside


def _blank(data: bytes, ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    lengths = np.diff(ends, prepend=-1) - 1
    last = np.frombuffer(data, dtype=np.uint8)[np.maximum(ends - 1, 0)] if len(ends) else np.empty(0, dtype=np.uint8)
    blank: NDArray[np.bool_] = (lengths == 0) | ((lengths == 1) & (last == _RETURN))
    return blank
