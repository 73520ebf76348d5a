"""Searches of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.records.search import Comparison, Kind, Page
from millwright.storage.backends.sql import driver, run_order, run_row
from millwright.storage.backends.sql.search_comparison import Sql, joined
from millwright.storage.backends.sql.search_condition import compiled, conjuncts, metric_value, run_test
from millwright.storage.backends.sql.search_key import behind, merged, order_by
from millwright.storage.backends.sql.search_start import start_of
from millwright.storage.backends.sql.token import read_token, write_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from millwright.core.ids import ExperimentId
    from millwright.core.records.experiment import Lifecycle
    from millwright.core.records.run import RunRecord
    from millwright.core.records.search import Condition, Order, Query
    from millwright.storage.backends.sql.run_order import Segment

_DIRECT = ("=", "IN")


def search_runs(
    connection: Connection, query: Query, experiment_ids: Sequence[ExperimentId], lifecycle: Lifecycle | None
) -> Page[RunRecord]:
    """A page of runs.

    Raises:
        InvalidInputError: The token is not of this query, or a field is not one that can be searched.
    """
    order = run_order.completed(query.order)
    asked = ("runs", query.where, query.order, sorted(set(experiment_ids)), lifecycle)
    width = len(run_order.segments(order)[0].keys)
    place = None if query.after is None else read_token(query.after, asked, width)
    search = _Search(connection, query, order, lifecycle, place)
    rows: list[Any] = []
    for experiment in _numbers(connection, experiment_ids):
        rows += search.rows_of(experiment)
    rows = merged(rows, search.merge_keys)
    token = write_token(asked, list(rows[query.limit - 1][1:])) if 0 < query.limit < len(rows) else None
    chosen = [row[0] for row in rows[: query.limit]]
    return Page(items=tuple(run_row.records(connection, chosen)), next_token=token)


def _numbers(connection: Connection, experiment_ids: Sequence[ExperimentId]) -> list[int]:
    numbers: list[int] = []
    wanted = list(dict.fromkeys(experiment_ids))
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        statement = f"SELECT seq FROM experiments WHERE id IN ({driver.marks(len(part))})"  # noqa: S608 - constants
        numbers += [seq for (seq,) in driver.run(connection, statement, part)]
    return numbers


class _Search:
    """One search, of one experiment after the other: each has its own stretch of every index."""

    def __init__(
        self,
        connection: Connection,
        query: Query,
        order: Sequence[Order],
        lifecycle: Lifecycle | None,
        place: list[Any] | None,
    ) -> None:
        self._connection = connection
        self._sqlite = driver.is_sqlite(connection)
        self._order = order
        self._parts = conjuncts(query.where)
        self._wanted = query.limit + 1
        self._place = place
        self._lifecycle = lifecycle
        self._segments = run_order.segments(order)
        # Ranks are fixed inside a segment; between segments they are what is sorted first.
        self.merge_keys = self._segments[0].keys

    def rows_of(self, experiment: int) -> list[Any]:
        start, segments = None, self._segments
        if self._names_its_runs():
            segments = [run_order.plain(self._order)]
        else:
            by_start = self._order[0].field == run_order.START
            start = start_of(self._connection, self._parts, experiment, self._wanted, by_start=by_start)
            if start is not None:
                segments = [run_order.plain(self._order, "s" if start.by_start else "r")]
        rows: list[Any] = []
        for segment in segments:
            if len(rows) >= self._wanted or self._is_past(segment) or self._is_empty(segment):
                continue
            source, where = segment.source, [segment.where]
            if start is not None:
                source = f"{start.table} s CROSS JOIN {source}"
                where += [Sql("r.seq = s.run"), start.where]
            where += [
                Sql(f"{segment.experiment}.experiment = ?", (experiment,)),
                *self._conditions(segment, "r.seq" if start is None else "s.run"),
            ]
            rows += self._fetched(source, where, segment, self._wanted - len(rows))
        return rows

    def _fetched(self, source: str, where: list[Sql], segment: Segment, limit: int) -> list[Any]:
        whole = joined(where, "AND", "1 = 1")
        columns = ", ".join(key.text for key in segment.keys)
        statement = (
            f"SELECT r.seq, {columns} FROM {source} WHERE {whole.text} "  # noqa: S608 - pieces of this package
            f"ORDER BY {order_by(segment.keys)} LIMIT ?"
        )
        rows: list[Any] = driver.run(self._connection, statement, (*whole.values, limit)).fetchall()
        return rows

    def _conditions(self, segment: Segment, run: str) -> list[Sql]:
        found = []
        if self._lifecycle is not None:
            found.append(Sql("r.lifecycle = ?", (self._lifecycle.value,)))
        run = "o.run" if segment.experiment == "o" else run
        for part in self._parts:
            if self._is_of_order(part) and segment.experiment == "o" and isinstance(part, Comparison):
                found.append(metric_value("o", part))  # the row is at hand already
            else:
                test = compiled(part, run_test, sqlite=self._sqlite)
                # Asked of the row at hand: the run is looked up only when everything else is true.
                found.append(Sql(test.text.replace("x.run = r.seq", f"x.run = {run}"), test.values))
        if self._place is not None and (not self._has_ranks(segment) or segment.rank == self._place[0]):
            found.append(behind(segment.keys, self._place))
        return found

    @staticmethod
    def _has_ranks(segment: Segment) -> bool:
        return segment.keys[0].fixed

    def _is_past(self, segment: Segment) -> bool:
        """Whether everything in it came on an earlier page."""
        return self._place is not None and self._has_ranks(segment) and segment.rank < self._place[0]

    def _is_empty(self, segment: Segment) -> bool:
        """Whether a condition on the very metric that is sorted by leaves nothing in it."""
        if segment.rank == 0:
            return False
        return any(self._is_of_order(part) for part in self._parts)

    def _is_of_order(self, part: Condition) -> bool:
        first = self._order[0].field
        return (
            isinstance(part, Comparison)
            and part.field == first
            and first.kind is Kind.METRIC
            and part.op in ("=", "<", "<=", ">", ">=")
        )

    def _names_its_runs(self) -> bool:
        return any(
            isinstance(part, Comparison)
            and part.field.kind is Kind.ATTRIBUTE
            and part.field.key == "run_id"
            and part.op.upper() in _DIRECT
            for part in self._parts
        )
