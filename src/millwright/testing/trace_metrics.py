"""What every `TraceMetricStore` must do."""

# ruff: noqa: S101 - assertions are what a suite is made of
from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.assessment import AssessmentKind, AssessmentRecord
from millwright.core.records.search import Comparison, Field, Kind
from millwright.core.records.trace import SpanRecord, TraceRecord, TraceState
from millwright.core.records.trace_metric import Aggregate, TraceCounts, TraceMetricQuery, TraceView
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.base.spans import SpanStore
    from millwright.storage.base.trace_metrics import TraceMetricStore
    from millwright.storage.catalog import Stores
    from millwright.testing.conformance import Opener

_ONE = ExperimentId("1")
_COUNT = ((Aggregate.COUNT, None),)
_NS = 1_000_000_000
_NOON = sample.NOON.replace(minute=0, second=0, microsecond=0)


def _trace(number: int, **more: Any) -> TraceRecord:
    """Of the minute after noon that its number says, with ten times as many tokens and a hundred as milliseconds."""
    plain: dict[str, Any] = {
        "id": TraceId(f"t{number}"),
        "experiment_id": _ONE,
        "state": TraceState.OK if number % 2 else TraceState.ERROR,
        "requested_at": _NOON + timedelta(minutes=number),
        "duration_ms": number * 100,
        "tags": {"mlflow.traceName": "even" if number % 2 == 0 else "odd"},
        "metadata": {
            "mlflow.trace.tokenUsage": json.dumps({"input_tokens": number * 10, "total_tokens": number * 20}),
            "mlflow.trace.session": f"s{number // 2}",
        },
    }
    return TraceRecord(**(plain | more))


def _span(name: str, second: int, **more: Any) -> SpanRecord:
    start = int((_NOON + timedelta(seconds=second)).timestamp()) * _NS
    return SpanRecord(id=name, name=name[0], start_ns=start, end_ns=start + second * _NS, status="OK", **more)


def _ask(store: TraceMetricStore, metric: str, *aggregates: tuple[Aggregate, float | None], **more: Any) -> list[Any]:
    plain: dict[str, Any] = {"experiment_ids": [_ONE], "view": TraceView.TRACES}
    query = TraceMetricQuery(metric=metric, aggregates=aggregates or _COUNT, **(plain | more))
    return [
        (*([] if group.begins is None else [group.begins]), *group.dimensions.values(), *group.values)
        for group in store.query(query)
    ]


