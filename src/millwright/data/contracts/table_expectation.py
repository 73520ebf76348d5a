"""What must be true of a table as a whole: how fresh it is, how large, and how its values are spread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.duration import write_duration
from millwright.data.contracts.severity import Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """How old the newest value of a column may be when the table is validated.

    Attributes:
        column: Of dates (a date is its midnight in UTC) or times (naive ones count as UTC).
        max_age: Included.
        severity: `warn` or `stop`.
    """

    column: str
    max_age: timedelta
    severity: Severity = Severity.STOP

    def __post_init__(self) -> None:
        _check_severity(self.severity, self.reason)
        if self.max_age <= timedelta():
            raise InvalidInputError(
                f"Expected a max_age above zero for {self.column}, found {self.max_age}.", hint="Such as 2d."
            )

    @property
    def reason(self) -> str:
        """What is said of a table that fails."""
        return f"{self.column}: newest value older than {write_duration(self.max_age)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume:
    """How many rows a table may have; those that are set aside count.

    Attributes:
        min_rows: The least number; None for any.
        max_rows: The greatest number; None for any.
        max_change: The greatest change of the number against the former version, as a share of the former: 0.2 for
            20 %. A table without a former version passes; so does anything after a version without rows.
        severity: `warn` or `stop`.
    """

    min_rows: int | None = None
    max_rows: int | None = None
    max_change: float | None = None
    severity: Severity = Severity.STOP

    def __post_init__(self) -> None:
        _check_severity(self.severity, "volume")
        given = [bound for bound in (self.min_rows, self.max_rows, self.max_change) if bound is not None]
        ordered = self.min_rows is None or self.max_rows is None or self.min_rows <= self.max_rows
        if not given or min(given) < 0 or not math.isfinite(max(given)) or not ordered:
            raise InvalidInputError(
                "Expected min_rows, max_rows or max_change in the volume, none below zero and min_rows not above "
                f"max_rows; found {self.min_rows}, {self.max_rows} and {self.max_change}.",
                hint="For example: volume: {min_rows: 1000, max_change: 20%}.",
            )


class Measure(StrEnum):
    """What is measured of a column; missing values count in `nulls` only."""

    MEAN = "mean"  # of numbers
    STD = "std"  # sample standard deviation (n - 1) of numbers
    QUANTILE = "quantile"  # of numbers, interpolated linearly between the two nearest
    NULLS = "nulls"  # share of all rows that have no value, 0 to 1
    SHARE = "share"  # share of the values that are one of some
    DISTINCT = "distinct"  # number of different values
    PSI = "psi"  # population stability index against a reference version
    KS = "ks"  # Kolmogorov-Smirnov distance of numbers from a reference version, 0 to 1


AGAINST_REFERENCE = frozenset({Measure.PSI, Measure.KS})
OF_NUMBERS = frozenset({Measure.MEAN, Measure.STD, Measure.QUANTILE, Measure.KS})


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """Between which bounds a measure of a column must lie. Without values, all but `nulls` pass, which is told.

    Attributes:
        column: Which column.
        measure: What is measured.
        minimum: Lowest result, included; None for any.
        maximum: Highest result, included; None for any.
        at: Which quantile, 0 to 1; for `quantile` only.
        values: Which values; for `share` only.
        reference: The dataset version to compare with, such as `costs@golden`; for `psi` and `ks` only. Empty for the
            former version; a table without one passes, and that is told.
        severity: `warn` or `stop`.

    Raises:
        InvalidInputError: The parts do not fit the measure.
    """

    column: str
    measure: Measure
    minimum: float | None = None
    maximum: float | None = None
    at: float | None = None
    values: tuple[str | int | float, ...] = ()
    reference: str = ""
    severity: Severity = Severity.STOP

    def __post_init__(self) -> None:
        _check_severity(self.severity, self.what)
        bounds = [bound for bound in (self.minimum, self.maximum) if bound is not None]
        if not bounds or not all(map(math.isfinite, bounds)) or bounds != sorted(bounds):
            raise InvalidInputError(
                f"Expected min, max or both for the {self.what}, min not above max; "
                f"found {self.minimum} and {self.maximum}.",
                hint="For example: {column: cost, measure: mean, min: 100, max: 900}.",
            )
        if (self.measure is Measure.QUANTILE) is not (self.at is not None and 0 <= self.at <= 1):
            raise InvalidInputError(
                f"Expected at from 0 to 1 for a quantile, and for nothing else; found {self.at} for the {self.what}.",
                hint="For example: {column: cost, measure: quantile, at: 0.95, max: 900}.",
            )
        if (self.measure is Measure.SHARE) is not bool(self.values):
            raise InvalidInputError(
                f"Expected values for a share, and for nothing else; found {list(self.values)} for the {self.what}.",
                hint="For example: {column: status, measure: share, values: [open], max: 0.5}.",
            )
        if self.reference and self.measure not in AGAINST_REFERENCE:
            raise InvalidInputError(
                f"Expected a reference for psi and ks only, found '{self.reference}' for the {self.what}.",
                hint="Take the line out.",
            )

    @property
    def what(self) -> str:
        """What is measured, for people."""
        at = f" {self.at}" if self.at is not None else ""
        of = f" of {', '.join(map(str, self.values))}" if self.values else ""
        against = f" against {self.reference or 'the former version'}" if self.measure in AGAINST_REFERENCE else ""
        return f"{self.measure}{at}{of} of {self.column}{against}"


def _check_severity(severity: Severity, what: str) -> None:
    if severity is Severity.QUARANTINE:
        raise InvalidInputError(
            f"Expected the severity warn or stop for what is true of a table ({what}), found quarantine.",
            hint="A table as a whole cannot be set aside.",
        )
