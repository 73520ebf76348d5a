"""Drifted features ranked by drift times importance: what drifts far and matters little comes behind what matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.core.ids import PredictionId
from millwright.monitoring.attribution.feature_bin import cut_feature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from millwright.monitoring.column_table import ColumnView
    from millwright.monitoring.drift import ColumnDrift
    from millwright.monitoring.monitored_column import MonitoredColumn


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftShare:
    """What one drifted feature has to do with the drift that matters.

    Attributes:
        column: Which feature.
        statistic: The one that decided.
        score: Its value.
        importance: The feature's share of all importance, 0 to 1; None when it is not known.
        weight: Its share of the sum of score / threshold x importance over the drifted features, 0 to 1. Scores of
            different statistics are comparable in units of their thresholds only. Without importances all features
            count alike.
        where: The part of its values that grew most, in the window's share less the reference's; empty when not known.
        examples: Rows of the window from there.
    """

    column: str
    statistic: str
    score: float
    importance: float | None
    weight: float
    where: str = ""
    examples: tuple[PredictionId, ...] = ()

    def __str__(self) -> str:
        """Name, score and importance, in parentheses what was multiplied."""
        times = "\N{MULTIPLICATION SIGN}"
        importance = "" if self.importance is None else f" {times} importance {self.importance:.2f}"
        return f"{self.column} ({self.statistic} {self.score:.2f}{importance})"


def attribute_drift(
    drift: Sequence[ColumnDrift], importances: Mapping[str, float] | None = None
) -> tuple[DriftShare, ...]:
    """Rank the drifted features.

    Args:
        drift: All compared columns; answers, and what has not drifted, are left out.
        importances: Feature → share of all importance; a feature that is not among them has none known and counts as
            one of average importance. None or empty when nothing is known.

    Returns:
        The most weighty first; equal ones by name.
    """
    known = importances or {}
    average = sum(known.values()) / len(known) if known else 1.0
    drifted = [each.record for each in drift if each.record.drifted and not each.output]
    weights = [
        record.scores[record.statistic] / record.threshold * known.get(record.column, average) for record in drifted
    ]
    total = sum(weights)
    shares = [
        DriftShare(
            column=record.column,
            statistic=record.statistic,
            score=record.scores[record.statistic],
            importance=known.get(record.column),
            weight=weight / total if total > 0 else 1 / len(drifted),
        )
        for record, weight in zip(drifted, weights, strict=True)
    ]
    return tuple(sorted(shares, key=lambda share: (-share.weight, share.column)))


def example_rows(
    column: MonitoredColumn,
    reference: pl.Series,
    current: pl.Series,
    ids: pl.Series | ColumnView,
    *,
    examples: int,
) -> tuple[str, tuple[PredictionId, ...]]:
    """Rows that show the drift of a feature: those in the part of its values that grew most.

    Args:
        column: Which feature.
        reference: Its conformed values in the reference, at least one.
        current: Its m conformed values in the window, m ≥ 1.
        ids: The m predictions.
        examples: How many rows.

    Returns:
        The part, and the newest of its rows.
    """
    bins = cut_feature(column, reference, current)
    size = len(bins.labels)
    before = np.bincount(bins.reference, minlength=size) / len(reference)
    now = np.bincount(bins.current, minlength=size) / len(current)
    grown = int(np.argmax(now - before))
    rows = np.flatnonzero(bins.current == grown)
    newest = ids.gather(rows).top_k(examples).sort(descending=True).to_list()
    return bins.labels[grown], tuple(newest)
