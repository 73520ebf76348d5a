from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from millwright.core.records.summary import SummarySpan
from millwright.monitoring.live.counting import count_rows, count_tables
from millwright.monitoring.live.known import KnownVersions


def test_rows_are_counted_in_the_hour_and_the_day_of_their_time(world: Any, draw_rows: Any):
    world.register()
    for hours, rows in ((0, 3), (1, 4), (24, 5)):
        world.clock.advance(timedelta(hours=hours))
        world.log(draw_rows(rows))
    counted = count_tables(world.stores.predictions.iter_tables("delay"), KnownVersions(world.stores))
    found = {(key.span, key.start.day, key.start.hour): each.rows for key, each in counted.spans.items()}
    assert found == {
        (SummarySpan.HOUR, 15, 12): 3,
        (SummarySpan.HOUR, 15, 13): 4,
        (SummarySpan.HOUR, 16, 13): 5,
        (SummarySpan.DAY, 15, 0): 7,
        (SummarySpan.DAY, 16, 0): 5,
    }
    assert counted.rows == 12
    assert counted.last_at == max(each.at for each in world.stores.predictions.iter("delay"))


def test_rows_of_a_version_without_reference_are_counted_without_columns_and_told(world: Any, draw_rows: Any):
    world.register(reference=False)
    world.log(draw_rows(3))
    world.log(draw_rows(2), version=7)
    counted = count_tables(world.stores.predictions.iter_tables("delay"), KnownVersions(world.stores))
    assert counted.skipped == {"delay@1": 3, "delay@7": 2}
    assert len(counted.reasons) == 2
    assert counted.rows == 5
    assert all(each.table is None and each.latency.rows == each.rows for each in counted.spans.values())


def test_count_is_that_of_the_same_rows_in_one_piece(world: Any, draw_rows: Any):
    world.register()
    for seed in range(3):
        world.log(draw_rows(20, seed=seed))
    version = KnownVersions(world.stores).find("delay", 1)
    tables = list(world.stores.predictions.iter_tables("delay"))
    whole = count_rows(tables, version).table
    parts = [count_rows([table], version).table for table in tables]
    merged = parts[2].merge(parts[0]).merge(parts[1])  # type: ignore[union-attr, arg-type]
    assert len(tables) == 3
    for column, summary in merged.columns.items():
        assert (summary.counts == whole.columns[column].counts).all()  # type: ignore[union-attr, attr-defined]


def test_values_that_do_not_fit_their_column_count_as_missing(world: Any, draw_rows: Any):
    world.register()
    (record,) = world.log(draw_rows(1))
    odd = replace(record, features={**record.features, "start": "no date", "days": "many", "urgent": [1]})
    world.stores.predictions.append([odd])
    version = KnownVersions(world.stores).find("delay", 1)
    table = count_rows(list(world.stores.predictions.iter_tables("delay")), version).table
    assert table is not None
    missing = {column.name: summary.missing for column, summary in table.columns.items()}  # type: ignore[attr-defined]
    assert missing == {"days": 1, "phase": 0, "urgent": 1, "start": 1, "prediction": 0, "probability": 0}


def test_segments_with_other_columns_and_types_are_counted_together(world: Any, draw_rows: Any):
    world.register()
    (first, second) = world.log(draw_rows(2))
    odd = [
        replace(first, features={"days": 3}),
        replace(second, features={**second.features, "days": "4.5", "phase": None, "more": 1}, outputs={}),
    ]
    for each in odd:
        world.stores.predictions.append([each])
    counted = count_tables(world.stores.predictions.iter_tables("delay"), KnownVersions(world.stores))
    table = next(iter(counted.spans.values())).table
    assert table is not None
    missing = {column.name: summary.missing for column, summary in table.columns.items()}  # type: ignore[attr-defined]
    assert missing == {"days": 0, "phase": 2, "urgent": 1, "start": 1, "prediction": 1, "probability": 1}
    assert counted.rows == 4


def test_nothing_is_counted_of_no_rows(world: Any):
    counted = count_tables([], KnownVersions(world.stores))
    assert (counted.rows, counted.last_at, counted.spans) == (0, None, {})
