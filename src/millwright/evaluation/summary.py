"""A report in Markdown, for model cards and terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.metrics.catalog import metrics_for
from millwright.evaluation.wording import counted, number, percent, title
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.report import EvaluationReport

_KINDS = {Task.BINARY: "two classes", Task.MULTICLASS: "several classes", Task.REGRESSION: "a number"}
_MAX_IMPORTANCES = 8
_MAX_SLICES = 12
_MARKS = "\\`*_[]<>|~"  # what could start mark-up inside a line or a table's cell
_NONE = "-"


def summary_markdown(report: EvaluationReport) -> str:
    """What a reader of a model card wants to know, in Markdown without a heading of its own.

    Args:
        report: The evaluation.

    Returns:
        Paragraphs and tables: metrics with intervals and baseline, confusion matrix, the worst slices, the most
        important columns, notes. Text from users is escaped; GitHub's table syntax.
    """
    positive = f" The positive class is {_text(report.positive)}." if report.positive else ""
    parts = [
        (
            f"Tested on {counted(report.rows, 'row')} that the model had not seen. It predicts {_text(report.target)} "
            f"({_KINDS[report.task]}).{positive}"
        ),
        _metrics(report),
        _confusion(report),
        _slices(report),
        _importances(report),
        "\n".join(f"- {_text(note)}" for note in report.notes),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _metrics(report: EvaluationReport) -> str:
    rows = []
    for metric in metrics_for(report.task):
        if metric.name not in report.metrics:
            continue
        interval = report.intervals.get(metric.name)
        shown = f"{number(interval[0])} to {number(interval[1])}" if interval else _NONE
        base = number(report.baseline[metric.name]) if metric.name in report.baseline else _NONE
        rows.append([metric.title, number(report.metrics[metric.name]), shown, base])
    return _table(["Metric", "Value", f"{percent(report.confidence)} interval", "Baseline"], rows)


def _confusion(report: EvaluationReport) -> str:
    if report.confusion is None or len(report.confusion.labels) > 10:
        return ""
    names = [_text(label) for label in report.confusion.labels]
    rows = [
        [name, *(f"{count:,}" for count in counts)] for name, counts in zip(names, report.confusion.matrix, strict=True)
    ]
    return _table(["True class", *(f"predicted {name}" for name in names)], rows)


def _slices(report: EvaluationReport) -> str:
    metric = "rmse" if report.task is Task.REGRESSION else "accuracy"
    having = [part for part in report.slices if metric in part.metrics]
    worst_first = sorted(having, key=lambda part: part.metrics[metric], reverse=report.task is Task.REGRESSION)[
        :_MAX_SLICES
    ]
    rows = [
        [_text(part.column), _text(part.value), f"{part.rows:,}", number(part.metrics[metric])] for part in worst_first
    ]
    if not rows:
        return ""
    lead = f"Slices, worst first ({len(rows)} of {len(having)}):"
    return f"{lead}\n\n{_table(['Column', 'Value', 'Rows', title(metric)], rows)}"


def _importances(report: EvaluationReport) -> str:
    rows = [
        [_text(one.column), f"{number(one.mean)} ± {number(one.std)}"] for one in report.importances[:_MAX_IMPORTANCES]
    ]
    return _table(["Column", f"Loss of {title(report.importance_metric)} when shuffled"], rows) if rows else ""


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(value: object) -> str:
    """Text of any origin, on one line and without a meaning in Markdown."""
    return "".join(f"\\{mark}" if mark in _MARKS else mark for mark in " ".join(str(value).split())) or "(blank)"
