"""Metric points in SQL, and the latest value of each metric, kept up to date as points come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.records.run import MetricPoint
from millwright.storage.backends.sql.run_table import METRIC_POINTS, METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from millwright.core.ids import RunId
    from millwright.storage.backends.sql.database import Database

_KEYS_IN_ONE_STATEMENT = 500  # far below the 32,766 bound values of SQLite


def float_of(value: float, *, is_nan: bool) -> float:
    """The float of a stored pair: NaN, or the value."""
    return math.nan if is_nan else value


class MetricTable:
    """Writes and reads the metrics of runs inside a connection's transaction."""

    def __init__(self, database: Database) -> None:
        insert = database.insert(METRICS)
        newer = sa.or_(
            insert.excluded.step > METRICS.c.step,
            sa.and_(insert.excluded.step == METRICS.c.step, insert.excluded.at >= METRICS.c.at),
        )
        changed = {name: insert.excluded[name] for name in ("step", "at", "value", "is_nan")}
        self._put_latest = insert.on_conflict_do_update(index_elements=["run_id", "key"], set_=changed, where=newer)
        self._add_points = database.insert(METRIC_POINTS).on_conflict_do_nothing()

    def append(self, connection: Connection, run_id: RunId, points: Sequence[MetricPoint]) -> None:
        """Add points of a run that exists; equal points are stored once."""
        if not points:
            return
        latest: dict[str, MetricPoint] = {}
        for point in points:
            known = latest.get(point.key)
            if known is None or (point.step, point.at) >= (known.step, known.at):
                latest[point.key] = point
        # In the order of their keys: writers of the same metrics then never wait for each other in a circle.
        newest = [{"run_id": run_id, "key": key, **_values(latest[key])} for key in sorted(latest)]
        connection.execute(self._put_latest, newest)
        metrics = self._numbers(connection, run_id, latest)
        connection.execute(self._add_points, [{"metric": metrics[p.key], **_values(p)} for p in points])

    def history(self, connection: Connection, run_id: RunId, key: str) -> list[MetricPoint]:
        """A metric's points by step, then time."""
        points = METRIC_POINTS.c
        statement = (
            sa.select(points.step, points.at, points.value, points.is_nan)
            .join(METRICS, METRICS.c.seq == points.metric)
            .where(METRICS.c.run_id == run_id, METRICS.c.key == key)
            .order_by(points.step, points.at)
        )
        return [
            MetricPoint(key=key, value=float_of(value, is_nan=is_nan), step=step, at=at)
            for step, at, value, is_nan in connection.execute(statement)
        ]

    @staticmethod
    def _numbers(connection: Connection, run_id: RunId, keys: Mapping[str, Any]) -> dict[str, int]:
        statement = sa.select(METRICS.c.key, METRICS.c.seq).where(METRICS.c.run_id == run_id)
        if len(keys) <= _KEYS_IN_ONE_STATEMENT:
            statement = statement.where(METRICS.c.key.in_(keys))
        return {key: number for key, number in connection.execute(statement)}  # noqa: C416 - rows are not pairs


def _values(point: MetricPoint) -> dict[str, Any]:
    nan = math.isnan(point.value)
    return {"step": point.step, "at": point.at, "value": 0.0 if nan else float(point.value), "is_nan": nan}
