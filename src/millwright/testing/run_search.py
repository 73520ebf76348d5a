"""Conformance of `RunStore.search`: every answer is compared with one that plain Python works out from all runs."""
# ruff: noqa: S101

from __future__ import annotations

import math
import random
from dataclasses import replace
from fnmatch import translate
from itertools import product
from re import DOTALL, IGNORECASE
from re import compile as pattern_of
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.run import MetricPoint, RunBatch, RunRecord, RunStatus
from millwright.core.records.run_input import DatasetInput
from millwright.core.records.search import All, Any_, Comparison, Field, Kind, Order, Query
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.core.records.search import Condition
    from millwright.storage.catalog import Stores

_RUNS = 60
_LONG = "x" * 70  # longer than what stands in an index


def field(kind: str, key: str) -> Field:
    """A field by the name of its kind."""
    return Field(kind=Kind(kind), key=key)


def compare(kind: str, key: str, op: str, value: Any = None) -> Comparison:
    """A comparison by the name of its field's kind."""
    return Comparison(field=field(kind, key), op=op, value=value)


CONDITIONS: dict[str, Condition | None] = {
    "all": None,
    "metric above": compare("metric", "m", ">", 1.0),
    "metric at most": compare("metric", "m", "<=", 1.0),
    "metric equal": compare("metric", "m", "=", 1.0),
    "metric not equal": compare("metric", "m", "!=", 1.0),
    "metric there": compare("metric", "m", "IS NOT NULL"),
    "metric not there": compare("metric", "m", "IS NULL"),
    "metric infinite": compare("metric", "m", ">", 1e300),
    "other metric": compare("metric", "k", "<", 3.0),
    "param": compare("param", "p", "=", "b"),
    "param not": compare("param", "p", "!=", "b"),
    "param long": compare("param", "p", "=", _LONG + "1"),
    "param like": compare("param", "p", "LIKE", "x%1"),
    "param like capital": compare("param", "p", "LIKE", "B"),
    "param ilike": compare("param", "p", "ILIKE", "B"),
    "param like signs": compare("param", "p", "LIKE", "a*[_"),
    "param absent": compare("param", "p", "IS NULL"),
    "tag": compare("tag", "t ä", "=", "Ä"),
    "tag ilike": compare("tag", "t ä", "ILIKE", "ä%"),
    "tag absent": compare("tag", "nothing", "IS NULL"),
    "status": compare("attribute", "status", "=", "FAILED"),
    "name like": compare("attribute", "run_name", "LIKE", "run-1%"),
    "names": compare("attribute", "run_name", "IN", ("run-3", "run-4", "nothing")),
    "start": compare("attribute", "start_time", ">=", int(sample.moment(3).timestamp() * 1000)),
    "start equal": compare("attribute", "start_time", "=", int(sample.moment(3).timestamp() * 1000)),
    "ended before": compare("attribute", "end_time", "<", int(sample.moment(102).timestamp() * 1000)),
    "dataset": compare("dataset", "name", "=", "d1"),
    "dataset context": compare("dataset", "context", "IN", ("train",)),
    "dataset digest": compare("dataset", "digest", "LIKE", "dig%"),
    "and": All(parts=(compare("metric", "m", ">=", 1.0), compare("param", "p", "=", "b"))),
    "or": Any_(parts=(compare("metric", "m", ">", 1.0), compare("tag", "t ä", "=", "Ä"))),
    "nothing of": Any_(parts=()),
    "nested": All(
        parts=(
            Any_(parts=(compare("param", "p", "=", "b"), compare("param", "p", "=", "c"))),
            All(parts=(compare("metric", "m", "<", 5.0), compare("attribute", "status", "!=", "FAILED"))),
        )
    ),
}

ORDERS: dict[str, tuple[Order, ...]] = {
    "default": (),
    "metric": (Order(field=field("metric", "m")),),
    "metric down": (Order(field=field("metric", "m"), ascending=False),),
    "param": (Order(field=field("param", "p")),),
    "param down, metric": (Order(field=field("param", "p"), ascending=False), Order(field=field("metric", "m"))),
    "tag, end down": (
        Order(field=field("tag", "t ä")),
        Order(field=field("attribute", "end_time"), ascending=False),
    ),
    "end": (Order(field=field("attribute", "end_time")),),
    "start": (Order(field=field("attribute", "start_time")),),
    "status, metrics": (
        Order(field=field("attribute", "status")),
        Order(field=field("metric", "k"), ascending=False),
        Order(field=field("metric", "m")),
    ),
    "id down": (Order(field=field("attribute", "run_id"), ascending=False),),
}


