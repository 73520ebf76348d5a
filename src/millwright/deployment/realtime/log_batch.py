"""Predictions on their way to the log's store: from rows to columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.records.prediction import PredictionColumns
from millwright.deployment.realtime.log_cells import LogCells
from millwright.deployment.realtime.log_record import FIELDS, pack
from millwright.deployment.realtime.log_records import LogRecords
from millwright.deployment.realtime.log_table import LogTable, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from millwright.core.records.prediction import Cells
    from millwright.deployment.realtime.log_entry import LogSource
    from millwright.deployment.realtime.log_record import LogRow
    from millwright.deployment.realtime.log_records import LogBuffers
    from millwright.deployment.realtime.log_rows import LogRows

_RECORD = bytes([0x90 | FIELDS])  # the marks of lists and mappings of up to 15 elements, as MessagePack has them
_SHORT_MAPPING, _SHORT = 0x80, 16


class LogBatch:
    """Collects predictions until they are written.

    Args:
        pool: Where memory for records is taken from.

    Attributes:
        rows: How many.
        size: The bytes that they are counted with.
    """

    __slots__ = ("_lanes", "_pool", "_tables", "rows", "size")

    def __init__(self, pool: LogBuffers) -> None:
        self.rows = self.size = 0
        self._pool = pool
        self._lanes: dict[LogSource, _Lane] = {}
        self._tables: dict[LogSource, list[LogTable]] = {}

    def add_records(self, source: LogSource, records: list[bytes]) -> int:
        """Add records, at least one, of a source with plain columns; the bytes that they are counted with."""
        size = self._lane(source).records.add(records)
        self.rows += len(records)
        self.size += size
        return size

    def add(self, taken: LogRows | LogTable) -> None:
        """Add the rows of a request, or some of them."""
        if isinstance(taken, LogTable):
            self._tables.setdefault(taken.source, []).append(taken)
        else:
            lane = self._lane(taken.source)
            lane.rows += taken.rows
            if taken.records:
                lane.records.add(list(taken.records))
        self.rows += len(taken)
        self.size += taken.size

    def parts(self) -> list[PredictionColumns]:
        """The rows by column, in parts of one source each: those that came by row, and those that came as tables."""
        parts = [lane.columns() for lane in self._lanes.values()]
        return parts + [joined(source, tables) for source, tables in self._tables.items()]

    def release(self) -> None:
        """Give the memory back: what was written is forgotten."""
        for lane in self._lanes.values():
            lane.records.release()
        self._lanes = {}

    def _lane(self, source: LogSource) -> _Lane:
        lane = self._lanes.get(source)
        if lane is None:
            lane = self._lanes[source] = _Lane(source, LogRecords(self._pool))
        return lane


class _Lane:
    """Rows of one source that came one by one, in order."""

    __slots__ = ("_source", "records", "rows")

    def __init__(self, source: LogSource, records: LogRecords) -> None:
        self._source = source
        self.records = records
        self.rows: list[LogRow] = []  # of a source with other columns than plain ones

    def columns(self) -> PredictionColumns:
        if self.rows:
            return self._by_row([self.rows])
        try:
            return self._by_field()
        except (ValueError, IndexError, TypeError):  # a field is unreadable, or some are missing at the end
            return self._by_row(self.records.rows())

    def _by_field(self) -> PredictionColumns:
        source = self._source
        names, fields = source.features.names, self.records.fields()
        fields.expect(_RECORD)
        texts = {"id": fields.texts()}
        times = fields.floats(), fields.floats()
        texts |= {"request_id": fields.texts(), "key": fields.texts()}
        fields.expect(pack([None] * len(names))[: -len(names)])
        features = {name: fields.column(kind) for name, kind in zip(names, source.features.types, strict=True)}
        outputs: dict[str, pl.Series] = {}
        fields.expect(_mapping_mark(len(source.outputs.names)))
        for name, kind in zip(source.outputs.names, source.outputs.types, strict=True):
            fields.expect(pack(name))
            outputs[name] = fields.column(kind)
        fields.end()
        return self._columns(texts, times, (features, outputs))

    def _by_row(self, parts: Iterable[Sequence[LogRow]]) -> PredictionColumns:
        found: tuple[list[Any], ...] = [], [], [], [], []
        cells = LogCells(self._source.features), LogCells(self._source.outputs)
        for rows in parts:
            columns = list(zip(*rows, strict=True))
            for values, more in zip(found, columns, strict=False):
                values.extend(more)
            for each, more in zip(cells, columns[-2:], strict=True):
                each.extend(more)
        identifier, at_s, seconds, request_id, key = found
        texts = {"id": identifier, "request_id": request_id, "key": key}
        return self._columns(
            {name: pl.Series(values=values, dtype=pl.String) for name, values in texts.items()},
            (np.array(at_s), np.array(seconds)),
            (cells[0].cells(), cells[1].cells()),
        )

    def _columns(
        self, texts: Mapping[str, pl.Series], times: tuple[NDArray[Any], NDArray[Any]], cells: tuple[Cells, Cells]
    ) -> PredictionColumns:
        at_s, seconds = times
        # Seconds as floats are exact to a quarter of a microsecond in this century, and cost a tenth of datetimes.
        micros = np.rint(at_s * 1e6).astype(np.int64)
        return PredictionColumns(
            endpoint=self._source.endpoint,
            model=self._source.model,
            version=self._source.version,
            id=texts["id"],
            at=pl.Series(values=micros).cast(pl.Datetime("us", "UTC")),
            features=cells[0],
            outputs=cells[1],
            latency_ms=pl.Series(values=seconds * 1e3),
            request_id=texts["request_id"],
            key=texts["key"],
        )


def _mapping_mark(length: int) -> bytes:
    return bytes([_SHORT_MAPPING | length]) if length < _SHORT else b"\xde" + length.to_bytes(2, "big")
