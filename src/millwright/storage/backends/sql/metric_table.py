"""Writes metric points, and keeps each metric's summary as they come."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.moment import micros

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from millwright.core.records.run import MetricPoint
    from millwright.storage.backends.sql.run_row import RunKey

    Row = tuple[int, int, float, bool]  # step, at, value, is_nan: sorts as points are ranked

_KEYS_IN_ONE_STATEMENT = 500  # far below the 32,766 bound values of SQLite

_KNOWN = "SELECT key, seq, step, at, value, is_nan, count, minimum, maximum FROM metrics WHERE run = ?"
_INSERT = (
    "INSERT INTO metrics (run, experiment, started_at, key, step, at, value, is_nan, count, minimum, maximum) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq"
)
_UPDATE = "UPDATE metrics SET step=?, at=?, value=?, is_nan=?, count=?, minimum=?, maximum=? WHERE seq=?"
_POINT = "INSERT INTO metric_points (metric, step, at, value, is_nan) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
# One statement for thousands of points: a round trip for each would take PostgreSQL's time, not the disk's.
_POINTS = (
    "INSERT INTO metric_points (metric, step, at, value, is_nan) SELECT * FROM unnest"
    "(?::bigint[], ?::bigint[], ?::bigint[], ?::double precision[], ?::boolean[]) ON CONFLICT DO NOTHING"
)
_OF_MODEL = (
    "INSERT INTO logged_model_metrics (model_id, key, step, at, run, value, is_nan, dataset_name, dataset_digest) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)


@dataclass(slots=True)
class _Summary:
    seq: int
    last: Row
    count: int
    minimum: float | None
    maximum: float | None

    def add(self, rows: Sequence[Row]) -> None:
        # The last of equal ranks stays the same; so does the result, in whatever order points arrive.
        self.last = max(self.last, *rows)
        values = [row[2] for row in rows if not row[3]]
        if values:
            low, high = min(values), max(values)
            self.minimum = low if self.minimum is None else min(self.minimum, low)
            self.maximum = high if self.maximum is None else max(self.maximum, high)


def append(connection: Connection, run: RunKey, points: Sequence[MetricPoint]) -> None:
    """Add points of a run that nobody else writes to in this moment; equal points are stored once."""
    if not points:
        return
    by_key: dict[str, list[Row]] = {}
    for point in points:
        row = _row(point)
        rows = by_key.get(point.key)
        if rows is None:
            by_key[point.key] = [row]
        else:
            rows.append(row)
    known = _known(connection, run, by_key)
    changed = [key for key in by_key if key in known]
    for key in changed:
        known[key].add(by_key[key])
    for key, rows in by_key.items():
        if key not in known:
            known[key] = _create(connection, run, key, rows)
    stored = _add_points(connection, [(known[key].seq, *row) for key, rows in by_key.items() for row in rows])
    if stored == len(points):
        for key in changed:
            known[key].count += len(by_key[key])
    else:  # some were there already, or came twice
        _count(connection, known.values())
        changed = list(by_key)
    _update(connection, [known[key] for key in changed])
    _add_of_models(connection, run, points)


def _known(connection: Connection, run: RunKey, keys: Mapping[str, Any]) -> dict[str, _Summary]:
    if len(keys) <= _KEYS_IN_ONE_STATEMENT:
        rows = driver.run(connection, f"{_KNOWN} AND key IN ({driver.marks(len(keys))})", (run.seq, *keys))
    else:
        rows = driver.run(connection, _KNOWN, (run.seq,))
    return {
        key: _Summary(seq, (step, at, value, bool(is_nan)), count, low, high)
        for key, seq, step, at, value, is_nan, count, low, high in rows
        if key in keys
    }


def _create(connection: Connection, run: RunKey, key: str, rows: Sequence[Row]) -> _Summary:
    summary = _Summary(0, max(rows), len(rows), None, None)
    summary.add(rows)
    values = (run.seq, run.experiment, run.started_at, key, *summary.last, len(rows), summary.minimum, summary.maximum)
    summary.seq = driver.run(connection, _INSERT, values).fetchone()[0]
    return summary


def _add_points(connection: Connection, rows: list[tuple[int, int, int, float, bool]]) -> int:
    if driver.is_sqlite(connection):
        return driver.run_many(connection, _POINT, rows)
    return int(driver.run(connection, _POINTS, [list(column) for column in zip(*rows, strict=True)]).rowcount)


def _count(connection: Connection, summaries: Any) -> None:
    for summary in summaries:
        found = driver.run(connection, "SELECT count(*) FROM metric_points WHERE metric = ?", (summary.seq,))
        summary.count = found.fetchone()[0]


def _update(connection: Connection, summaries: Sequence[_Summary]) -> None:
    rows = [(*each.last, each.count, each.minimum, each.maximum, each.seq) for each in summaries]
    if rows:
        driver.run_many(connection, _UPDATE, rows)


def _row(point: MetricPoint) -> Row:
    value = point.value
    return (point.step, micros(point.at), 0.0, True) if isnan(value) else (point.step, micros(point.at), value, False)


def _add_of_models(connection: Connection, run: RunKey, points: Sequence[MetricPoint]) -> None:
    rows = []
    for point in points:
        if point.model_id:
            step, at, value, is_nan = _row(point)
            measured_on = (point.dataset_name, point.dataset_digest)
            rows.append((point.model_id, point.key, step, at, run.seq, value, is_nan, *measured_on))
    if rows:
        driver.run_many(connection, _OF_MODEL, rows)
