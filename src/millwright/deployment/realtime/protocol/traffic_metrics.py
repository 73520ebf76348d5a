"""Metrics of rollouts: what each arm answers, how much it is given, and what the evidence has said last.

Counters go on over steps and rollouts, by arm and version; what is said of the open rollout is there while it is.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from millwright.deployment.traffic.latency import LATENCY_BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client.core import Metric

    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.deployment.traffic.tally import Tally

_ARM = ["endpoint", "model", "version", "arm"]
# Of the bounds by which arms count, every sixth: each about three times the one before.
_EVERY = 6
_PER_CENT = 100.0

_Labelled = tuple[list[str], "Tally"]


def traffic_metrics(slots: Sequence[ModelSlot]) -> Iterator[Metric]:
    """The metrics of all endpoints' rollouts; none where there has been none since the process began.

    Args:
        slots: The endpoints.
    """
    counted = [
        ([slot.endpoint, slot.current.name, str(version), arm], tally)
        for slot in slots
        for (arm, version), tally in slot.traffic.totals().items()
    ]
    answering = [(labels, tally) for labels, tally in counted if tally.shadow is None]
    shadows = [(labels, tally) for labels, tally in counted if tally.shadow is not None]
    if answering:
        yield from _arms(answering)
    if shadows:
        yield _shadows(shadows)
    open_ones = [slot for slot in slots if slot.traffic.rollout is not None]
    if open_ones:
        yield from _rollouts(open_ones)


def _arms(counted: Sequence[_Labelled]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

    requests = CounterMetricFamily("millwright_arm_requests", "Requests that an arm was given by chance.", labels=_ARM)
    errors = CounterMetricFamily(
        "millwright_arm_errors", "Those that failed (status 500 and above) or were refused.", labels=[*_ARM, "kind"]
    )
    latency = HistogramMetricFamily("millwright_arm_duration_seconds", "How long they took, in seconds.", labels=_ARM)
    for labels, tally in counted:
        requests.add_metric(labels, tally.answered)
        errors.add_metric([*labels, "failed"], tally.failed)
        errors.add_metric([*labels, "refused"], tally.refused)
        counts = list(accumulate(tally.latencies))
        bounds = [f"{bound:.4g}" for bound in LATENCY_BOUNDS[::_EVERY]]
        buckets = [*zip(bounds, counts[::_EVERY], strict=False), ("+Inf", counts[-1])]
        latency.add_metric(labels, buckets, sum_value=tally.seconds)
    yield requests
    yield errors
    yield latency


def _shadows(counted: Sequence[_Labelled]) -> Metric:
    from prometheus_client.core import CounterMetricFamily

    rows = CounterMetricFamily(
        "millwright_shadow_rows",
        "Rows that were shown to a shadow: the same prediction as was answered, another, none, or not shown.",
        labels=[*_ARM, "outcome"],
    )
    for labels, tally in counted:
        found = tally.shadow
        if found is not None:
            rows.add_metric([*labels, "agreed"], found.agreed)
            rows.add_metric([*labels, "differed"], found.compared - found.agreed)
            rows.add_metric([*labels, "failed"], found.failed)
            rows.add_metric([*labels, "shed"], found.shed)
    return rows


def _rollouts(slots: Sequence[ModelSlot]) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    weight = GaugeMetricFamily(
        "millwright_arm_weight_ratio", "The share of the requests that an arm is given, 0 to 1.", labels=_ARM
    )
    facts = GaugeMetricFamily(
        "millwright_rollout_info",
        "1 for the open rollout. The verdict is that of the last look at the evidence: good, bad, open, or none yet.",
        labels=["endpoint", "rollout", "kind", "state", "step", "verdict"],
    )
    for slot in slots:
        record = slot.traffic.rollout
        if record is not None:
            for arm in record.arms:
                labels = [slot.endpoint, record.model, str(arm.version), arm.name]
                weight.add_metric(labels, arm.weight / _PER_CENT)
            verdict = str(record.decision.evidence.get("outcome", "none"))
            about = [record.id, record.kind.value, record.state.value, str(record.step + 1), verdict]
            facts.add_metric([slot.endpoint, *about], 1)
    yield weight
    yield facts
