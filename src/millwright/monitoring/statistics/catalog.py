"""The statistics by name; each is loaded when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.monitoring.statistics.column import ColumnKind, Statistic

_PACKAGE = "millwright.monitoring.statistics"
STATISTICS: Mapping[str, str] = {
    "psi": f"{_PACKAGE}.population_stability_index:PopulationStabilityIndex",
    "jensen_shannon": f"{_PACKAGE}.jensen_shannon:JensenShannon",
    "kolmogorov_smirnov": f"{_PACKAGE}.kolmogorov_smirnov:KolmogorovSmirnov",
    "chi_square": f"{_PACKAGE}.chi_square:ChiSquare",
    "hellinger": f"{_PACKAGE}.hellinger:Hellinger",
    "total_variation": f"{_PACKAGE}.total_variation:TotalVariation",
    "wasserstein": f"{_PACKAGE}.wasserstein:Wasserstein",
}


def statistic_names(kind: ColumnKind | None = None) -> tuple[str, ...]:
    """Names of all statistics, or of those defined for one kind of column."""
    return tuple(name for name in STATISTICS if kind is None or kind in find_statistic(name).kinds)


def find_statistic(name: str) -> Statistic:
    """The statistic of that name.

    Raises:
        InvalidInputError: There is none; the message names the closest.
    """
    if name not in STATISTICS:
        raise InvalidInputError(f"No drift statistic is called '{name}'.", hint=closest(name, STATISTICS))
    module, _, attribute = STATISTICS[name].partition(":")
    return cast("Statistic", getattr(import_module(module), attribute)())
