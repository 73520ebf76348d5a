"""When an alert is raised, and when it ends by itself."""

from __future__ import annotations

from dataclasses import dataclass

from millwright.core.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertRules:
    """Hysteresis of alerts: a signal that wavers about its limit must not raise and resolve one at each check.

    A signal that flips at every check raises one alert with `resolve_after` of 2 or more, which stays until the signal
    rests; and none at all with `raise_after` of 2 or more.

    Attributes:
        raise_after: Checks in a row that must find it, ≥ 1.
        resolve_after: Checks in a row, able to tell, that must not find it any more; 0: only people and automation
            resolve alerts.
        resolve_limit: What raised the alert must be below this share of its limit for a check to count as clean, above
            0 and at most 1.

    Raises:
        InvalidInputError: A number outside its range.
    """

    raise_after: int = 1
    resolve_after: int = 3
    resolve_limit: float = 0.8

    def __post_init__(self) -> None:
        if self.raise_after < 1 or self.resolve_after < 0:
            raise InvalidInputError(
                f"Expected raise_after ≥ 1 and resolve_after ≥ 0, found {self.raise_after} and {self.resolve_after}."
            )
        if not 0 < self.resolve_limit <= 1:
            raise InvalidInputError(f"Expected a resolve_limit above 0, at most 1, found {self.resolve_limit}.")
