"""Tables of the prediction log as summaries by hour and by day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.records.summary import SummarySpan
from millwright.monitoring.live.latency import LatencyHistogram
from millwright.monitoring.live.span import SpanKey, SpanSummary, begin_of
from millwright.monitoring.monitored_column import input_table, output_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from millwright.monitoring.live.known import KnownVersion, KnownVersions
    from millwright.storage.base.prediction_table import PredictionTable


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Some segments, counted.

    Attributes:
        spans: Each hour and each day of each version that they have rows of.
        skipped: `name@version` → rows of versions without cells, of which only rows and latencies were counted.
        reasons: Why they have none.
    """

    spans: dict[SpanKey, SpanSummary] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        return sum(each.rows for key, each in self.spans.items() if key.span is SummarySpan.HOUR)

    @property
    def last_at(self) -> datetime | None:
        """The newest of them; None without any."""
        return max((each.last_at for each in self.spans.values()), default=None)


def count_tables(tables: Iterable[PredictionTable], known: KnownVersions) -> Counted:
    """Tables of one endpoint as summaries; a row belongs to the hour of its own time, whatever its segment's.

    A value that does not fit its column counts as missing.

    Args:
        tables: Of any versions.
        known: The cells of versions.
    """
    parts: defaultdict[tuple[str, str, int], list[PredictionTable]] = defaultdict(list)
    for table in tables:
        parts[table.endpoint, table.model, table.version].append(table)
    spans: dict[SpanKey, SpanSummary] = {}
    skipped: dict[str, int] = {}
    reasons: list[str] = []
    for (endpoint, model, version), of_version in parts.items():
        found = known.find(model, version)
        if found.grid is None:
            skipped[f"{model}@{version}"] = sum(map(len, of_version))
            reasons.append(found.reason)
        for hour, summary in _hours(_joined(of_version), found):
            for span in SummarySpan:
                key = SpanKey(
                    endpoint=endpoint,
                    model=model,
                    version=version,
                    grid=found.digest,
                    span=span,
                    start=begin_of(hour, span),
                )
                spans[key] = spans[key].merge(summary) if key in spans else summary
    return Counted(spans, skipped, tuple(reasons))


def count_rows(tables: list[PredictionTable], found: KnownVersion) -> SpanSummary:
    """Rows of one version, at least one, as one summary."""
    rows = pl.concat([table.rows.select("at", "latency_ms") for table in tables])
    return _summary(rows, *_typed(tables, found), found)


def _joined(tables: list[PredictionTable]) -> list[PredictionTable]:
    """The same rows in as few tables as their columns' types allow: each table costs as much as a thousand rows."""
    alike: defaultdict[Any, list[PredictionTable]] = defaultdict(list)
    for table in tables:
        alike[tuple(table.features.schema.items()), tuple(table.outputs.schema.items())].append(table)
    return [
        replace(
            parts[0],
            rows=pl.concat([part.rows for part in parts]),
            features=pl.concat([part.features for part in parts]),
            outputs=pl.concat([part.outputs for part in parts]),
        )
        for parts in alike.values()
    ]


def _hours(tables: list[PredictionTable], found: KnownVersion) -> Iterable[tuple[datetime, SpanSummary]]:
    rows = pl.concat([table.rows.select("at", "latency_ms") for table in tables])
    inputs, outputs = _typed(tables, found)
    hours = rows["at"].dt.truncate("1h")
    for hour in hours.unique().sort().to_list():
        mask = hours == hour
        if mask.all():
            yield hour, _summary(rows, inputs, outputs, found)
        else:
            yield hour, _summary(rows.filter(mask), inputs.filter(mask), outputs.filter(mask), found)


def _typed(tables: list[PredictionTable], found: KnownVersion) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Features and answers in the types of the signature: only so do tables of several segments fit together."""
    if found.signature is None:
        nothing = pl.DataFrame({"": pl.Series([None], dtype=pl.Null).new_from_index(0, sum(map(len, tables)))})
        return nothing, nothing
    signature = found.signature
    inputs = [input_table(table.features, signature, rows=len(table)) for table in tables]
    outputs = [output_table(table.outputs, signature, rows=len(table)) for table in tables]
    return pl.concat(inputs), pl.concat(outputs)


def _summary(rows: pl.DataFrame, inputs: pl.DataFrame, outputs: pl.DataFrame, found: KnownVersion) -> SpanSummary:
    newest: datetime = rows["at"].max()  # type: ignore[assignment]
    return SpanSummary(
        rows=rows.height,
        last_at=newest,
        latency=LatencyHistogram.of(rows["latency_ms"].to_numpy()),
        table=found.grid.summarize(inputs, outputs) if found.grid is not None else None,
    )
