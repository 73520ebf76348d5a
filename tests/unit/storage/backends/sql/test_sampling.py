from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.run import MetricPoint
from millwright.storage.backends.sql import metric_table, run_row, sampling
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.core.records.run import RunRecord
    from millwright.storage.backends.sql.database import Database


def test_sample_of_a_metric_without_points_is_empty(place: tuple[Database, list[RunRecord]]) -> None:
    database, _runs = place
    with database.read() as connection:
        assert sampling.sample(connection, 1, 10, None, None) == []


def test_sample_stays_inside_its_steps_and_its_size(place: tuple[Database, list[RunRecord]]) -> None:
    database, runs = place
    points = [MetricPoint(key="m", value=float(step % 97), step=step, at=sample.NOON) for step in range(1000)]
    with database.write() as connection:
        metric_table.append(connection, run_row.find(connection, runs[0].id), points)
        for size in (4, 5, 10, 101, 500):
            rows = sampling.sample(connection, 1, size, 100, 899)
            assert size / 2 - 2 <= len(rows) <= size
            assert (rows[0][0], rows[-1][0]) == (100, 899)
            assert rows == sorted(rows)
