"""What of a change of the mean loss is due to which rows.

For each feature, cut into parts b with shares p before and q now, and mean losses L before and M now,

    M̄ - L̄ = Σ (q - p)·(L - L̄)  +  Σ q·(M - L)

which is an identity: the first sum is what the changed **mix** of rows costs (they moved to where the model was worse
all along: drift), the second what parts cost that **fared worse** than they used to (other outcomes for the same
inputs: concept drift, or a fault). It is Kitagawa's decomposition of a difference of rates (Journal of the American
Statistical Association 50, 1955). For a part that the reference has no rows of, L is L̄.

A part stands out when its loss rose by more than that of all other rows, by a one-sided test of the difference of both
differences (Welch's, normal) under Benjamini-Hochberg control over all parts of all features. Features that hang
together stand out together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.ids import PredictionId
from millwright.monitoring.attribution.feature_bin import FeatureBins, cut_feature
from millwright.monitoring.attribution.settings import AttributionSettings
from millwright.monitoring.column_table import ColumnView, Table, taken
from millwright.monitoring.false_discovery import benjamini_hochberg
from millwright.monitoring.row_loss import RowLosses

if TYPE_CHECKING:
    from millwright.evaluation.metrics.sample import Codes, Floats
    from millwright.monitoring.monitored_column import MonitoredColumn


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LossSide:
    """One side of the comparison.

    Attributes:
        inputs: n conformed rows, in memory or read column by column.
        losses: Of those that are labelled.
        ids: The n predictions; empty for the reference.
    """

    inputs: Table
    losses: RowLosses
    ids: Sequence[PredictionId] | pl.Series | ColumnView = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BinLoss:
    """A part of a feature that fared worse than the others.

    Attributes:
        label: What it holds.
        rows: Labelled rows of the window in it.
        before: Mean loss there in the reference.
        now: Mean loss there in the window.
        contribution: What it adds to the change of the whole, q·(M - L).
        p_value: Of the test that it rose by more than the others'.
        examples: Its rows with the largest losses.
    """

    label: str
    rows: int
    before: float
    now: float
    contribution: float
    p_value: float
    examples: tuple[PredictionId, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureLoss:
    """What one feature tells of a change of the loss.

    Attributes:
        column: Which feature.
        mix: What the changed mix of its values costs.
        worse: Its parts that stand out, the surest first.
    """

    column: str
    mix: float
    worse: tuple[BinLoss, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LossAttribution:
    """A change of the loss, and what explains it.

    Attributes:
        name: What the loss is: `absolute error`, `Brier score`, `error rate`.
        before: Its mean on the reference's labelled rows.
        now: Its mean on the window's.
        rows: Labelled rows of both sides.
        features: First those with parts that stand out, the surest first; then by how much their mix costs.
    """

    name: str
    before: float
    now: float
    rows: tuple[int, int]
    features: tuple[FeatureLoss, ...]

    @property
    def change(self) -> float:
        """By how much the mean loss rose."""
        return self.now - self.before


def attribute_loss(
    columns: Sequence[MonitoredColumn],
    reference: LossSide,
    current: LossSide,
    settings: AttributionSettings | None = None,
) -> LossAttribution | None:
    """Explain a change of the mean loss.

    Args:
        columns: Features to explain it by; those of both tables.
        reference: Rows that the model was not fitted to.
        current: The window.
        settings: How much is looked at.

    Returns:
        None when it is switched off, a side has too few labelled rows, or the sides' losses are different ones.
    """
    chosen = settings or AttributionSettings()
    before, now = reference.losses, current.losses
    few = min(before.rows.size, now.rows.size) < 2 * chosen.min_rows
    if not chosen.enabled or few or before.name != now.name:
        return None

    def cut(column: MonitoredColumn) -> FeatureBins:
        sides = (taken(side.inputs, column.name, side.losses.rows) for side in (reference, current))
        return cut_feature(column, *sides)

    def told(column: MonitoredColumn, parts: Sequence[tuple[float, int]]) -> tuple[BinLoss, ...]:
        if not parts:
            return ()
        bins = cut(column)
        return tuple(_described(bins, part, p, current, before.values, chosen.examples) for p, part in parts)

    judged, mixes = [], []
    for column in columns:  # those that are told of are cut again: of the others nothing is kept
        bins = cut(column)
        judged.append(_judge(bins, before.values, now.values, chosen.min_rows))
        mixes.append(_mix(bins, before.values))
    order = [(feature, part) for feature, tests in enumerate(judged) for part in tests]
    p_values = [judged[feature][part] for feature, part in order]
    rejected = benjamini_hochberg(p_values, chosen.false_discovery_rate)
    standing_out = {place: p for place, p, agrees in zip(order, p_values, rejected, strict=True) if agrees}
    found: list[list[tuple[float, int]]] = [[] for _ in columns]  # parts of each feature, the surest first
    for (feature, part), p_value in standing_out.items():
        found[feature].append((p_value, part))
    features = [(column, mix, sorted(parts)) for column, mix, parts in zip(columns, mixes, found, strict=True)]
    features.sort(key=lambda each: (each[2][0][0] if each[2] else 2.0, -each[1], each[0].name))
    return LossAttribution(
        name=now.name,
        before=float(before.values.mean()),
        now=float(now.values.mean()),
        rows=(before.rows.size, now.rows.size),
        features=tuple(
            FeatureLoss(column=column.name, mix=mix, worse=told(column, parts))
            for column, mix, parts in features[: chosen.features]
        ),
    )


def _means(codes: Codes, losses: Floats, size: int) -> tuple[Floats, Floats, Floats]:
    """Per part: rows, mean loss (NaN where there are none), and its variance (n - 1; NaN below two rows)."""
    counts = np.bincount(codes, minlength=size).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.bincount(codes, weights=losses, minlength=size) / counts
        squares = np.bincount(codes, weights=(losses - np.nan_to_num(means)[codes]) ** 2, minlength=size)
        return counts, means, np.where(counts > 1, squares / (counts - 1), np.nan)


def _mix(cut: FeatureBins, before: Floats) -> float:
    size = len(cut.labels)
    counts, means, _ = _means(cut.reference, before, size)
    shares = np.bincount(cut.current, minlength=size) / cut.current.size
    whole = float(before.mean())
    return float(((shares - counts / counts.sum()) * (np.where(counts > 0, means, whole) - whole)).sum())


def _judge(cut: FeatureBins, before: Floats, now: Floats, least: int) -> dict[int, float]:
    """Part → p-value that its loss rose by more than that of the other rows; parts of enough rows only."""
    size = len(cut.labels)
    first, second = _means(cut.reference, before, size), _means(cut.current, now, size)
    found = {}
    for part in np.flatnonzero((first[0] >= least) & (second[0] >= least)).tolist():
        rest = [before[cut.reference != part], now[cut.current != part]]
        if min(each.size for each in rest) < least:
            continue
        risen = second[1][part] - first[1][part] - (rest[1].mean() - rest[0].mean())
        variance = sum(side[2][part] / side[0][part] for side in (first, second))
        variance += sum(each.var(ddof=1) / each.size for each in rest)
        if variance > 0:
            found[part] = 0.5 * math.erfc(float(risen) / math.sqrt(2 * float(variance)))
    return found


def _described(
    cut: FeatureBins, part: int, p_value: float, current: LossSide, before: Floats, examples: int
) -> BinLoss:
    losses = current.losses
    inside = np.flatnonzero(cut.current == part)  # of the labelled rows
    worst = inside[np.argsort(-losses.values[inside], kind="stable")[:examples]]
    then, now = float(before[cut.reference == part].mean()), float(losses.values[inside].mean())
    return BinLoss(
        label=cut.labels[part],
        rows=inside.size,
        before=then,
        now=now,
        contribution=inside.size / losses.rows.size * (now - then),
        p_value=p_value,
        examples=tuple(current.ids[int(losses.rows[row])] for row in worst) if len(current.ids) else (),
    )
