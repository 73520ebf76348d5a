"""A report as sections of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.metrics.catalog import MAIN_METRIC, metrics_for
from millwright.evaluation.plots.figure import figures
from millwright.evaluation.section import Badge, Section, Table, Tone
from millwright.evaluation.wording import counted, number, percent, title
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.evaluation.gates.result import GateReport, GateResult
    from millwright.evaluation.report import EvaluationReport
    from millwright.evaluation.section import Cell

_QUALITY = ("confusion", "roc", "precision_recall", "calibration", "predicted_actual", "residuals")


def evaluation_sections(
    report: EvaluationReport,
    leaderboard: Sequence[Mapping[str, Any]] = (),
    gates: GateReport | None = None,
) -> tuple[Section, ...]:
    """The sections of an evaluation: result, gates, candidates, quality, importances, slices.

    Args:
        report: The evaluation.
        leaderboard: The candidates' cross-validated metrics; see `plots.candidates`.
        gates: What the gates said, if they were asked.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    made = figures(report, leaderboard)
    sections = [_result_section(report, gates)]
    if gates is not None:
        sections.append(gates_section(gates))
    candidates = [figure for name, figure in made.items() if name.startswith("candidates")]
    if candidates:
        sections.append(Section(title="Candidates", figures=candidates))
    quality = [made[name] for name in _QUALITY if name in made]
    if quality:
        sections.append(Section(title="Quality", figures=quality, tables=_class_tables(report)))
    if "importances" in made:
        sections.append(Section(title="Importances", figures=[made["importances"]]))
    if report.slices:
        shown = [made["slices"]] if "slices" in made else []
        sections.append(Section(title="Slices", figures=shown, tables=[_slice_table(report)]))
    return tuple(sections)


def gates_section(gates: GateReport) -> Section:
    """What each gate said, with its reason."""
    rows: list[list[Cell]] = [
        [_badge(result.passed, result.applicable), _gate_title(result), result.value, result.limit, result.reason]
        for result in gates.results
    ]
    verdict = "All gates passed." if gates.passed else f"{counted(len(gates.failed), 'gate')} did not pass."
    table = Table(headers=["Result", "Gate", "Value", "Limit", "Reason"], rows=rows)
    return Section(title="Gates", text=[verdict], tables=[table] if rows else [])


def _gate_title(result: GateResult) -> str:
    name = result.gate.replace("_", " ")
    return f"{name} ({title(result.about)})" if result.about else name


def metrics_table(report: EvaluationReport) -> Table:
    """The metrics with their intervals and the baseline's values, in the order of the catalogue."""
    rows: list[list[Cell]] = []
    for metric in metrics_for(report.task):
        if metric.name in report.metrics:
            interval = report.intervals.get(metric.name)
            shown = f"{number(interval[0])} to {number(interval[1])}" if interval else None
            base = report.baseline.get(metric.name)
            rows.append([metric.title, report.metrics[metric.name], shown, base, metric.description])
    headers = ["Metric", "Value", f"{percent(report.confidence)} interval", "Baseline", "Meaning"]
    return Table(headers=headers, rows=rows)


def _result_section(report: EvaluationReport, gates: GateReport | None) -> Section:
    main = MAIN_METRIC[report.task]
    second = "r2" if report.task is Task.REGRESSION else "accuracy"
    facts: list[tuple[str, Cell]] = [
        (title(name), report.metrics[name]) for name in (main, second) if name in report.metrics
    ]
    if main in report.baseline:
        facts.append((f"{title(main)} of the baseline", report.baseline[main]))
    facts.append(("Test rows", report.rows))
    if gates is not None:
        facts.append(("Gates", _badge(gates.passed, applicable=True)))
    positive = f"; the positive class is '{report.positive}'" if report.positive else ""
    intro = f"Tested on {counted(report.rows, 'row')} that the model has not seen. Target: '{report.target}'{positive}."
    return Section(title="Result", text=[intro, *report.notes], facts=facts, tables=[metrics_table(report)])


def _class_tables(report: EvaluationReport) -> list[Table]:
    if report.confusion is None:
        return []
    names = [str(label) for label in report.confusion.labels]
    names += [name for name in ("macro avg", "weighted avg") if name not in names]
    rows: list[list[Cell]] = [
        [name, *(report.classification_report[name][part] for part in ("precision", "recall", "f1", "support"))]
        for name in names
        if name in report.classification_report
    ]
    headers = ["Class", "Precision", "Recall", "F1", "Test rows"]
    return [Table(headers=headers, rows=rows, caption="Per class")] if rows else []


def _slice_table(report: EvaluationReport) -> Table:
    defined = {name for part in report.slices for name in part.metrics}
    metrics = [metric for metric in metrics_for(report.task) if metric.name in defined]
    rows: list[list[Cell]] = [
        [part.column, part.value, part.rows, *(part.metrics.get(metric.name) for metric in metrics)]
        for part in report.slices
    ]
    return Table(headers=["Column", "Value", "Rows", *(metric.title for metric in metrics)], rows=rows)


def _badge(passed: bool, applicable: bool) -> Badge:  # noqa: FBT001 - two facts, not switches
    if passed and not applicable:
        return Badge("not applicable", Tone.NEUTRAL)
    return Badge("passed", Tone.GOOD) if passed else Badge("failed", Tone.BAD)
