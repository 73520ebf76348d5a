"""What waits for the prediction log of a request of many rows: its columns, as they were predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.records.prediction import PredictionColumns
from millwright.deployment.realtime.log_column import finite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.deployment.realtime.log_entry import LogSource


class LogTable:
    """The rows of one request, or some of them.

    Args:
        source: What they have in common with others.
        rows: Their n ids; the features, one column for each of the signature, in its order and of the types of
            `LogColumn`; and the outputs, likewise.
        at_s: When they were predicted, in seconds since 1970.
        seconds: How long the request took.
        request_id: Its id.
        keys: The caller's keys; None when there are none.
        size: The bytes of memory that they are counted with.
    """

    __slots__ = ("_at_us", "_frames", "_ids", "_keys", "_latency_ms", "_request_id", "size", "source")

    def __init__(
        self,
        source: LogSource,
        rows: tuple[Sequence[str] | pl.Series, pl.DataFrame, pl.DataFrame],
        *,
        at_s: float,
        seconds: float,
        request_id: str,
        keys: Sequence[str] | pl.Series | None,
        size: int,
    ) -> None:
        ids, features, outputs = rows
        self.source, self.size = source, size
        self._ids = ids if isinstance(ids, pl.Series) else pl.Series(values=ids, dtype=pl.String)
        self._frames = features, outputs
        self._at_us, self._latency_ms, self._request_id = round(at_s * 1e6), seconds * 1e3, request_id
        self._keys = keys if keys is None or isinstance(keys, pl.Series) else pl.Series(values=keys, dtype=pl.String)

    def __len__(self) -> int:
        return len(self._ids)

    def split(self, rows: int) -> tuple[LogTable, LogTable]:
        """The first rows, at least one and not all, and the others; nothing is copied."""
        share = self.size * rows // len(self)
        return self._part(0, rows, share), self._part(rows, len(self) - rows, self.size - share)

    def _part(self, first: int, rows: int, size: int) -> LogTable:
        features, outputs = self._frames
        return LogTable(
            self.source,
            (self._ids.slice(first, rows), features.slice(first, rows), outputs.slice(first, rows)),
            at_s=self._at_us / 1e6,
            seconds=self._latency_ms / 1e3,
            request_id=self._request_id,
            keys=None if self._keys is None else self._keys.slice(first, rows),
            size=size,
        )

    def frame(self) -> pl.DataFrame:
        """All of them: `id`, `at`, `latency_ms`, `request_id`, `key`, and the features and outputs by number."""
        rows, (features, outputs) = len(self), self._frames
        none = pl.Series(values=[None], dtype=pl.String).new_from_index(0, rows)
        columns = {
            "id": self._ids,
            "at": pl.Series(values=np.full(rows, self._at_us)).cast(pl.Datetime("us", "UTC")),
            "latency_ms": pl.Series(values=np.full(rows, self._latency_ms)),
            "request_id": pl.Series(values=[self._request_id], dtype=pl.String).new_from_index(0, rows),
            "key": none if self._keys is None else self._keys,
        }
        for kind, frame in (("feature", features), ("output", outputs)):
            columns |= {f"{kind} {number}": finite(each) for number, each in enumerate(frame.get_columns())}
        return pl.DataFrame(columns)


def joined(source: LogSource, tables: Sequence[LogTable]) -> PredictionColumns:
    """The rows of several requests, in their order.

    Args:
        source: Of all of them.
        tables: At least one.
    """
    frame = pl.concat([table.frame() for table in tables])
    by_kind = (("feature", source.features.names), ("output", source.outputs.names))
    features, outputs = (
        {name: frame.get_column(f"{kind} {number}") for number, name in enumerate(names)} for kind, names in by_kind
    )
    return PredictionColumns(
        endpoint=source.endpoint,
        model=source.model,
        version=source.version,
        id=frame.get_column("id"),
        at=frame.get_column("at"),
        features=features,
        outputs=outputs,
        latency_ms=frame.get_column("latency_ms"),
        request_id=frame.get_column("request_id"),
        key=frame.get_column("key"),
    )
