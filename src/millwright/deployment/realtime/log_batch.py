"""Predictions on their way to the log's store: from entries to columns."""

from __future__ import annotations

from array import array
from itertools import compress
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.records.prediction import PredictionColumns
from millwright.deployment.realtime.log_column import LogColumn, LogTexts
from millwright.deployment.realtime.log_entry import FIELDS
from millwright.deployment.realtime.log_table import joined
from millwright.deployment.realtime.tensor_log import logged_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.prediction import Cells
    from millwright.deployment.realtime.log_entry import LoggedColumns, LogSource
    from millwright.deployment.realtime.log_table import LogTable

_SIZE = FIELDS - 1


class LogBatch:
    """Collects predictions by column: a fifth of the memory of the objects that they come as.

    Attributes:
        rows: How many.
        size: The bytes that they are counted with.
    """

    __slots__ = ("_tables", "_whole", "rows", "size")

    def __init__(self) -> None:
        self.rows = self.size = 0
        self._tables: dict[LogSource, _Table] = {}
        self._whole: dict[LogSource, list[LogTable]] = {}

    def add_table(self, table: LogTable) -> None:
        """Add the rows of a table, as they are."""
        self.rows += len(table)
        self.size += table.size
        self._whole.setdefault(table.source, []).append(table)

    def add(self, entries: list[Any]) -> None:
        """Add entries, at least one, that are written one behind the other into one list.

        Nearly every step is one call in C over all of them: requests wait meanwhile.
        """
        fields = [entries[number::FIELDS] for number in range(FIELDS)]
        sources: list[LogSource] = fields[0]
        self.rows += len(sources)
        self.size += sum(fields[_SIZE])
        if sources.count(sources[0]) == len(sources):
            self._table(sources[0]).add(fields)
            return
        for source in dict.fromkeys(sources):
            mine = [each is source for each in sources]
            self._table(source).add([list(compress(field, mine)) for field in fields])

    def parts(self) -> list[PredictionColumns]:
        """The rows by column, in parts of one source each: those that came by row, and those that came as tables."""
        parts = [table.columns() for table in self._tables.values()]
        return parts + [joined(source, tables) for source, tables in self._whole.items()]

    def _table(self, source: LogSource) -> _Table:
        table = self._tables.get(source)
        if table is None:
            table = self._tables[source] = _Table(source)
        return table


class _Table:
    """Rows of one source."""

    __slots__ = ("_at", "_features", "_ids", "_keys", "_outputs", "_requests", "_seconds", "_source")

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._ids, self._requests = LogTexts(), LogTexts()
        self._at, self._seconds = array("d"), array("d")
        self._keys: list[str | None] = []
        self._features, self._outputs = _Cells(source.features), _Cells(source.outputs)

    def add(self, fields: Sequence[list[Any]]) -> None:
        _, ids, at, features, outputs, seconds, requests, keys, _ = fields
        self._ids.extend(ids)
        self._at.extend(at)
        self._features.extend(features)
        self._outputs.extend(outputs)
        self._seconds.extend(seconds)
        self._requests.extend(requests)
        self._keys += keys

    def columns(self) -> PredictionColumns:
        import numpy as np
        import polars as pl

        source = self._source
        # Seconds as floats are exact to a quarter of a microsecond in this century, and cost a tenth of datetimes.
        micros = np.rint(np.frombuffer(self._at) * 1e6).astype(np.int64)
        return PredictionColumns(
            endpoint=source.endpoint,
            model=source.model,
            version=source.version,
            id=self._ids.series(),
            at=pl.Series(values=micros).cast(pl.Datetime("us", "UTC")),
            features=self._features.cells(),
            outputs=self._outputs.cells(),
            latency_ms=pl.Series(values=np.frombuffer(self._seconds) * 1e3),
            request_id=self._requests.series(),
            key=pl.Series(values=self._keys, dtype=pl.String),
        )


class _Cells:
    """Features or outputs: by column as long as all rows have those of the signature, else row by row."""

    __slots__ = ("_by_column", "_columns", "_is_by_column", "_rows")

    def __init__(self, columns: LoggedColumns) -> None:
        self._columns = columns
        self._is_by_column = columns.are_plain
        self._by_column = [LogColumn(kind) for kind in columns.types]
        self._rows: list[Any] = []

    def extend(self, rows: list[Any]) -> None:
        if self._is_by_column:
            try:
                found = _tuples(self._columns, rows)
            except (KeyError, ValueError):
                self._rows = self._so_far()
                self._is_by_column = False
            else:
                for column, values in zip(self._by_column, zip(*found, strict=True), strict=True):
                    column.extend(values)
                return
        self._rows += rows

    def cells(self) -> Cells:
        import polars as pl

        rows = self._rows
        if self._is_by_column:
            try:
                return dict(zip(self._columns.names, [column.series() for column in self._by_column], strict=True))
            except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
                rows = self._so_far()
        return pl.Series(values=[self._text(row) for row in rows], dtype=pl.String)

    def _so_far(self) -> list[tuple[Any, ...]]:
        return list(zip(*[column.values() for column in self._by_column], strict=True))

    def _text(self, row: Any) -> str:
        told = dict(zip(self._columns.names, row, strict=True)) if type(row) is tuple else row
        return _encode(told if self._columns.are_plain else logged_row(told)).decode()


def _tuples(columns: LoggedColumns, rows: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
    """The values of rows in the order of columns.

    Raises:
        KeyError: A row lacks one.
        ValueError: A row has another.
    """
    if set(map(len, rows)) != {len(columns.names)}:
        raise ValueError("Some rows have other columns.")
    kinds = set(map(type, rows))
    if kinds == {tuple}:
        return rows
    pick = columns.pick
    return list(map(pick, rows)) if tuple not in kinds else [r if type(r) is tuple else pick(r) for r in rows]


def _list(value: Any) -> Any:
    return value.tolist()  # of an array; whatever else is not JSON fails


_encode = msgspec.json.Encoder(enc_hook=_list).encode
