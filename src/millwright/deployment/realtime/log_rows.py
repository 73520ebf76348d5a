"""What waits for the prediction log of a request of few rows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from millwright.deployment.realtime.log_record import UNPACKABLE, pack, pack_as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.deployment.realtime.log_entry import LogSource
    from millwright.deployment.realtime.log_record import LogRow


class LogRows:
    """The rows of one request, or some of them: as records, or, where there are arrays in them, as they are.

    Packing takes half a microsecond a row. It is done here, since large requests come here in a thread of their own.

    Args:
        source: What they have in common with others.
        rows: At least one.
        row_bytes: What one of them is counted with where it is kept as it is.

    Attributes:
        records: One for each row; none where they are kept as they are.
        rows: Those that are kept as they are.
        size: The bytes of memory that they are counted with.
    """

    __slots__ = ("_row_bytes", "records", "rows", "size", "source")

    def __init__(self, source: LogSource, rows: Sequence[LogRow], row_bytes: int) -> None:
        self.source = source
        self.records: Sequence[bytes] = [_packed(source, row) for row in rows] if source.is_plain else ()
        self.rows = () if source.is_plain else rows
        self._row_bytes = row_bytes
        self.size = sum(map(len, self.records)) + row_bytes * len(self.rows)

    def __len__(self) -> int:
        return len(self.records) + len(self.rows)

    def split(self, rows: int) -> tuple[LogRows, LogRows]:
        """The first rows, at least one and not all, and the others."""
        return self._part(slice(rows)), self._part(slice(rows, None))

    def _part(self, which: slice) -> LogRows:
        part = LogRows(self.source, (), self._row_bytes)
        part.records, part.rows = self.records[which], self.rows[which]
        part.size = sum(map(len, part.records)) + self._row_bytes * len(part.rows)
        return part


def _packed(source: LogSource, row: LogRow) -> bytes:
    identifier, at_s, seconds, request_id, key, features, outputs = row
    columns = source.features
    if isinstance(features, Mapping) and len(features) == len(columns.names):
        with suppress(KeyError):  # else it is told by its own names
            row = (identifier, at_s, seconds, request_id, key, columns.pick(features), outputs)
    try:
        return pack(row)
    except UNPACKABLE:
        return pack_as_text(source, row)