class RunSearchConformance(StoreConformance):
    """Searches of runs; the opener gives the whole `Stores`."""

    @pytest.mark.parametrize("order", ORDERS)
    def test_search_finds_what_python_finds_in_the_same_order(self, store: Stores, order: str) -> None:
        """Whatever the condition, the size of the pages and the experiments."""
        runs = _filled(store)
        experiments = sorted({run.experiment_id for run in runs})
        for (name, where), chosen, limit in product(CONDITIONS.items(), (experiments[:1], experiments), (7, 1000)):
            query = Query(where=where, order=ORDERS[order], limit=limit)
            expected = _expected(store, runs, query, chosen)
            assert _names(_paged(store, query, chosen)) == _names(expected), (name, order, len(chosen), limit)

    def test_found_runs_are_whole_records(self, store: Stores) -> None:
        """With parameters, tags, metrics and their latest points."""
        runs = _filled(store)
        found = _paged(store, Query(limit=9), sorted({run.experiment_id for run in runs}))
        assert {repr(run) for run in found} == {repr(store.runs.get_run(run.id)) for run in runs}

    def test_search_minds_the_lifecycle(self, store: Stores) -> None:
        """Active ones, deleted ones, or both."""
        runs = _filled(store)
        chosen = sorted({run.experiment_id for run in runs})
        store.runs.set_lifecycle(runs[0].id, Lifecycle.DELETED, sample.NOON)
        deleted = store.runs.search(Query(), experiment_ids=chosen, lifecycle=Lifecycle.DELETED).items
        active = store.runs.search(Query(limit=99), experiment_ids=chosen, lifecycle=Lifecycle.ACTIVE).items
        both = store.runs.search(Query(limit=99), experiment_ids=chosen).items
        assert ([run.id for run in deleted], len(active), len(both)) == ([runs[0].id], _RUNS - 1, _RUNS)

    def test_search_passes_over_experiments_that_are_not_there(self, store: Stores) -> None:
        """Nothing is found in them."""
        runs = _filled(store)
        nowhere = ExperimentId("nowhere")
        assert store.runs.search(Query(), experiment_ids=[nowhere]).items == ()
        assert store.runs.search(Query(), experiment_ids=[]).items == ()
        assert store.runs.search(Query(limit=1), experiment_ids=[nowhere, runs[0].experiment_id]).items != ()

    def test_token_of_another_search_is_refused(self, store: Stores) -> None:
        """So is one that was made up."""
        chosen = [_filled(store)[0].experiment_id]
        token = store.runs.search(Query(limit=3), experiment_ids=chosen).next_token
        other = Query(limit=3, where=CONDITIONS["param"], after=token)
        for query in (other, Query(after="x"), Query(after="ä"), Query(after="")):
            with pytest.raises(InvalidInputError, match="page token"):
                store.runs.search(query, experiment_ids=chosen)
        with pytest.raises(InvalidInputError, match="page token"):
            store.runs.search(Query(limit=3, after=token), experiment_ids=chosen, lifecycle=Lifecycle.ACTIVE)

    def test_token_leads_on_while_runs_come_and_go(self, store: Stores) -> None:
        """A run that was not deleted is found once, whatever else changes."""
        runs = _filled(store)
        chosen = sorted({run.experiment_id for run in runs})
        first = store.runs.search(Query(limit=20), experiment_ids=chosen)
        store.runs.purge(first.items[-1].id)
        store.runs.create_run(sample.run(chosen[0], started_at=sample.moment(999)))
        rest = store.runs.search(Query(limit=999, after=first.next_token), experiment_ids=chosen)
        assert sorted(run.id for run in (*first.items, *rest.items)) == sorted(run.id for run in runs)

    @pytest.mark.parametrize(
        "query",
        [
            Query(where=compare("attribute", "colour", "=", "red")),
            Query(where=compare("alias", "x", "=", "red")),
            Query(where=compare("dataset", "x", "=", "red")),
            Query(where=compare("metric", "m", "LIKE", "red")),
            Query(where=compare("metric", "m", "=", "red")),
            Query(where=compare("param", "p", "~", "red")),
            Query(where=compare("attribute", "start_time", "=", "red")),
            Query(order=(Order(field=field("dataset", "name")),)),
            Query(order=(Order(field=field("attribute", "colour")),)),
            Query(order=(Order(field=field("metric", "m")), Order(field=field("metric", "m"), ascending=False))),
        ],
    )
    def test_question_that_makes_no_sense_is_refused(self, store: Stores, query: Query) -> None:
        """The message says what was expected."""
        with pytest.raises(InvalidInputError):
            store.runs.search(query, experiment_ids=[ExperimentId("0")])


def _filled(store: Stores) -> list[RunRecord]:
    """Runs of two experiments, with many ties, gaps and odd values."""
    chance = random.Random(3)  # noqa: S311 - a test's
    experiments = [store.experiments.create(sample.experiment()).id for _ in range(2)]
    values = [0.0, 1.0, 1.0, 2.5, -3.0, math.nan, math.inf, -math.inf, None]
    texts = ["a", "b", "b", "c", "a*[x", _LONG + "1", _LONG + "2", "", None]
    with store.transactions.transaction():
        return [_stored(store, experiments[number % 2], number, chance, values, texts) for number in range(_RUNS)]


