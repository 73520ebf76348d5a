"""Which columns of a window differ from the reference, decided on the size of the difference first, then on a test.

A difference counts as drift when the deciding statistic is above its threshold **and** the two-sample test rejects
under Benjamini-Hochberg control over all columns. The first keeps a million rows from raising an alarm about nothing (a
shift of 0.02 standard deviations has p = 1e-34 there); the second keeps small windows from it, whose PSI is large by
chance.

The test of a numeric column is Kolmogorov-Smirnov on the present values, joined by Bonferroni with a chi-square test of
the share of missing values when there are any; that of a categorical column is chi-square on its cells.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.core.records.monitor import DriftRecord
from millwright.data.profiles.measuring import suspected
from millwright.data.profiles.record import HIDDEN
from millwright.monitoring.false_discovery import benjamini_hochberg
from millwright.monitoring.statistics import Bins, CategoricalColumn, ColumnKind, NumericColumn
from millwright.monitoring.statistics.catalog import find_statistic, statistic_names
from millwright.monitoring.statistics.chi_square import chi_square_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from millwright.monitoring.monitored_column import MonitoredColumn

# PSI 0.2: the customary "shifted" (see the statistic). Jensen-Shannon 0.1: small changes of the shares by a few points
# stay below it. KS 0.1 and Wasserstein 0.1: a tenth of the rows, or of a standard deviation, moved.
DEFAULT_THRESHOLDS: Mapping[str, float] = {
    "psi": 0.2,
    "jensen_shannon": 0.1,
    "kolmogorov_smirnov": 0.1,
    "wasserstein": 0.1,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftSettings:
    """How drift is decided.

    Attributes:
        numeric: The deciding statistic of numeric columns.
        categorical: The deciding statistic of categorical columns: Jensen-Shannon, because a rare new category cannot
            blow it up.
        thresholds: Statistic → limit, replacing the default.
        columns: Column → limit of its deciding statistic, replacing both.
        false_discovery_rate: Expected share of false alarms among the columns whose test rejects, 0 to 1.
        bins: Cells that a numeric reference is cut into, ≥ 2.
        levels: Categories kept apart, ≥ 1.

    Raises:
        InvalidInputError: A statistic or threshold that cannot decide; names what can.
    """

    numeric: str = "psi"
    categorical: str = "jensen_shannon"
    thresholds: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[str, float] = field(default_factory=dict)
    false_discovery_rate: float = 0.05
    bins: int = 10
    levels: int = 50

    def __post_init__(self) -> None:
        for kind, name in ((ColumnKind.NUMERIC, self.numeric), (ColumnKind.CATEGORICAL, self.categorical)):
            usable = [known for known in statistic_names(kind) if known in DEFAULT_THRESHOLDS]
            if name not in usable:
                raise InvalidInputError(
                    f"Expected a statistic that can decide about {kind} columns, found '{name}'.",
                    hint=f"Use one of: {', '.join(usable)}.",
                )
        for name, limit in {**self.thresholds, **self.columns}.items():
            if not (limit > 0 and math.isfinite(limit)):
                raise InvalidInputError(f"Expected a finite drift threshold above 0 for '{name}', found {limit}.")
        for name in self.thresholds:
            find_statistic(name)

    def statistic_for(self, kind: ColumnKind) -> str:
        """The name of the deciding statistic."""
        return self.numeric if kind is ColumnKind.NUMERIC else self.categorical

    def limit_for(self, column: str, kind: ColumnKind) -> float:
        """The limit of a column's deciding statistic."""
        statistic = self.statistic_for(kind)
        return self.columns.get(column, self.thresholds.get(statistic, DEFAULT_THRESHOLDS[statistic]))


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


def compare_columns(
    columns: Sequence[MonitoredColumn],
    reference: Mapping[MonitoredColumn, pl.Series],
    current: Mapping[MonitoredColumn, pl.Series],
    settings: DriftSettings | None = None,
) -> list[ColumnDrift]:
    """Compare a window with the reference, column by column.

    Args:
        columns: Which ones.
        reference: Column → its conformed values (`models.conform`), any length.
        current: The same for the window.
        settings: How to decide.

    Returns:
        One result per column, in the given order. A side without rows gives no scores, and no drift. No value of a
        column that is suspected to hold personal data is among the names of its bins.
    """
    chosen = settings or DriftSettings()
    prepared = [
        _prepare(column.kind, column.view(reference[column]), column.view(current[column]), chosen)
        for column in columns
    ]
    scores = [_scores(pair) for pair in prepared]
    p_values = [_p_value(pair) for pair in prepared]
    rejected = benjamini_hochberg(p_values, chosen.false_discovery_rate)
    results = []
    for index, (column, pair) in enumerate(zip(columns, prepared, strict=True)):
        statistic, limit = chosen.statistic_for(column.kind), chosen.limit_for(column.name, column.kind)
        record = DriftRecord(
            column=column.name,
            kind=column.kind.value,
            scores=scores[index],
            p_value=p_values[index],
            statistic=statistic,
            threshold=limit,
            drifted=rejected[index] and scores[index].get(statistic, 0.0) > limit,
            reference_rows=len(reference[column]),
            current_rows=len(current[column]),
        )
        unseen = pair.unseen if isinstance(pair, CategoricalColumn) else {}
        found = ColumnDrift(record, column.output, pair.bins, unseen)
        is_personal = any(suspected(side[column].alias(column.name)) for side in (reference, current))
        results.append(_discreet(found) if is_personal else found)
    return results


def _discreet(drift: ColumnDrift) -> ColumnDrift:
    """Without values: the column is suspected to hold personal data."""
    labels = (*(f"{HIDDEN} {number}" for number in range(1, len(drift.bins.labels))), drift.bins.labels[-1])
    unseen = {HIDDEN: sum(drift.unseen.values())} if drift.unseen else {}
    return replace(drift, bins=replace(drift.bins, labels=labels), unseen=unseen)


def _prepare(
    kind: ColumnKind, reference: pl.Series, current: pl.Series, settings: DriftSettings
) -> NumericColumn | CategoricalColumn:
    if kind is ColumnKind.NUMERIC:
        return NumericColumn(reference, current, bins=settings.bins)
    return CategoricalColumn(reference, current, levels=settings.levels)


def _scores(pair: NumericColumn | CategoricalColumn) -> dict[str, float]:
    found = {name: find_statistic(name).score(pair).value for name in statistic_names(pair.kind)}
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _p_value(pair: NumericColumn | CategoricalColumn) -> float | None:
    if isinstance(pair, CategoricalColumn):
        return find_statistic("chi_square").score(pair).p_value
    values = find_statistic("kolmogorov_smirnov").score(pair).p_value
    counts = [
        np.array([present.size, missing])
        for present, missing in (
            (pair.reference, pair.reference_missing),
            (pair.current, pair.current_missing),
        )
    ]
    if not (pair.reference_missing or pair.current_missing) or not all(count.sum() for count in counts):
        return values
    missing_share = chi_square_p(*counts)
    return missing_share if values is None else min(1.0, 2 * min(values, missing_share))
