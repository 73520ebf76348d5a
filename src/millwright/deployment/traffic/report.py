"""What a rollout has shown, arm by arm: requests, predictions, and how good they were once labels are known.

A prediction belongs to the arm whose version the log names, within the rollout's time. Metrics and intervals are those
of evaluation (`evaluation.interval`: seeded bootstrap, percentile intervals). The arms answered different rows, so the
difference to the first arm is drawn from both samples independently. Rows of one routing key are drawn as if they
were independent: where few keys send many rows, true intervals are wider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from millwright.core.records.rollout import RolloutArm, RolloutKind, RolloutRecord
from millwright.deployment.traffic.decider import tallies
from millwright.deployment.traffic.latency import quantile

if TYPE_CHECKING:
    from millwright.core.ids import PredictionId
    from millwright.core.records.prediction import PredictionRecord
    from millwright.deployment.traffic.tally import Tally
    from millwright.evaluation.interval import BootstrapOptions
    from millwright.evaluation.metrics.metric import Metric
    from millwright.evaluation.metrics.sample import Floats, Sample
    from millwright.models.signature import Signature
    from millwright.storage.base import ModelStore, PredictionStore
    from millwright.storage.base.rollouts import RolloutStore

_P95 = 0.95
_SHADOW_SUFFIX = ".shadow"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """An arm beside the first one in the task's main metric.

    Attributes:
        metric: Its name.
        gain: By how much the arm is better, in the metric's unit; negative when it is worse.
        interval: Bootstrap interval of that; None when too few rows are labelled.
        verdict: `better` or `worse` when the interval lies on one side of 0, else `undecided`.
    """

    metric: str
    gain: float
    interval: tuple[float, float] | None
    verdict: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmReport:
    """One arm.

    Attributes:
        name: Of the arm.
        version: Which it answers with.
        weight: Its share of the requests at present, in per cent.
        answered: Requests that it answered, as far as they were drawn by chance.
        failed: Of those, with status ≥ 500.
        refused: Of those, with status 400 to 499.
        mean_s: Mean latency in seconds; None without requests.
        p95_s: 95th percentile of latency, at most a fifth too high.
        rows: Rows that are in the prediction log.
        labelled: Those among them whose label is known.
        metrics: Metric name → value on them; empty without labels.
        intervals: Metric name → (low, high).
        difference: Beside the first arm; None for the first, and where one of the two has no labels.
        comparison: Of a shadow: `compared`, `agreement` (share of rows with the same prediction), `mean_difference`
            and `mean_absolute_difference` (shadow minus answered), `failed`, `shed`.
    """

    name: str
    version: int
    weight: float
    answered: int = 0
    failed: int = 0
    refused: int = 0
    mean_s: float | None = None
    p95_s: float | None = None
    rows: int = 0
    labelled: int = 0
    metrics: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    difference: Difference | None = None
    comparison: Mapping[str, Any] | None = None


def report_rollout(
    record: RolloutRecord,
    *,
    rollouts: RolloutStore,
    models: ModelStore,
    predictions: PredictionStore,
    options: BootstrapOptions | None = None,
) -> list[ArmReport]:
    """Report a rollout's arms, in their order.

    Args:
        record: The rollout.
        rollouts: Holds its evidence.
        models: Tells the versions' signatures.
        predictions: The prediction log, with labels.
        options: How intervals are drawn.
    """
    counted = tallies(rollouts, record)
    outcomes = _Outcomes(record, models, predictions)
    reports: list[ArmReport] = []
    first: tuple[Metric, Sample] | None = None
    for arm in record.arms:
        report = _counted(arm, counted[arm.name], is_shadow=_is_shadow(record, arm))
        rows, labels = outcomes.of(arm)
        report = replace(report, rows=rows, labelled=len(labels))
        if labels:
            report, measured = _measured(report, outcomes.signature(arm.version), labels, first, options)
            first = first or (measured if arm is record.primary else None)
        reports.append(report)
    return reports


class _Outcomes:
    """Labelled predictions of a rollout's arms.

    Args:
        record: The rollout.
        models: Tells signatures.
        predictions: The log.
    """

    def __init__(self, record: RolloutRecord, models: ModelStore, predictions: PredictionStore) -> None:
        self._record = record
        self._models = models
        self._predictions = predictions
        self._labels = {each.prediction_id: each.value for each in predictions.iter_labels(record.endpoint)}

    def signature(self, version: int) -> Signature:
        from millwright.models.signature import Signature

        return Signature.from_json(self._models.get_version(self._record.model, version).signature)

    def of(self, arm: RolloutArm) -> tuple[int, list[tuple[PredictionRecord, Any]]]:
        """How many rows the log has of an arm, and those whose label is known, with it."""
        record = self._record
        is_shadow = _is_shadow(record, arm)
        endpoint = record.endpoint + _SHADOW_SUFFIX if is_shadow else record.endpoint
        found = self._predictions.iter(endpoint, start=record.created_at, end=record.ended_at, version=arm.version)
        rows, labelled = 0, []
        for each in found:
            rows += 1
            # A shadow's rows have the id of the prediction that was answered as their key: its label is theirs.
            label = self._labels.get(_answered_id(each) if is_shadow else each.id)
            if label is not None:
                labelled.append((each, label))
        return rows, labelled


def _answered_id(shadow: PredictionRecord) -> PredictionId:
    from millwright.core.ids import PredictionId

    return PredictionId(shadow.key or "")


def _is_shadow(record: RolloutRecord, arm: RolloutArm) -> bool:
    return record.kind is RolloutKind.SHADOW and arm is not record.primary


def _counted(arm: RolloutArm, tally: Tally, *, is_shadow: bool) -> ArmReport:
    comparison = None
    if is_shadow and tally.shadow is not None:
        found = tally.shadow
        comparison = {
            "compared": found.compared,
            "agreement": found.agreed / found.compared if found.compared else None,
            "mean_difference": found.difference / found.numeric if found.numeric else None,
            "mean_absolute_difference": found.absolute / found.numeric if found.numeric else None,
            "failed": found.failed,
            "shed": found.shed,
        }
    return ArmReport(
        name=arm.name,
        version=arm.version,
        weight=arm.weight,
        answered=tally.answered,
        failed=tally.failed,
        refused=tally.refused,
        mean_s=tally.seconds / tally.answered if tally.answered else None,
        p95_s=quantile(tally.latencies, _P95),
        comparison=comparison,
    )


def _measured(
    report: ArmReport,
    signature: Signature,
    labels: list[tuple[PredictionRecord, Any]],
    first: tuple[Metric, Sample] | None,
    options: BootstrapOptions | None,
) -> tuple[ArmReport, tuple[Metric, Sample] | None]:
    """The report with metrics, and the sample that they were measured on."""
    import polars as pl

    from millwright.evaluation.interval import BootstrapOptions, confidence_intervals
    from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric, measure, metrics_for
    from millwright.evaluation.scoring import score
    from millwright.models.task import Task

    known = [pair for pair in labels if signature.task is Task.REGRESSION or pair[1] in signature.classes]
    if not known:
        return report, None
    names = [column.name for column in signature.outputs]
    answers = pl.DataFrame({name: [row.outputs.get(name) for row, _ in known] for name in names})
    sample = score(signature, pl.Series("label", [label for _, label in known]), answers)
    chosen = options or BootstrapOptions()
    metric = get_metric(MAIN_METRIC[signature.task], signature.task)
    report = replace(
        report,
        labelled=len(known),
        metrics=measure(sample),
        intervals=confidence_intervals(sample, metrics_for(signature.task), chosen),
    )
    if first is not None and first[0].name == metric.name:
        report = replace(report, difference=_difference(metric, sample, first[1], chosen))
    return report, (metric, sample)


def _difference(metric: Metric, sample: Sample, other: Sample, options: BootstrapOptions) -> Difference | None:
    import numpy as np

    from millwright.evaluation.interval import percentile_interval
    from millwright.evaluation.metrics.catalog import measure

    ours, theirs = measure(sample).get(metric.name), measure(other).get(metric.name)
    if ours is None or theirs is None:
        return None
    new, old = _drawn(metric, sample, options), _drawn(metric, other, replace(options, seed=options.seed + 1))
    count = min(len(new), len(old))
    gains = (new[:count] - old[:count]) * (1.0 if metric.greater_is_better else -1.0)
    interval = percentile_interval(np.asarray(gains), options.confidence)
    verdict = "undecided"
    if interval is not None and (interval[0] > 0 or interval[1] < 0):
        verdict = "better" if interval[0] > 0 else "worse"
    return Difference(metric=metric.name, gain=metric.gain(ours, theirs), interval=interval, verdict=verdict)


def _drawn(metric: Metric, sample: Sample, options: BootstrapOptions) -> Floats:
    import numpy as np

    from millwright.evaluation.interval import draw_weights
    from millwright.evaluation.metrics.draws import Draws

    return np.concatenate([metric.function(Draws(sample, weights)) for weights in draw_weights(sample.rows, options)])
