"""Numbers over many traces in SQL: one statement for each question, on both databases the same."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.core.records.trace_metric import (
    Aggregate,
    TraceCounts,
    TraceMetricGroup,
    TraceMetricQuery,
    TraceView,
)
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.column import Moment
from millwright.storage.backends.sql.search_comparison import Sql, joined
from millwright.storage.backends.sql.trace_condition import STATUS, trace_condition
from millwright.storage.base.trace_metrics import TraceMetricStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.ids import ExperimentId
    from millwright.core.records.search import Condition
    from millwright.storage.backends.sql.database import Database

_MICROSECOND = timedelta(microseconds=1)
_LAST_NS = 2**63 - 1
_MOMENT = Moment()
_TOKENS = ("input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_COSTS = ("input_cost", "output_cost", "total_cost")
_FROM = {
    TraceView.TRACES: "traces t",
    TraceView.SPANS: "traces t JOIN trace_spans s ON s.trace_id = t.id",
    TraceView.ASSESSMENTS: "traces t JOIN assessments a ON a.trace_id = t.id AND a.valid",
}
_NAME = "(SELECT n.value FROM trace_tags n WHERE n.trace_id = t.id AND n.key = 'mlflow.traceName')"
_DIMENSIONS = {
    TraceView.TRACES: {"trace_name": _NAME, "trace_status": STATUS},
    TraceView.SPANS: {
        "span_name": "s.name",
        "span_type": "s.type",
        "span_status": "s.status",
        "span_model_name": "s.model",
        "span_model_provider": "s.provider",
    },
    TraceView.ASSESSMENTS: {"assessment_name": "a.name", "assessment_value": "a.value"},
}
_ALSO = {
    TraceView.TRACES: {},
    TraceView.SPANS: {"name": "s.name", "status": "s.status", "type": "s.type"},
    TraceView.ASSESSMENTS: {"name": "a.name", "type": "a.kind"},
}
# Numbers as they are; of other answers those that say yes or no.
_ASSESSED = (
    "CASE WHEN a.number IS NOT NULL THEN a.number WHEN a.value = 'true' THEN 1.0 WHEN a.value = 'false' THEN 0.0 "
    "WHEN lower(trim(a.value, '\" ')) = 'yes' THEN 1.0 WHEN lower(trim(a.value, '\" ')) = 'no' THEN 0.0 END"
)
_AGGREGATES = {
    Aggregate.COUNT: "count(q.v)",
    Aggregate.SUM: "sum(q.v)",
    Aggregate.AVERAGE: "avg(q.v)",
    Aggregate.MINIMUM: "min(q.v)",
    Aggregate.MAXIMUM: "max(q.v)",
}


class SqlTraceMetricStore(TraceMetricStore):
    """See `TraceMetricStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def query(self, query: TraceMetricQuery) -> list[TraceMetricGroup]:
        """See `TraceMetricStore.query`."""
        if not query.experiment_ids:
            return []
        with self._database.read() as connection:
            statement = _statement(query, sqlite=driver.is_sqlite(connection))
            rows = driver.run(connection, statement.text, statement.values).fetchall()
        return [_group(query, row) for row in rows]

    def count(
        self,
        experiment_ids: Sequence[ExperimentId],
        first: Condition | None,
        second: Condition | None,
        base: Condition | None = None,
    ) -> TraceCounts:
        """See `TraceMetricStore.count`."""
        with self._database.read() as connection:
            sqlite = driver.is_sqlite(connection)
            one, two, all_ = (trace_condition(each, sqlite=sqlite) for each in (first, second, base))
            statement = (
                f"SELECT sum(q.a), sum(q.b), sum(q.a * q.b), count(*) FROM (SELECT CASE WHEN {one.text} THEN 1 ELSE 0 "  # noqa: S608
                f"END AS a, CASE WHEN {two.text} THEN 1 ELSE 0 END AS b FROM traces t WHERE t.experiment_id IN "
                f"({driver.marks(len(experiment_ids))}) AND {all_.text}) q"
            )
            values = (*one.values, *two.values, *experiment_ids, *all_.values)
            row = driver.run(connection, statement, values).fetchone() if experiment_ids else (0, 0, 0, 0)
        return TraceCounts(*(int(each or 0) for each in row))


def _statement(query: TraceMetricQuery, *, sqlite: bool) -> Sql:
    value = _value(query, sqlite=sqlite)
    keys = [_dimension(query, name) for name in query.dimensions]
    where = [*_where(query, sqlite=sqlite), *(Sql(f"{each} IS NOT NULL") for each in (value, *keys))]
    if query.interval is not None:
        keys.insert(0, _interval(query))
    names = [f"k{number}" for number in range(len(keys))]
    inner = [f"{key} AS {name}" for key, name in zip(keys, names, strict=True)]
    inner.append(f"{value} AS v")
    condition = joined(where, "AND", "")
    source = f"SELECT {', '.join(inner)} FROM {_FROM[query.view]} WHERE {condition.text}"  # noqa: S608 - constants
    if any(kind is Aggregate.PERCENTILE for kind, _ in query.aggregates):
        group = f"PARTITION BY {', '.join(f'p.{name}' for name in names)}" if names else ""
        source = (
            f"SELECT p.*, row_number() OVER ({group} ORDER BY p.v) - 1 AS r, "  # noqa: S608 - constants
            f"count(*) OVER ({group}) - 1 AS n FROM ({source}) p"
        )
    chosen = [f"q.{name}" for name in names]
    asked = [*chosen, *(_aggregate(query, kind, at) for kind, at in query.aggregates)]
    order = f" GROUP BY {', '.join(chosen)} ORDER BY {', '.join(chosen)}" if chosen else ""
    text = f"SELECT {', '.join(asked)} FROM ({source}) q{order} LIMIT ?"  # noqa: S608 - constants
    return Sql(text, (*condition.values, query.limit))


def _value(query: TraceMetricQuery, *, sqlite: bool) -> str:
    metrics: dict[str, str] = {}
    if query.view is TraceView.TRACES:
        session = "(SELECT m.value FROM trace_metadata m WHERE m.trace_id = t.id AND m.key = 'mlflow.trace.session')"
        metrics = {"trace_count": "t.id", "session_count": session, "latency": "t.duration_ms"}
        metrics |= {name: _tokens(name, sqlite=sqlite) for name in _TOKENS}
    elif query.view is TraceView.SPANS:
        metrics = {"span_count": "s.id", "latency": "(s.end_ns - s.start_ns) / 1000000"}
        metrics |= {name: f"s.{name}" for name in _COSTS}
    else:
        metrics = {"assessment_count": "a.id", "assessment_value": _ASSESSED}
    if query.metric not in metrics:
        raise InvalidInputError(f"Expected one of {', '.join(metrics)} of {query.view}, found '{query.metric}'.")
    return metrics[query.metric]


def _tokens(name: str, *, sqlite: bool) -> str:
    # Clients write the JSON: whatever it is, the question is to be answered.
    held = (
        f"CASE WHEN json_valid(m.value) THEN CASE json_type(m.value, '$.{name}') WHEN 'integer' THEN "
        f"json_extract(m.value, '$.{name}') END END"
        if sqlite
        else f"CAST(substring(m.value from '\"{name}\"\\s*:\\s*(-{{0,1}}[0-9]{{1,18}})\\s*[,}}]') AS bigint)"
    )
    key = "mlflow.trace.tokenUsage"
    return f"(SELECT {held} FROM trace_metadata m WHERE m.trace_id = t.id AND m.key = '{key}')"  # noqa: S608 - constants


def _dimension(query: TraceMetricQuery, name: str) -> str:
    known = _DIMENSIONS[query.view]
    if name not in known:
        raise InvalidInputError(f"Expected one of {', '.join(known)} for {query.view}, found '{name}'.")
    return known[name]


def _interval(query: TraceMetricQuery) -> str:
    length = max(1, (query.interval or _MICROSECOND) // _MICROSECOND)
    column = "t.requested_at"
    if query.view is TraceView.SPANS:
        column, length = "s.start_ns", length * 1000
    divided = 1000 if query.view is TraceView.SPANS else 1
    # The remainder of what lies before 1970 is negative.
    return f"({column} - (({column} % {length}) + {length}) % {length}) / {divided}"


def _where(query: TraceMetricQuery, *, sqlite: bool) -> list[Sql]:
    ids = tuple(query.experiment_ids)
    where = [Sql(f"t.experiment_id IN ({driver.marks(len(ids))})", ids)]
    by_span = query.metric in _COSTS
    for moment, sign in ((query.start, ">="), (query.end, "<=")):
        if moment is None:
            continue
        microseconds = _MOMENT.process_bind_param(moment, _NO_DIALECT) or 0
        if by_span:
            edge = microseconds * 1000 + (999_999 if sign == "<=" else 0)
            where.append(Sql(f"s.start_ns {sign} ?", (max(-_LAST_NS, min(edge, _LAST_NS)),)))
        else:
            where.append(Sql(f"t.requested_at {sign} ?", (microseconds,)))
    where.append(trace_condition(query.where, sqlite=sqlite))
    for name, value in query.also:
        column = _ALSO[query.view].get(name)
        if column is None:
            raise InvalidInputError(f"Expected a condition that {query.view} have, found one on '{name}'.")
        where.append(Sql(f"{column} = ?", (value,)))
    return where


_NO_DIALECT: Any = None


def _aggregate(query: TraceMetricQuery, kind: Aggregate, at: float | None) -> str:
    if kind is Aggregate.COUNT and query.metric == "session_count":
        return "count(DISTINCT q.v)"
    if kind is not Aggregate.PERCENTILE:
        return _AGGREGATES[kind]
    if at is None or not 0 <= at <= 100:
        raise InvalidInputError(f"Expected a percentile between 0 and 100, found {at}.")
    # Each value weighs 1 less its distance from the place asked for, so that the two nearest ones are interpolated.
    distance = f"abs(q.r - {at / 100!r} * q.n)"
    return f"sum(CASE WHEN {distance} < 1 THEN q.v * (1 - {distance}) ELSE 0 END)"


def _group(query: TraceMetricQuery, row: Sequence[Any]) -> TraceMetricGroup:
    keys = list(row[: len(row) - len(query.aggregates)])
    begins = _MOMENT.process_result_value(int(keys.pop(0)), _NO_DIALECT) if query.interval is not None else None
    values = row[len(row) - len(query.aggregates) :]
    return TraceMetricGroup(
        values=[None if value is None else float(value) for value in values],
        begins=begins,
        dimensions=dict(zip(query.dimensions, keys, strict=True)),
    )
