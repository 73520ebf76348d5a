from __future__ import annotations

from typing import Any

from millwright.evaluation.plots.slices import slices_figure
from millwright.evaluation.report import EvaluationReport, SliceResult
from millwright.models.task import Task


def report_of(*slices: tuple[str, str, dict[str, float]], **metrics: float) -> EvaluationReport:
    parts = tuple(SliceResult(column=column, value=value, rows=50, metrics=found) for column, value, found in slices)
    return EvaluationReport(task=Task.BINARY, rows=100, target="y", metrics=metrics, slices=parts)


def test_slices_have_a_point_each_and_a_line_for_all_rows():
    report = report_of(
        ("side", "left", {"roc_auc": 0.7}), ("side", "right", {"roc_auc": 0.9}), ("day", "left", {"roc_auc": 0.8}),
        roc_auc=0.81,
    )  # fmt: skip

    made: Any = slices_figure(report)

    assert [trace.name for trace in made.data] == ["side", "day"]
    assert len({*made.data[0].y, *made.data[1].y}) == 3  # equal values of two columns stay apart
    assert made.layout.shapes[0].x0 == 0.81
    assert list(made.data[0].x) == [0.7, 0.9]


def test_slices_show_accuracy_when_most_have_no_main_metric():
    report = report_of(("a", "x", {"accuracy": 0.7}), ("a", "y", {"accuracy": 0.6, "roc_auc": 0.9}))

    made: Any = slices_figure(report)

    assert made.layout.title.text == "<b>Accuracy per slice</b>"
    assert not made.layout.shapes


def test_slices_have_no_figure_when_none_has_the_metric():
    assert slices_figure(report_of()) is None
    assert slices_figure(report_of(("a", "x", {"accuracy": 1.0})), "recall") is None
