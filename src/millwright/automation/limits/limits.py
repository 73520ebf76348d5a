"""How often a model may be trained again, for how much money, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from millwright.automation.limits.quiet_hours import QuietHours
from millwright.core.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True, slots=True)
class Worth:
    """What a better model is worth, so that a retraining's gain can be set against its cost.

    Attributes:
        per_unit: What one unit of the metric is worth on one prediction, in the currency of the price table: with
            `rmse` in days, what one day of error costs; with `accuracy`, what a wrong answer costs. Above 0.
        metric: Whose loss counts; the report's main metric when empty.
        horizon_days: For how many days the gain is counted: as long as a model usually lasts. Above 0.
        recovered: The share of the loss that a retraining is expected to win back, above 0 and at most 1.

    Raises:
        InvalidInputError: A number outside its range.
    """

    per_unit: float
    metric: str = ""
    horizon_days: float = 7.0
    recovered: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("value per unit", self.per_unit), ("horizon in days", self.horizon_days)):
            if not value > 0:
                raise InvalidInputError(f"Expected a {name} above 0, found {value}.")
        if not 0 < self.recovered <= 1:
            raise InvalidInputError(
                f"Expected the recovered share to be above 0 and at most 1, found {self.recovered}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Within which bounds a model is trained again.

    Attributes:
        cooldown: Rest between the end of one retraining and the start of the next.
        max_per_day: Retrainings in any 24 hours at most, ≥ 1.
        budget_day: What all retrainings of any 24 hours may cost, as measured; None for any amount.
        budget_month: Likewise of any 30 days.
        currency: Of both, for people.
        quiet: When none begins by itself; a person may begin one.
        zone: Whose clock on the wall `quiet` means.
        worth: Retrain by itself only when it pays; None does not ask.

    Raises:
        InvalidInputError: A number outside its range.
    """

    cooldown: timedelta = timedelta(hours=1)
    max_per_day: int = 4
    budget_day: float | None = None
    budget_month: float | None = None
    currency: str = "USD"
    quiet: tuple[QuietHours, ...] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    worth: Worth | None = None

    def __post_init__(self) -> None:
        if self.cooldown < timedelta(0):
            raise InvalidInputError(
                f"Expected a cool-down of 0 or more, found {self.cooldown.total_seconds():g} seconds."
            )
        if self.max_per_day < 1:
            raise InvalidInputError(
                f"Expected at least 1 retraining a day, found {self.max_per_day}.",
                hint="Remove what starts them to stop them.",
            )
        for name, value in (("day", self.budget_day), ("month", self.budget_month)):
            if value is not None and value < 0:
                raise InvalidInputError(f"Expected a budget per {name} of 0 or more, found {value}.")
