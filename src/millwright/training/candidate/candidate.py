"""What a candidate is: an estimator to try, and the space in which its parameters are searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Suggester(Protocol):
    """Chooses parameters; `optuna.Trial` is one."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number between two bounds."""
        ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """An integer between two bounds, both included."""
        ...

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """One of some choices."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What a candidate needs to know to build its estimator.

    Attributes:
        numbers: Positions of the matrix's columns that are quantities.
        categories: Positions of the columns that are codes of categories.
        seed: Of everything random in the estimator.
        target_scale: Standard deviation of a regression's target, > 0; 1 for classification. Parameters that carry
            the target's unit are given relative to it.
    """

    numbers: tuple[int, ...]
    categories: tuple[int, ...]
    seed: int
    target_scale: float = 1.0


def no_cap(params: Mapping[str, Any]) -> int | None:
    """For candidates that take as many rows as there are."""
    del params
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One kind of model to try.

    Attributes:
        name: As people write it, snake_case: `random_forest`.
        build: Parameters and setting to an unfitted scikit-learn Pipeline over the encoded matrix. All preparation
            that learns from rows is inside it, so that cross-validation never leaks.
        suggest: Chooses parameters within the search space; JSON values, named as `build` takes them.
        defaults: The parameters tried first, inside the search space.
        max_rows: Most rows it is fitted on with given parameters, or None; its cost would explode beyond.
    """

    name: str
    build: Callable[[Mapping[str, Any], Setting], Any]
    suggest: Callable[[Suggester], dict[str, Any]]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    max_rows: Callable[[Mapping[str, Any]], int | None] = no_cap
