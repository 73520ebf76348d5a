"""`GET /metrics`: the process's state for Prometheus."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from millwright.core.errors import MissingExtraError
from millwright.deployment.realtime.answer import Answer
from millwright.deployment.realtime.batching import BATCH_SIZES, MicroBatcher
from millwright.deployment.realtime.protocol.traffic_metrics import traffic_metrics
from millwright.deployment.realtime.request_stats import BUCKETS, SIZES
from millwright.deployment.realtime.route import Route, answers_text
from millwright.deployment.realtime.telemetry.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.request_stats import RequestStats, SizeStats
    from millwright.deployment.realtime.serving_state import ServingState


def answer_metrics(call: Call) -> Answer:
    """All metrics, in the format that the scraper accepts."""
    try:
        from prometheus_client import CollectorRegistry, ProcessCollector
        from prometheus_client.exposition import choose_encoder
    except ImportError as error:
        raise MissingExtraError("prometheus-client", "serve") from error
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServingCollector(call.state))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(call.header(b"accept").decode("latin-1"))
    return Answer(encode(registry), content_type=content_type.encode())


def routes() -> tuple[Route, ...]:
    """The path of the metrics."""
    return (
        Route(
            path="/metrics",
            label="metrics",
            about="metrics for Prometheus",
            handlers={"GET": answer_metrics},
            describe=answers_text("text/plain"),
        ),
    )


class ServingCollector:
    """Turns a process's counters into Prometheus metrics when they are scraped.

    Args:
        state: What the process serves.
    """

    def __init__(self, state: ServingState) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """The metrics, each with its samples; of all processes where there are several."""
        shared = self._state.shared
        return self.own() if shared is None else shared.merged(self.own())

    def own(self) -> Iterator[Metric]:
        """Those of this process."""
        yield from _request_metrics(self._state.stats)
        yield from _model_metrics(self._state)
        yield from _batch_metrics(self._state)
        yield from _log_metrics(self._state)
        yield from _lookup_metrics(self._state)
        yield from _telemetry_metrics(self._state)
        yield from traffic_metrics(self._state.slots)


def _request_metrics(stats: RequestStats) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    labels = ["route", "method", "status"]
    requests = CounterMetricFamily("millwright_requests", "Requests answered.", labels=labels)
    latency = HistogramMetricFamily(
        "millwright_request_duration_seconds", "From the request's first byte to its answer, in seconds.", labels=labels
    )
    for (route, method, status), found in list(stats.routes.items()):
        values = [route, method, str(status)]
        counts = list(accumulate(found.buckets))
        requests.add_metric(values, counts[-1])
        bounds = [*(str(bound) for bound in BUCKETS), "+Inf"]
        latency.add_metric(values, list(zip(bounds, counts, strict=True)), sum_value=found.seconds)
    yield requests
    yield latency
    yield GaugeMetricFamily("millwright_requests_in_flight", "Requests being answered.", value=stats.in_flight)
    predictions = CounterMetricFamily("millwright_predictions", "Rows predicted.", labels=["model", "version"])
    for (model, version), rows in list(stats.predictions.items()):
        predictions.add_metric([model, str(version)], rows)
    yield predictions
    errors = CounterMetricFamily("millwright_errors", "Requests refused or failed.", labels=["route", "code"])
    for (route, code), count in list(stats.errors.items()):
        errors.add_metric([route, code], count)
    yield errors
    refused = CounterMetricFamily(
        "millwright_refused_values",
        "Requests refused for a value that the model's signature does not take.",
        labels=["endpoint", "column", "expected", "found"],
    )
    for (endpoint, kind), count in list(stats.refused_values.items()):
        refused.add_metric([endpoint, *kind], count)
    yield refused
    yield _sizes("millwright_request_rows", "Rows that a request had predicted.", stats.request_rows)


def _sizes(name: str, told: str, stats: SizeStats) -> Metric:
    from prometheus_client.core import HistogramMetricFamily

    bounds = [*(str(bound) for bound in SIZES), "+Inf"]
    buckets = list(zip(bounds, accumulate(stats.buckets), strict=True))
    return HistogramMetricFamily(name, told, buckets=buckets, sum_value=stats.total)


def _model_metrics(state: ServingState) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    model = GaugeMetricFamily(
        "millwright_model_info", "1 for each version that answers.", labels=["endpoint", "model", "version", "engine"]
    )
    for slot in state.slots:
        for arm in slot.lineup.arms:
            served = arm.served
            model.add_metric([slot.endpoint, served.name, str(served.version), served.predictor.engine], 1)
    yield model
    swaps = CounterMetricFamily(
        "millwright_model_swaps", "Moves of the alias, by outcome.", labels=["endpoint", "outcome"]
    )
    for slot in state.slots:
        swaps.add_metric([slot.endpoint, "swapped"], slot.swaps.swapped)
        swaps.add_metric([slot.endpoint, "refused"], slot.swaps.refused)
    yield swaps
    refused = GaugeMetricFamily(
        "millwright_model_refused_info",
        "1 for the version that the alias names and that was refused.",
        labels=["endpoint", "version"],
    )
    unreachable = CounterMetricFamily(
        "millwright_registry_unreachable", "Looks at the registry that failed.", labels=["endpoint"]
    )
    for slot in state.slots:
        if slot.swaps.refused_ref:
            refused.add_metric([slot.endpoint, slot.swaps.refused_ref], 1)
        unreachable.add_metric([slot.endpoint], slot.swaps.unreachable)
    yield refused
    yield unreachable


def _batch_metrics(state: ServingState) -> Iterator[Metric]:
    from prometheus_client.core import HistogramMetricFamily

    labels = ["endpoint", "model", "version"]
    sizes = HistogramMetricFamily(
        "millwright_batch_rows", "Rows in one call of a model that is batched.", labels=labels
    )
    for slot in state.slots:
        for served in [arm.served for arm in slot.lineup.arms]:
            batcher = served.batcher
            if isinstance(batcher, MicroBatcher):
                counts = list(accumulate(batcher.calls))
                bounds = [*(str(size) for size in BATCH_SIZES), "+Inf"]
                buckets = list(zip(bounds, counts, strict=True))
                sizes.add_metric([slot.endpoint, served.name, str(served.version)], buckets, sum_value=batcher.rows)
    yield sizes


def _log_metrics(state: ServingState) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    log = state.log
    if log is None:
        return
    rows = CounterMetricFamily(
        "millwright_prediction_log_rows", "Predictions, by what became of them.", labels=["outcome"]
    )
    rows.add_metric(["written"], log.written)
    rows.add_metric(["shed"], log.shed)
    rows.add_metric(["lost"], log.lost)
    yield rows
    yield GaugeMetricFamily(
        "millwright_prediction_log_queued_rows", "Predictions that wait in memory.", value=log.queued
    )


def _lookup_metrics(state: ServingState) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily

    joins = [
        ([slot.endpoint, arm.served.name, str(arm.served.version)], arm.served.enrichment)
        for slot in state.slots
        for arm in slot.lineup.arms
        if arm.served.enrichment is not None
    ]
    if not joins:
        return
    from millwright.deployment.realtime.enrichment.feature_join import FeatureJoin

    labels = ["endpoint", "model", "version"]
    rows = CounterMetricFamily(
        "millwright_feature_lookup_rows",
        "Rows whose features were looked up: all were found, or some are missing or too old.",
        labels=[*labels, "outcome"],
    )
    failed = CounterMetricFamily(
        "millwright_feature_lookup_failures", "Requests for which the store of features was away.", labels=labels
    )
    for values, join in joins:
        if isinstance(join, FeatureJoin):
            rows.add_metric([*values, "found"], join.looked_up - join.missing)
            rows.add_metric([*values, "missing"], join.missing)
            failed.add_metric(values, join.failed)
    yield rows
    yield failed


def _telemetry_metrics(state: ServingState) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily

    parts = [part for each in state.observers if isinstance(each, Telemetry) for part in each.parts]
    if not parts:
        return
    dropped = CounterMetricFamily(
        "millwright_telemetry_dropped",
        "Requests that are not in the access log or traces: there was no room, or it could not be written.",
        labels=["part", "reason"],
    )
    for part in parts:
        dropped.add_metric([part.name, "shed"], part.background.shed)
        dropped.add_metric([part.name, "lost"], part.background.lost)
    yield dropped