def _stored(
    store: Stores,
    experiment: ExperimentId,
    number: int,
    chance: random.Random,
    values: list[float | None],
    texts: list[str | None],
) -> RunRecord:
    metrics = {"m": chance.choice(values), "k": chance.choice([1.0, 5.0, None])}
    params, tags = {"p": chance.choice(texts)}, {"t ä": chance.choice(["Ä", "ä", "z", None])}
    run = sample.run(
        experiment,
        name=f"run-{number}",
        status=chance.choice(list(RunStatus)),
        started_at=sample.moment(number % 6),
        ended_at=chance.choice([None, sample.moment(100 + number % 4)]),
        params={key: value for key, value in params.items() if value is not None},
        tags={key: value for key, value in tags.items() if value is not None},
    )
    store.runs.create_run(run)
    points = [
        MetricPoint(key=key, value=value, step=0, at=sample.NOON) for key, value in metrics.items() if value is not None
    ]
    store.runs.put_batch(run.id, RunBatch(points=tuple(points)))
    if number % 3:
        context = {"mlflow.data.context": "train"} if number % 2 else {}
        inputs = DatasetInput(name=f"d{number % 3}", digest="digest", source_type="s", source="{}", tags=context)
        store.runs.add_inputs(run.id, [inputs])
    return replace(run, metrics={point.key: point.value for point in points})


def _paged(store: Stores, query: Query, experiment_ids: Sequence[ExperimentId]) -> list[RunRecord]:
    found: list[RunRecord] = []
    while True:
        page = store.runs.search(query, experiment_ids=experiment_ids)
        assert len(page.items) <= query.limit
        found += page.items
        if page.next_token is None:
            return found
        query = replace(query, after=page.next_token)


def _names(runs: Sequence[RunRecord]) -> list[str]:
    return [run.name for run in runs]


def _expected(
    store: Stores, runs: Sequence[RunRecord], query: Query, experiment_ids: Sequence[ExperimentId]
) -> list[RunRecord]:
    links = store.runs.list_links([run.id for run in runs])
    found = [
        run for run in runs if run.experiment_id in experiment_ids and _holds(query.where, run, links[run.id].datasets)
    ]
    found.sort(key=lambda run: run.id)
    if not any(order.field == field("attribute", "start_time") for order in query.order):
        found.sort(key=lambda run: run.started_at, reverse=True)
    for order in reversed(query.order):
        _sort(found, order)
    return found


def _sort(found: list[RunRecord], order: Order) -> None:
    numbers, nans, missing = list[RunRecord](), list[RunRecord](), list[RunRecord]()
    for run in found:
        value = _value(run, order.field)
        (missing if value is None else nans if value != value else numbers).append(run)  # noqa: PLR0124 - NaN
    numbers.sort(key=lambda run: _value(run, order.field), reverse=not order.ascending)
    found[:] = [*numbers, *nans, *missing]


def _value(run: RunRecord, of: Field) -> Any:
    if of.kind is Kind.METRIC:
        return run.metrics.get(of.key)
    if of.kind in (Kind.PARAM, Kind.TAG):
        return (run.params if of.kind is Kind.PARAM else run.tags).get(of.key)
    names = {"run_id": "id", "run_name": "name", "start_time": "started_at", "end_time": "ended_at"}
    value = getattr(run, names.get(of.key, of.key))
    return value.value if isinstance(value, RunStatus) else value


def _holds(where: Condition | None, run: RunRecord, datasets: Sequence[DatasetInput]) -> bool:
    if isinstance(where, All):
        return all(_holds(part, run, datasets) for part in where.parts)
    if isinstance(where, Any_):
        return any(_holds(part, run, datasets) for part in where.parts)
    if where is None:
        return True
    if where.field.kind is Kind.DATASET:
        key = where.field.key
        found = [each.tags.get("mlflow.data.context") if key == "context" else getattr(each, key) for each in datasets]
        return any(_compared(value, where.op, where.value) for value in found)
    value = _value(run, where.field)
    if where.field.key in ("start_time", "end_time"):
        value = None if value is None else value.timestamp() * 1000 // 1
    return _compared(value, where.op, where.value.lower() if where.field.key == "status" else where.value)  # type: ignore[union-attr]


def _compared(value: Any, op: str, other: Any) -> bool:
    if op in ("IS NULL", "IS NOT NULL"):
        return (value is None) == (op == "IS NULL")
    if value is None:
        return False
    if op in ("LIKE", "ILIKE"):
        escaped = "".join({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}.get(sign, sign) for sign in other)
        return pattern_of(translate(escaped), DOTALL | (IGNORECASE if op == "ILIKE" else 0)).match(value) is not None
    tests: dict[str, Callable[[], bool]] = {
        "=": lambda: value == other,
        "!=": lambda: value != other,
        "<": lambda: value < other,
        "<=": lambda: value <= other,
        ">": lambda: value > other,
        ">=": lambda: value >= other,
        "IN": lambda: value in other,
        "NOT IN": lambda: value not in other,
    }
    return tests[op]()
