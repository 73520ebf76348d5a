"""How drift is decided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from millwright.core.errors import InvalidInputError
from millwright.monitoring.statistics import ColumnKind
from millwright.monitoring.statistics.catalog import find_statistic, statistic_names
from millwright.monitoring.threshold.settings import ThresholdSettings

# PSI 0.2: the customary "shifted" (see the statistic). Jensen-Shannon 0.1: small changes of the shares by a few points
# stay below it, and so with Hellinger. KS, total variation and Wasserstein 0.1: a tenth of the rows, or of a standard
# deviation, moved.
DEFAULT_THRESHOLDS: Mapping[str, float] = {
    "psi": 0.2,
    "jensen_shannon": 0.1,
    "hellinger": 0.1,
    "total_variation": 0.1,
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
        rules: Column → how its limit is taken from chunks of the reference, replacing `MonitorSettings.chunks`.
        false_discovery_rate: Expected share of false alarms among the columns whose test rejects, 0 to 1.
        bins: Cells that a numeric reference is cut into, ≥ 2.
        levels: Categories kept apart, ≥ 1.

    Raises:
        InvalidInputError: A statistic or threshold that cannot decide (names what can), or a column with both a limit
            and a rule.
    """

    numeric: str = "psi"
    categorical: str = "jensen_shannon"
    thresholds: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[str, ThresholdSettings] = field(default_factory=dict)
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
        both = sorted(set(self.columns) & set(self.rules))
        if both:
            raise InvalidInputError(f"Expected a limit or a rule for the column '{both[0]}', found both.")

    def statistic_for(self, kind: ColumnKind) -> str:
        """The name of the deciding statistic."""
        return self.numeric if kind is ColumnKind.NUMERIC else self.categorical

    def limit_for(self, column: str, kind: ColumnKind) -> float:
        """The limit of a column's deciding statistic."""
        statistic = self.statistic_for(kind)
        return self.columns.get(column, self.thresholds.get(statistic, DEFAULT_THRESHOLDS[statistic]))
