"""How well a single column tells a target, without a model.

Notation: n rows; y the target, never null; x the column.

- Two classes: ROC AUC, the share of pairs of rows of different classes that x puts in the right order, ties counting
  half (Mann and Whitney 1947), either way round: max(AUC, 1 - AUC), from 0.5 to 1.
- More classes: accuracy of guessing the most frequent class of x's value, from 0 to 1.
- Numbers: absolute rank correlation (Spearman 1904), from 0 to 1.

A column of words stands for the mean target (or the most frequent class) of its word. What a word stands for in the
even rows is learnt from the odd ones and the other way round, so that words that never repeat tell nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

_MIN_ROWS = 30
_MIN_CLASS_ROWS = 5
_MAX_CLASSES = 20  # more different whole numbers are quantities
_BINS = 50
_HALF = 0.5


class TargetKind(StrEnum):
    """What is to be told."""

    BINARY = "roc_auc"  # the measure that goes with it
    CLASSES = "accuracy"
    NUMBER = "correlation"


@dataclass(frozen=True, slots=True)
class Power:
    """How well a column tells the target.

    Attributes:
        score: In the measure of the target's kind; 0 when there is too little to judge by.
        gain: The share of the errors of the best constant guess that the column avoids, 0 to 1; for ROC AUC and
            correlation, which no constant earns, the score itself.
    """

    score: float
    gain: float


_NONE = Power(0.0, 0.0)


def target_kind(target: pl.Series) -> TargetKind | None:
    """Which kind a target without nulls is; None for one that cannot be told apart or put in order."""
    distinct = target.n_unique()
    if distinct < 2 or target.dtype.is_nested() or isinstance(target.dtype, (pl.Binary, pl.Object)):
        return None
    if distinct == 2:
        return TargetKind.BINARY
    if (target.dtype.is_integer() and distinct > _MAX_CLASSES) or target.dtype.is_float() or target.dtype.is_decimal():
        return TargetKind.NUMBER
    if target.dtype.is_temporal():
        return TargetKind.NUMBER
    return TargetKind.CLASSES if distinct <= _MAX_CLASSES else None


def column_power(column: pl.Series, target: pl.Series, kind: TargetKind) -> Power:
    """How well a column tells a target.

    Args:
        column: x, of any type that is not nested; n values. Missing numbers are left out; a missing word is a word.
        target: y, without nulls; n values.
        kind: The target's kind.
    """
    y = _codes(target) if kind is not TargetKind.NUMBER else target.to_physical().cast(pl.Float64)
    ordered = column.dtype.is_numeric() or column.dtype.is_temporal() or isinstance(column.dtype, pl.Boolean)
    if kind is TargetKind.CLASSES:
        return _accuracy(_binned(column) if ordered else column.cast(pl.String), y)
    x = column.to_physical().cast(pl.Float64) if ordered else _learnt_means(column.cast(pl.String), y.cast(pl.Float64))
    known = x.is_not_null() & x.is_not_nan()
    x, y = x.filter(known), y.filter(known)
    if x.len() < _MIN_ROWS or x.n_unique() < 2:
        return _NONE
    score = _auc(x, y) if kind is TargetKind.BINARY else _rank_correlation(x, y)
    return Power(score, score)


def _codes(values: pl.Series) -> pl.Series:
    """Classes as 0, 1, 2, … in their order."""
    return values.rank("dense").cast(pl.Int64) - 1


def _auc(x: pl.Series, y: pl.Series) -> float:
    positives = int(y.sum())
    negatives = y.len() - positives
    if min(positives, negatives) < _MIN_CLASS_ROWS:
        return 0.0
    ranks = float(x.rank("average").filter(y == 1).sum())
    auc = (ranks - positives * (positives + 1) / 2) / (positives * negatives)
    return float(max(auc, 1 - auc))


def _rank_correlation(x: pl.Series, y: pl.Series) -> float:
    frame = pl.DataFrame({"x": x.rank("average"), "y": y.rank("average")})
    found = frame.select(pl.corr("x", "y")).item()
    return 0.0 if found is None else abs(float(found))  # NaN where y is constant compares as not above any limit


def _learnt_means(words: pl.Series, y: pl.Series) -> pl.Series:
    """For each row, the mean target of its word in the other half of the rows; the overall mean where it has none."""
    frame = pl.DataFrame({"word": words, "y": y}).with_row_index("row").with_columns(half=pl.col("row") % 2)
    of_word, of_half = pl.col("y").sum().over("word"), pl.col("y").sum().over("word", "half")
    rows = pl.len().over("word") - pl.len().over("word", "half")
    learnt = pl.when(rows > 0).then((of_word - of_half) / rows).otherwise(pl.col("y").mean())
    return frame.select(learnt.alias("mean"))["mean"]


def _accuracy(words: pl.Series, y: pl.Series) -> Power:
    frame = pl.DataFrame({"word": words, "y": y}).with_row_index("row").with_columns(half=pl.col("row") % 2)
    usual = frame.group_by("y").len().sort("len", "y", descending=[True, False])
    guesses = (
        frame.group_by("word", "half", "y")
        .len()
        .sort("len", "y", descending=[True, False])
        .unique(["word", "half"], keep="first", maintain_order=True)
        .select("word", half=1 - pl.col("half").cast(pl.Int64), guess="y")
    )
    guessed = frame.with_columns(pl.col("half").cast(pl.Int64)).join(
        guesses, on=["word", "half"], how="left", nulls_equal=True
    )
    right = float(guessed.select((pl.col("guess").fill_null(usual["y"][0]) == pl.col("y")).mean()).item())
    constant = float(usual["len"][0]) / frame.height
    return Power(right, max(0.0, (right - constant) / (1 - constant)) if constant < 1 else 0.0)


def _binned(column: pl.Series) -> pl.Series:
    """Numbers as words: each its own when there are few, else fifty ranges with equally many rows."""
    values = column.to_physical().cast(pl.Float64)
    if values.n_unique() <= _BINS:
        return values.cast(pl.String)
    ranks = values.rank("average")
    return (ranks * _BINS / (values.len() + 1)).floor().cast(pl.String)
