"""Which index a search of runs begins with: that of its order, or that of a condition which few rows meet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from millwright.core.records.search import Comparison, Kind
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.run_table import HEAD
from millwright.storage.backends.sql.search_comparison import Sql
from millwright.storage.backends.sql.search_condition import metric_value, pair_table, pair_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from millwright.core.records.search import Condition

# Looking so many rows up and sorting them takes some tens of milliseconds; counting them, one.
_FEW = 15_000
_FEW_TO_SORT = 1000  # when others are found in order, and need no sorting


class Start(NamedTuple):
    """The rows to begin with: those of a table `s` that meet a condition, each with its `run`.

    Attributes:
        by_start: Whether they are found in the order of their runs' starts.
    """

    table: str
    where: Sql
    by_start: bool = False


def start_of(
    connection: Connection, parts: Sequence[Condition], experiment: int, limit: int, *, by_start: bool
) -> Start | None:
    """The condition to begin with; None to go along the order until the page is full.

    Going along the order looks at about `limit * runs / found` runs, beginning with a condition at `found`; at no more
    than `limit` when what is found by a condition comes in the order that is wanted.

    Args:
        connection: A connection.
        parts: What must all be true.
        experiment: The experiment's number.
        limit: How many runs are wanted.
        by_start: Whether they are wanted in the order of their starts.
    """
    sqlite = driver.is_sqlite(connection)
    starts = [start for part in parts if (start := _start(part, experiment, sqlite=sqlite)) is not None]
    if not starts:
        return None
    runs = driver.run(connection, "SELECT max(seq) FROM runs").fetchone()[0] or 0
    best, fewest = None, _FEW + 1
    for start in starts:
        found = _count(connection, start, fewest)
        if found < fewest:
            best, fewest = start, found
    in_order = next((start for start in starts if start.by_start), None) if by_start else None
    most = _FEW_TO_SORT if in_order is not None else _FEW
    if best is not None and fewest < most and fewest * fewest < 2 * (limit + 1) * runs:
        return best._replace(by_start=best.by_start and by_start)
    return in_order


def _count(connection: Connection, start: Start, most: int) -> int:
    statement = f"SELECT count(*) FROM (SELECT 1 FROM {start.table} s WHERE {start.where.text} LIMIT ?) f"  # noqa: S608
    return int(driver.run(connection, statement, (*start.where.values, most)).fetchone()[0])


def _start(part: Condition, experiment: int, *, sqlite: bool) -> Start | None:
    if not isinstance(part, Comparison):
        return None
    kind, key = part.field.kind, part.field.key
    if kind is Kind.METRIC and part.op in ("=", "<", "<=", ">", ">="):
        value = metric_value("s", part)
        where = Sql(f"s.experiment = ? AND s.key = ? AND {value.text}", (experiment, key, *value.values))
        return Start("metrics", where, by_start=part.op == "=")
    if kind in (Kind.PARAM, Kind.TAG) and isinstance(part.value, str):
        return _pair_start(part, part.value, experiment, sqlite=sqlite)
    return None


def _pair_start(part: Comparison, text: str, experiment: int, *, sqlite: bool) -> Start | None:
    if part.op == "=":
        value = pair_value("s", part, sqlite=sqlite)
    elif part.op.upper() == "LIKE" and (prefix := re.split("[%_]", text, maxsplit=1)[0][:HEAD]):
        value = Sql("s.head >= ? AND s.head < ?", (prefix, prefix[:-1] + chr(min(ord(prefix[-1]) + 1, 0x10FFFF))))
    else:
        return None
    where = Sql(f"s.experiment = ? AND s.key = ? AND {value.text}", (experiment, part.field.key, *value.values))
    return Start(pair_table(part.field.kind), where, by_start=part.op == "=")
