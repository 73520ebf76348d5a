"""Downsampling inside the database that keeps what a chart must show: both ends, and each stretch's extremes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.storage.backends.sql import driver

if TYPE_CHECKING:
    from sqlalchemy import Connection

    Row = tuple[int, int, float, bool]  # step, at, value, is_nan

_COLUMNS = "step, at, value, is_nan"
_ORDER = "step, at, value, is_nan"


def sample(connection: Connection, metric: int, points: int, start: int | None, end: int | None) -> list[Row]:
    """Some points of a metric, by step and time.

    Args:
        connection: A connection.
        metric: The metric's number.
        points: How many at most, ≥ 4.
        start: The first step, if it matters.
        end: The last step, if it matters.
    """
    where, values = "metric = ?", [metric]
    for bound, step in ((">=", start), ("<=", end)):
        if step is not None:
            where, values = f"{where} AND step {bound} ?", [*values, step]
    chosen = f"SELECT {_COLUMNS} FROM metric_points WHERE {where}"  # noqa: S608 - constants
    rows = _fetched(connection, f"{chosen} ORDER BY {_ORDER} LIMIT ?", [*values, points + 1])
    if len(rows) <= points:
        return rows
    first = rows[0]
    last = _fetched(connection, f"{chosen} ORDER BY step DESC, at DESC, value DESC, is_nan DESC LIMIT 1", values)[0]
    # Where every point has the same step, time is what the chart runs along.
    axis = "step" if first[0] != last[0] else "at"
    low, high = (first[0], last[0]) if axis == "step" else (first[1], last[1])
    stretches = max((points - 2) // 2, 1)
    bucket = f"CAST((CAST({axis} AS DOUBLE PRECISION) - ?) * ? / ? AS INTEGER)"
    spread = [float(low), stretches * (1 - 1e-9), max(float(high) - float(low), 1.0)]
    extremes = _extremes(connection, bucket, spread, (f"{where} AND is_nan = ?", [*values, False]))
    return sorted({first, last, *extremes})


def _extremes(connection: Connection, bucket: str, spread: list[float], chosen: tuple[str, list[Any]]) -> list[Row]:
    where, values = chosen
    if driver.is_sqlite(connection):
        # SQLite promises that the other columns come from the row that has the extreme.
        return [
            row[1:]
            for extreme in ("min", "max")
            for row in _fetched(
                connection,
                f"SELECT {extreme}(value), step, at, value, is_nan FROM metric_points "  # noqa: S608 - constants
                f"WHERE {where} GROUP BY {bucket}",
                [*values, *spread],
            )
        ]
    bucket = bucket.replace("CAST((", "CAST(trunc((").replace(" AS INTEGER)", ") AS INTEGER)")
    return [
        row[1:]
        for direction in ("ASC", "DESC")
        for row in _fetched(
            connection,
            f"SELECT DISTINCT ON (b) b, {_COLUMNS} FROM (SELECT {bucket} AS b, {_COLUMNS} "  # noqa: S608 - constants
            f"FROM metric_points WHERE {where}) p ORDER BY b, value {direction}, step, at",
            [*spread, *values],
        )
    ]


def _fetched(connection: Connection, statement: str, values: list[Any]) -> list[Any]:
    rows: list[Any] = driver.run(connection, statement, values).fetchall()
    return rows
