"""The contributions to one prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Contributions:
    """What each column added to one answer; `base` and all values add up to `total`.

    Attributes:
        output: The answer that is explained: `prediction` for a number, `probability` of the positive class, or
            `probability_<class>` of the class that was predicted.
        scale: `answer`: `total` is that output itself. `margin`: it is the number before the last function (the
            logarithm of the odds for two classes, a class's score before the softmax for more).
        base: What is answered where nothing of the row is known: the mean over the model's training rows (trees), or
            over the background rows.
        values: By raw column, in the signature's order; a column that makes no difference has 0.
        method: `tree` and `linear` are exact; `shapley` counts every set of columns, and is exact for its background;
            `sampled` is an estimate whose sum is exact.
    """

    output: str
    scale: Literal["answer", "margin"]
    base: float
    values: Mapping[str, float]
    method: Literal["tree", "linear", "shapley", "sampled"]

    @property
    def total(self) -> float:
        """What base and contributions add up to."""
        return self.base + sum(self.values.values())

    def to_json(self) -> dict[str, Any]:
        """As JSON values, the largest contributions first."""
        ordered = sorted(self.values.items(), key=lambda item: -abs(item[1]))
        return {
            "output": self.output,
            "scale": self.scale,
            "base": self.base,
            "contributions": dict(ordered),
            "method": self.method,
        }
