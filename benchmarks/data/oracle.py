"""What a training set must hold, found by another algorithm in another engine: DuckDB, a join and a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.data.events import FEATURES, TTL_DAYS

if TYPE_CHECKING:
    import polars as pl
    from benchmarks.data.events import Files

_QUERY = """
WITH events AS (SELECT *, file_row_number AS position FROM read_parquet('{events}', file_row_number = true)),
found AS (
    SELECT asked.row, events.*, row_number() OVER (
        PARTITION BY asked.row ORDER BY happened DESC, recorded DESC, position DESC) AS place
    FROM read_parquet('{rows}') AS asked JOIN events USING (driver)
    WHERE happened <= event_timestamp AND happened >= event_timestamp - INTERVAL {ttl} DAY {known}
)
SELECT asked.row, {features} FROM read_parquet('{rows}') AS asked
LEFT JOIN (SELECT * FROM found WHERE place = 1) AS newest USING (row) ORDER BY asked.row
"""


def expected(files: Files, *, as_known: bool) -> pl.DataFrame:
    """The right values: columns `row` and the features, in the order of the rows.

    Args:
        files: Events and rows.
        as_known: Whether what was recorded only later does not count.
    """
    import duckdb

    query = _QUERY.format(
        events=files.events,
        rows=files.rows,
        ttl=TTL_DAYS,
        features=", ".join(FEATURES),
        known="AND recorded <= event_timestamp" if as_known else "",
    )
    with duckdb.connect() as connection:
        return connection.sql(query).pl()
