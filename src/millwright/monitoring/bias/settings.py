"""Which groups are watched."""

from __future__ import annotations

from dataclasses import dataclass

from millwright.core.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True, slots=True)
class BiasSettings:
    """Which groups are watched, and when a gap between them counts.

    Attributes:
        groups: Input columns whose values are the groups (numbers are cut at their quartiles); none by default: which
            groups matter is for people to say.
        max_growth: Tolerated growth of a gap against the reference, in the measure's unit: shares of rows, or of a
            regression the mean error as a share of the reference's.
        min_rows: Groups with fewer rows in what is measured are left out of it.
        confidence: Of the growth's interval, over all pairs of groups together.

    Raises:
        InvalidInputError: A number outside its range.
    """

    groups: tuple[str, ...] = ()
    max_growth: float = 0.1
    min_rows: int = 30
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.max_growth < 0 or self.min_rows < 2 or not 0 < self.confidence < 1:
            raise InvalidInputError(
                "Expected a tolerated growth of 0 or more, at least 2 rows of a group and a confidence between 0 and "
                f"1, found {self.max_growth}, {self.min_rows} and {self.confidence}."
            )