class TraceMetricStoreConformance(StoreConformance):
    """Subclass it, and define `opener` so that it opens all stores of a place: others have to write."""

    @pytest.fixture
    def stores(self, opener: Opener) -> Iterator[Stores]:
        """All stores of the place."""
        with opener() as opened:
            yield opened

    @pytest.fixture
    def store(self, stores: Stores) -> TraceMetricStore:
        """The store under test."""
        return stores.trace_metrics

    @pytest.fixture
    def spans(self, stores: Stores) -> SpanStore:
        """The same place's store of spans."""
        return stores.spans

    def test_no_traces_count_zero_and_have_no_mean(self, store: TraceMetricStore) -> None:
        """Groups there are none."""
        assert _ask(store, "trace_count") == [(0,)]
        assert _ask(store, "latency", (Aggregate.AVERAGE, None), (Aggregate.PERCENTILE, 50)) == [(None, None)]
        assert _ask(store, "trace_count", dimensions=["trace_name"]) == []
        assert _ask(store, "trace_count", experiment_ids=[]) == []

    def test_traces_are_counted_by_name_and_state(self, store: TraceMetricStore, spans: SpanStore) -> None:
        """In the order of the dimensions; those without a name are left out."""
        spans.put([_trace(1), _trace(2), _trace(3), _trace(4, tags={}), _trace(5, experiment_id=ExperimentId("2"))], {})
        assert _ask(store, "trace_count") == [(4,)]
        assert _ask(store, "session_count") == [(3,)]
        assert _ask(store, "trace_count", dimensions=["trace_name", "trace_status"]) == [
            ("even", "ERROR", 1),
            ("odd", "OK", 2),
        ]

    def test_percentiles_are_interpolated(self, store: TraceMetricStore, spans: SpanStore) -> None:
        """As `numpy.quantile` does it."""
        spans.put([_trace(number) for number in (1, 2, 3, 10)], {})
        asked = [(Aggregate.PERCENTILE, at) for at in (0, 25, 50, 90, 100)]
        (found,) = _ask(store, "latency", *asked)
        assert found == pytest.approx((100, 175, 250, 790, 1000))
        (even, odd) = _ask(store, "latency", (Aggregate.PERCENTILE, 50), dimensions=["trace_name"])
        assert even == ("even", pytest.approx(600))
        assert odd == ("odd", pytest.approx(200))

    def test_tokens_are_summed_up_and_broken_ones_passed_over(self, store: TraceMetricStore, spans: SpanStore) -> None:
        """Whatever clients wrote there."""
        broken = ("{", "[]", '{"input_tokens": "many"}', '{"input_tokens": null}', '{"input_tokens": {}}', "")
        traces = [_trace(number) for number in (1, 2, 3)]
        traces += [_trace(9 + at, metadata={"mlflow.trace.tokenUsage": text}) for at, text in enumerate(broken)]
        spans.put(traces, {})
        kinds = (Aggregate.SUM, Aggregate.AVERAGE, Aggregate.MINIMUM, Aggregate.MAXIMUM)
        assert _ask(store, "input_tokens", *((kind, None) for kind in kinds)) == [(60, 20, 10, 30)]
        assert _ask(store, "total_tokens", (Aggregate.SUM, None)) == [(120,)]
        assert _ask(store, "output_tokens", (Aggregate.SUM, None)) == [(None,)]

    def test_time_is_cut_into_intervals(self, store: TraceMetricStore, spans: SpanStore) -> None:
        """Both ends of what is asked count."""
        spans.put([_trace(number) for number in (1, 2, 3, 4)], {})
        minute = timedelta(minutes=1)
        found = _ask(
            store,
            "trace_count",
            interval=2 * minute,
            start=_NOON + minute,
            end=_NOON + 3 * minute,
        )
        assert found == [(_NOON, 1), (_NOON + 2 * minute, 2)]

    def test_spans_have_latency_and_costs(self, store: TraceMetricStore, spans: SpanStore) -> None:
        """By type, by model, of some names."""
        made = [
            _span("a", 1, type="LLM", model="m", total_cost=0.25),
            _span("b", 2, type="LLM", model="m", total_cost=0.5),
            _span("c", 3, type="TOOL"),
        ]
        spans.put([_trace(1)], {TraceId("t1"): made})
        view = {"view": TraceView.SPANS}
        assert _ask(store, "span_count", dimensions=["span_type"], **view) == [("LLM", 2), ("TOOL", 1)]
        assert _ask(store, "latency", (Aggregate.AVERAGE, None), **view) == [(2000,)]
        assert _ask(store, "total_cost", (Aggregate.SUM, None), dimensions=["span_model_name"], **view) == [("m", 0.75)]
        assert _ask(store, "span_count", also=[("name", "a"), ("type", "LLM")], **view) == [(1,)]
        second = _NOON + timedelta(seconds=2)
        assert _ask(store, "total_cost", (Aggregate.SUM, None), start=second, **view) == [(0.5,)]
        assert _ask(store, "span_count", interval=timedelta(seconds=2), **view) == [(_NOON, 1), (second, 2)]

    def test_assessments_are_numbers_where_they_can_be(
        self, store: TraceMetricStore, spans: SpanStore, stores: Stores
    ) -> None:
        """Yes and true are one."""
        spans.put([_trace(1)], {})
        for at, value in enumerate(("3", '"yes"', "true", '"No"', '"maybe"')):
            stores.assessments.create(
                AssessmentRecord(
                    id=f"a{at}",
                    trace_id=TraceId("t1"),
                    name="good",
                    kind=AssessmentKind.FEEDBACK,
                    created_at=_NOON,
                    updated_at=_NOON,
                    value=value,
                )
            )
        view = {"view": TraceView.ASSESSMENTS}
        assert _ask(store, "assessment_count", dimensions=["assessment_name"], **view) == [("good", 5)]
        assert _ask(store, "assessment_value", (Aggregate.AVERAGE, None), **view) == [(1.25,)]
        assert _ask(store, "assessment_count", also=[("type", "expectation")], **view) == [(0,)]

    def test_traces_are_counted_alone_and_together(self, store: TraceMetricStore, spans: SpanStore) -> None:
        """Of those that are to be counted at all."""
        spans.put([_trace(number) for number in (1, 2, 3, 4, 5)], {})
        good = Comparison(field=Field(kind=Kind.ATTRIBUTE, key="status"), op="=", value="OK")
        slow = Comparison(field=Field(kind=Kind.ATTRIBUTE, key="execution_time_ms"), op=">", value=250)
        named = Comparison(field=Field(kind=Kind.TAG, key="mlflow.traceName"), op="=", value="odd")
        assert store.count([_ONE], good, slow) == TraceCounts(3, 3, 2, 5)
        assert store.count([_ONE], good, slow, named) == TraceCounts(3, 2, 2, 3)
        assert store.count([], good, slow) == TraceCounts(0, 0, 0, 0)

    def test_what_a_view_does_not_have_is_refused(self, store: TraceMetricStore) -> None:
        """Nothing of it reaches the database."""
        for more in (
            {"metric": "no"},
            {"metric": "latency", "dimensions": ["no"]},
            {"metric": "latency", "also": [("no", "x")]},
            {"metric": "latency", "aggregates": [(Aggregate.PERCENTILE, 101)]},
        ):
            asked: dict[str, Any] = {"experiment_ids": [_ONE], "view": TraceView.TRACES, "aggregates": _COUNT} | more
            with pytest.raises(InvalidInputError):
                store.query(TraceMetricQuery(**asked))
