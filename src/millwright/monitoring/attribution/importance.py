"""How much each feature matters to the model.

A version's evaluation has measured it already, by permutation on held-out rows (`evaluation.explanation`). Where it has
not, the same is done on the reference's labelled rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.evaluation.explanation import ImportanceOptions, permutation_importances
from millwright.models.task import Task
from millwright.monitoring.labelled import class_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from millwright.evaluation.report import EvaluationReport, Importance
    from millwright.models.signature import Signature
    from millwright.monitoring.reference import Reference

_OPTIONS = ImportanceOptions(repeats=3, budget=20_000)
_FEWEST = 50  # labelled rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Importances:
    """Importances as shares.

    Attributes:
        shares: Feature → share of all importance, 0 to 1, together 1. What makes the model no worse when it is permuted
            has 0; so have all where nothing does.
        metric: What they were measured in.
        source: `evaluation`, or `reference` when they were measured now.
    """

    shares: Mapping[str, float]
    metric: str
    source: str


def report_importances(report: EvaluationReport) -> Importances | None:
    """Those of a version's evaluation; None when it measured none."""
    if not report.importances:
        return None
    return Importances(shares=_shares(report.importances), metric=report.importance_metric, source="evaluation")


def reference_importances(
    reference: Reference, predict: Callable[[pl.DataFrame], pl.DataFrame], signature: Signature
) -> Importances | None:
    """Those on the reference's labelled rows, held-out ones where there are any.

    Args:
        reference: Of the version.
        predict: Raw rows → the signature's output columns.
        signature: Of the version.

    Returns:
        None when fewer than 50 rows are labelled, or the model answers arrays.
    """
    part = reference.answers
    if signature.task is Task.TENSOR:
        return None
    truth = part.labels
    if signature.task.is_classification:
        classes = {class_text(value): value for value in signature.classes}
        truth = pl.Series([classes.get(text) for text in part.labels.to_list()])
    known = truth.is_not_null()
    if int(known.sum()) < _FEWEST:
        return None
    frame = part.inputs.with_columns(truth.alias(signature.target)).filter(known)
    found, metric = permutation_importances(predict, frame, signature, options=_OPTIONS)
    return Importances(shares=_shares(found), metric=metric, source="reference")


def _shares(importances: Iterable[Importance]) -> dict[str, float]:
    kept = {one.column: max(one.mean, 0.0) for one in importances}
    total = sum(kept.values())
    return {name: value / total if total > 0 else 0.0 for name, value in kept.items()}
