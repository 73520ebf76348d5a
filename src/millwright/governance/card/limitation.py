"""Limitations that the evidence itself shows; what a person knows beyond it belongs into the intended use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric
from millwright.evaluation.wording import counted, number, percent, title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.evaluation.report import EvaluationReport, SliceResult
    from millwright.governance.explanation import VersionExplanation

MIN_SLICE_ROWS = 30  # below, a slice's metric is mostly chance
WEAK_BY = 0.05  # of a metric in [0, 1]; of any other, this share of its value
_FEW_TEST_ROWS = 200
_WIDE_INTERVAL = 0.1
_MAX_SLICES = 10
_MUCH_QUARANTINED = 0.05


def find_limitations(report: EvaluationReport | None, explanation: VersionExplanation) -> tuple[str, ...]:
    """What is weak, as far as evaluation and records show it, one sentence each; the gravest first.

    Args:
        report: The evaluation; None is a limitation by itself.
        explanation: The records.
    """
    found: list[str] = []
    if report is None:
        found.append("It has no evaluation report, so nothing is known about how good it is.")
    else:
        found += [*_failed_gates(explanation), *_baseline(report), *_weak_slices(report), *_uncertainty(report)]
        found += report.notes
    found += [*_quarantine(explanation), *_compilation(explanation)]
    return tuple(found)


def weak_slices(report: EvaluationReport) -> list[tuple[SliceResult, str, float]]:
    """Slices of at least 30 rows that are clearly worse than the whole test set.

    Returns:
        Slice, the name of the metric it was judged by (the main one, or one that needs no scores where that is
        undefined), and by how much it is worse; worst first.
    """
    main = MAIN_METRIC[report.task]
    candidates = (main, "balanced_accuracy", "accuracy", "mae")
    found = []
    for part in report.slices:
        if part.rows < MIN_SLICE_ROWS:
            continue
        name = next((n for n in candidates if n in part.metrics and n in report.metrics), None)
        if name is None:
            continue
        metric = get_metric(name)
        loss = -metric.gain(part.metrics[name], report.metrics[name])
        if loss > (WEAK_BY if metric.bounded else WEAK_BY * abs(report.metrics[name])):
            found.append((part, name, loss))
    return sorted(found, key=lambda item: -item[2])


def _weak_slices(report: EvaluationReport) -> Iterator[str]:
    weak = weak_slices(report)
    for part, name, _ in weak[:_MAX_SLICES]:
        value, whole = number(part.metrics[name]), number(report.metrics[name])
        rows = counted(part.rows, "test row")
        yield f"Weak where {part.column} is {part.value}: {title(name)} {value} on {rows}, {whole} on all."
    if len(weak) > _MAX_SLICES:
        yield f"{len(weak) - _MAX_SLICES} more slices are weak; see the evaluation."


def _failed_gates(explanation: VersionExplanation) -> Iterator[str]:
    for gate in explanation.gates:
        if not gate.passed:
            yield f"The gate {gate.gate} failed: {gate.reason}"


def _baseline(report: EvaluationReport) -> Iterator[str]:
    main = MAIN_METRIC[report.task]
    if main in report.metrics and main in report.baseline:
        gain = get_metric(main).gain(report.metrics[main], report.baseline[main])
        if gain <= 0:
            value, floor = number(report.metrics[main]), number(report.baseline[main])
            yield f"It is no better than a baseline that ignores the inputs: {title(main)} {value} against {floor}."


def _uncertainty(report: EvaluationReport) -> Iterator[str]:
    main = MAIN_METRIC[report.task]
    if report.rows < _FEW_TEST_ROWS:
        yield f"It was tested on {counted(report.rows, 'row')} only, so all its metrics are uncertain."
    interval = report.intervals.get(main)
    if interval is not None and get_metric(main).bounded and interval[1] - interval[0] > _WIDE_INTERVAL:
        yield (
            f"{title(main)} is known only to lie between {number(interval[0])} and {number(interval[1])} "
            f"({percent(report.confidence)} interval)."
        )


def _quarantine(explanation: VersionExplanation) -> Iterator[str]:
    rows = {dataset.ref: dataset.rows for dataset in explanation.datasets}
    for aside in explanation.quarantined:
        whole = rows.get(aside.quarantined_from or "", 0)
        if whole and aside.rows > _MUCH_QUARANTINED * whole:
            yield (
                f"{percent(aside.rows / whole)} of the rows of {aside.quarantined_from} broke the data contract and "
                "were left out of training and test: nothing is known about rows like them."
            )


def _compilation(explanation: VersionExplanation) -> Iterator[str]:
    if explanation.compilation.get("status") == "refused":
        yield f"It is served by its native library, not compiled: {explanation.compilation.get('reason', 'no reason')}"
