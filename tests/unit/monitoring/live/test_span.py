from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from millwright.core.records.summary import SummarySpan
from millwright.monitoring.live.counting import count_rows
from millwright.monitoring.live.known import KnownVersions
from millwright.monitoring.live.latency import LatencyHistogram
from millwright.monitoring.live.span import SpanKey, SpanSummary, begin_of

NOON = datetime(2026, 1, 15, 12, 34, 56, 7, tzinfo=UTC)


def key(**changes: Any) -> SpanKey:
    fields = {
        "endpoint": "e", "model": "m", "version": 1, "grid": "", "span": SummarySpan.HOUR,
        "start": begin_of(NOON, SummarySpan.HOUR),
    }  # fmt: skip
    return SpanKey(**fields | changes)


def test_spans_begin_with_the_hour_and_the_day():
    assert begin_of(NOON, SummarySpan.HOUR) == datetime(2026, 1, 15, 12, tzinfo=UTC)
    assert begin_of(NOON, SummarySpan.DAY) == datetime(2026, 1, 15, tzinfo=UTC)


def test_summary_without_cells_comes_back_from_its_record():
    summary = SpanSummary(rows=3, last_at=NOON, latency=LatencyHistogram.of(np.array([1.0, 2.0, 3.0])))
    record = summary.to_record(key())
    assert SpanKey.of(record) == key()
    assert record.cells == b""
    found = SpanSummary.of(record, None)
    assert (found.rows, found.last_at, found.latency.rows, found.table) == (3, NOON, 3, None)


def test_summary_with_cells_comes_back_and_merges(world: Any, draw_rows: Any):
    world.register()
    version = KnownVersions(world.stores).find("delay", 1)
    world.log(draw_rows(20))
    summary = count_rows(list(world.stores.predictions.iter_tables("delay")), version)
    record = summary.to_record(key(grid=version.digest))
    merged = summary.merge(SpanSummary.of(record, version.grid))
    assert merged.table is not None
    assert (merged.rows, merged.table.rows, merged.latency.rows) == (40, 40, 40)
    assert SpanSummary.of(record, None).table is None
