"""What a metric is: a name, a function over weighted draws, and which way is better."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.sample import Floats
from millwright.models.task import Task

if TYPE_CHECKING:
    from millwright.evaluation.metrics.sample import Sample

CLASSIFICATION = frozenset({Task.BINARY, Task.MULTICLASS})
REGRESSION = frozenset({Task.REGRESSION})


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: As in reports and settings: `roc_auc`.
        title: As people read it: `ROC AUC`.
        function: Draws (b weightings of n rows) → (b,) float64, NaN where the metric is undefined.
        tasks: The tasks it applies to.
        greater_is_better: Whether a higher value is the better one.
        needs_scores: Whether class probabilities are needed.
        bounded: Whether its values lie in [0, 1]; else they have the target's unit or none.
        description: One sentence: what it says, and where it is undefined.
    """

    name: str
    title: str
    function: Callable[[Draws], Floats]
    tasks: frozenset[Task]
    greater_is_better: bool
    needs_scores: bool
    bounded: bool
    description: str

    def applies(self, sample: Sample) -> bool:
        """Whether it can be asked of this sample: its task fits, and scores are there if they are needed."""
        return sample.task in self.tasks and (sample.scores is not None or not self.needs_scores)

    def value(self, sample: Sample) -> float | None:
        """Its value on a sample; None when it does not apply or is undefined there."""
        if not self.applies(sample):
            return None
        value = float(self.function(Draws(sample))[0])
        return value if np.isfinite(value) else None

    def gain(self, new: float, old: float) -> float:
        """By how much `new` is better than `old`; negative when it is worse. In the metric's unit."""
        return new - old if self.greater_is_better else old - new


def measure(sample: Sample, metrics: Iterable[Metric]) -> dict[str, float]:
    """The values of those metrics that apply and are defined, by name."""
    draws = Draws(sample)
    values = {metric.name: float(metric.function(draws)[0]) for metric in metrics if metric.applies(sample)}
    return {name: value for name, value in values.items() if np.isfinite(value)}
