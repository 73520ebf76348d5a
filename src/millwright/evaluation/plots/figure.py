"""All figures that fit a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.metrics.catalog import MAIN_METRIC
from millwright.evaluation.plots.calibration import calibration_figure
from millwright.evaluation.plots.candidates import candidates_figure
from millwright.evaluation.plots.confusion import confusion_figure
from millwright.evaluation.plots.importances import importances_figure
from millwright.evaluation.plots.precision_recall import precision_recall_figure
from millwright.evaluation.plots.predicted_actual import predicted_actual_figure
from millwright.evaluation.plots.residuals import residuals_figure
from millwright.evaluation.plots.roc import roc_figure
from millwright.evaluation.plots.slices import slices_figure
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plotly.graph_objects import Figure

    from millwright.evaluation.report import EvaluationReport


def figures(report: EvaluationReport, leaderboard: Sequence[Mapping[str, Any]] = ()) -> dict[str, Figure]:
    """The figures of a report, in the order to show them.

    Args:
        report: Of any task.
        leaderboard: The candidates' cross-validated metrics; see `candidates_figure`.

    Returns:
        Name → figure, of those for which the report has something to show: `candidates` (accuracy or RMSE),
        `candidates_roc_auc`, `confusion`, `roc`, `precision_recall`, `calibration`, `predicted_actual`, `residuals`,
        `importances`, `slices`.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    main = MAIN_METRIC[report.task]
    first = main if report.task is Task.REGRESSION else "accuracy"
    found = {"candidates": candidates_figure(leaderboard, first)}
    if main != first:
        found[f"candidates_{main}"] = candidates_figure(leaderboard, main)
    found |= _classification(report) | _regression(report)
    if report.importances:
        found["importances"] = importances_figure(report.importances, report.importance_metric)
    found["slices"] = slices_figure(report)
    return {name: made for name, made in found.items() if made is not None}


def _classification(report: EvaluationReport) -> dict[str, Figure | None]:
    found: dict[str, Figure | None] = {}
    metrics, curves = report.metrics, report.curves
    if report.confusion is not None:
        found["confusion"] = confusion_figure(report.confusion, report.target)
    if "roc" in curves:
        found["roc"] = roc_figure(curves["roc"], metrics.get("roc_auc"))
    if "precision_recall" in curves:
        lines = curves["precision_recall"]
        found["precision_recall"] = precision_recall_figure(lines, metrics.get("average_precision"), _positives(report))
    if "calibration" in curves:
        found["calibration"] = calibration_figure(curves["calibration"], metrics.get("brier"))
    return found


def _regression(report: EvaluationReport) -> dict[str, Figure | None]:
    found: dict[str, Figure | None] = {}
    if "predicted_actual" in report.curves:
        (points,) = report.curves["predicted_actual"]
        found["predicted_actual"] = predicted_actual_figure(points, report.target, report.metrics.get("r2"))
    if "residuals" in report.curves:
        found["residuals"] = residuals_figure(report.curves["residuals"][0], report.target)
    return found


def _positives(report: EvaluationReport) -> float | None:
    if report.confusion is None or report.task is not Task.BINARY:
        return None
    return sum(report.confusion.matrix[1]) / report.rows
