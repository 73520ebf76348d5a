"""Which columns of a window differ from the reference, decided on the size of the difference first, then on a test.

A difference counts as drift when the deciding statistic is above its threshold **and** the two-sample test rejects
under Benjamini-Hochberg control over all columns. The first keeps a million rows from raising an alarm about nothing (a
shift of 0.02 standard deviations has p = 1e-34 there); the second keeps small windows from it, whose PSI is large by
chance.

The test of a numeric column is Kolmogorov-Smirnov on the present values, as its distance is; it is joined by Bonferroni
with a chi-square test of the share of missing values, when there are any, which has a p-value of its own. That of a
categorical column is chi-square on its cells, one of which holds the missing values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from millwright.core.records.monitor import DriftRecord
from millwright.data.profiles.measuring import suspected
from millwright.data.profiles.record import HIDDEN
from millwright.monitoring.drift_settings import DriftSettings
from millwright.monitoring.false_discovery import benjamini_hochberg
from millwright.monitoring.monitored_column import MonitoredColumn
from millwright.monitoring.statistics import Bins, CategoricalColumn, Column, ColumnKind, NumericColumn, NumericPair
from millwright.monitoring.statistics.catalog import find_statistic, statistic_names
from millwright.monitoring.statistics.chi_square import chi_square_p
from millwright.monitoring.summaries.categorical.pair import CategoricalSummaryPair

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.monitoring.summaries import TableGrid, TableSummary

_TESTS = {ColumnKind.NUMERIC: "kolmogorov_smirnov", ColumnKind.CATEGORICAL: "chi_square"}


@dataclass(frozen=True, slots=True, eq=False)
class ColumnDrift:
    """One compared column.

    Attributes:
        record: Scores and decision.
        output: Whether it is an answer of the model rather than a feature.
        bins: Both samples counted in the same cells, to show them.
        unseen: New categories → rows, most frequent first.
    """

    record: DriftRecord
    output: bool
    bins: Bins
    unseen: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ComparedColumn:
    """One column of the reference and of a window, ready for the statistics.

    Attributes:
        column: Which one.
        pair: Both samples.
        is_personal: Whether it is suspected to hold personal data: no value of it is shown.
    """

    column: MonitoredColumn
    pair: Column
    is_personal: bool


class Values(Protocol):
    """Gives the conformed values of columns; a mapping does, and so does what reads a column when it is asked for."""

    def __getitem__(self, column: MonitoredColumn, /) -> pl.Series:
        """A column's."""
        ...


def compare_columns(
    columns: Sequence[MonitoredColumn],
    reference: Values,
    current: Values,
    settings: DriftSettings | None = None,
) -> list[ColumnDrift]:
    """Compare a window with the reference, column by column, from all of their values.

    Args:
        columns: Which ones.
        reference: Column → its conformed values (`models.conform`), any length.
        current: The same for the window.
        settings: How to decide.

    Returns:
        As `judge` says.
    """
    chosen = settings or DriftSettings()
    compared = (  # one after the other: only one column's values are held in order at a time
        ComparedColumn(
            column=column,
            pair=_pair(column.kind, column.view(reference[column]), column.view(current[column]), chosen),
            is_personal=any(suspected(side[column].alias(column.name)) for side in (reference, current)),
        )
        for column in columns
    )
    return judge(compared, chosen)


def compare_summaries(
    grid: TableGrid, current: TableSummary, settings: DriftSettings | None = None
) -> list[ColumnDrift]:
    """Compare a window with the reference, column by column, from summaries.

    Args:
        grid: The cells of the version, with its reference.
        current: The window, counted in them.
        settings: How to decide.

    Returns:
        As `judge` says. How close it is to the comparison of all values: `summaries.numeric.pair` and
        `summaries.categorical.pair`.
    """
    chosen = settings or DriftSettings()
    compared = []
    for column in grid.columns:
        pair = grid.pair(column, current, bins=chosen.bins, levels=chosen.levels)
        compared.append(
            ComparedColumn(
                column=column,
                pair=pair,
                is_personal=column in grid.personal or _is_personal(column.name, list(_unseen(pair))),
            )
        )
    return judge(compared, chosen)


def _is_personal(name: str, values: list[str]) -> bool:
    return bool(values) and suspected(pl.Series(name, values, dtype=pl.String)) is not None


def judge(compared: Iterable[ComparedColumn], settings: DriftSettings) -> list[ColumnDrift]:
    """Score columns and decide which differ.

    Args:
        compared: All columns of a window: the false-discovery rate is that of them together. None is kept.
        settings: How to decide.

    Returns:
        One result per column, in the given order. A side without rows gives no scores, and no drift. No value of a
        column that is suspected to hold personal data is among the names of its bins.
    """
    measured = list(map(partial(_measure, settings=settings), compared))  # a loop would hold on to the last column
    rejected = benjamini_hochberg([each.record.joined_p_value for each in measured], settings.false_discovery_rate)
    return [_decided(each, rejects=rejects) for each, rejects in zip(measured, rejected, strict=True)]


def _measure(each: ComparedColumn, settings: DriftSettings) -> ColumnDrift:
    """Not decided yet, which takes all columns' tests."""
    column, pair, bins = each.column, each.pair, each.pair.bins
    record = DriftRecord(
        column=column.name,
        kind=column.kind.value,
        scores=_scores(pair),
        p_value=find_statistic(_TESTS[column.kind]).score(pair).p_value,
        missing_p_value=_missing_p_value(pair),
        statistic=settings.statistic_for(column.kind),
        threshold=settings.limit_for(column.name, column.kind),
        drifted=False,
        reference_rows=int(bins.reference.sum()),
        current_rows=int(bins.current.sum()),
    )
    found = ColumnDrift(record, column.output, bins, _unseen(pair))
    return _discreet(found) if each.is_personal else found


def _decided(drift: ColumnDrift, *, rejects: bool) -> ColumnDrift:
    record = drift.record
    drifted = rejects and record.scores.get(record.statistic, 0.0) > record.threshold
    return replace(drift, record=replace(record, drifted=drifted))


def _discreet(drift: ColumnDrift) -> ColumnDrift:
    """Without values: the column is suspected to hold personal data."""
    labels = (*(f"{HIDDEN} {number}" for number in range(1, len(drift.bins.labels))), drift.bins.labels[-1])
    unseen = {HIDDEN: sum(drift.unseen.values())} if drift.unseen else {}
    return replace(drift, bins=replace(drift.bins, labels=labels), unseen=unseen)


def _unseen(pair: Column) -> Mapping[str, int]:
    return pair.unseen if isinstance(pair, CategoricalColumn | CategoricalSummaryPair) else {}


def _pair(
    kind: ColumnKind, reference: pl.Series, current: pl.Series, settings: DriftSettings
) -> NumericColumn | CategoricalColumn:
    if kind is ColumnKind.NUMERIC:
        return NumericColumn(reference, current, bins=settings.bins)
    return CategoricalColumn(reference, current, levels=settings.levels)


def _scores(pair: Column) -> dict[str, float]:
    found = {name: find_statistic(name).score(pair).value for name in statistic_names(pair.kind)}
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _missing_p_value(pair: Column) -> float | None:
    if not isinstance(pair, NumericPair) or not any(pair.missing):
        return None
    counts = [np.array(side) for side in zip(pair.rows, pair.missing, strict=True)]
    return chi_square_p(*counts) if all(count.sum() for count in counts) else None
