"""Prequential evaluation: each answer is scored before its label is learnt, over a sliding window.

Gama, Sebastião, Rodrigues: "On evaluating stream learning algorithms", Machine Learning 90 (2013), whose sliding window
this is: unlike the mean over all labels it forgets what the model was like at first.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.automation.online.stream import Position
from millwright.evaluation.metrics.catalog import get_metric
from millwright.models.task import Task
from millwright.monitoring.labelled import label_series, labelled_sample
from millwright.monitoring.monitored_column import output_frame
from millwright.monitoring.row_loss import row_losses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from millwright.evaluation.metrics.metric import Metric
    from millwright.models.signature import Signature


class Prequential:
    """The answers of the last labels, with these.

    Args:
        signature: Of the model that answers.
        window: How many labels.
        metric: The metric's name; "" for that of the task.

    Raises:
        InvalidInputError: There is no such metric for the task.
    """

    def __init__(self, signature: Signature, *, window: int, metric: str = "") -> None:
        named = metric or ("mae" if signature.task is Task.REGRESSION else "accuracy")
        self.metric: Metric = get_metric(named, signature.task)
        self._signature = signature
        self._rows: deque[tuple[Position, Mapping[str, Any], Any]] = deque(maxlen=window)

    def add(self, position: Position, answer: Mapping[str, Any], truth: Any) -> None:
        """One more answer, given before its label was learnt."""
        self._rows.append((position, answer, truth))

    def clear(self) -> None:
        """Forget all: another model answers from here."""
        self._rows.clear()

    def to_json(self) -> list[list[Any]]:
        """The labels of the window with their answers, oldest first, as JSON values."""
        return [[*position.to_json(), dict(answer), truth] for position, answer, truth in self._rows]

    def restore(self, told: Iterable[Sequence[Any]]) -> None:
        """Put in place what `to_json` gave; of more labels than the window is wide, the newest."""
        self._rows.clear()
        for recorded_at, prediction_id, answer, truth in told:
            self.add(Position.from_json([recorded_at, prediction_id]), answer, truth)

    @property
    def is_full(self) -> bool:
        """Whether there are as many labels as the window is wide."""
        return len(self._rows) == self._rows.maxlen

    @property
    def rows(self) -> int:
        """How many labels there are."""
        return len(self._rows)

    def turned(self) -> Position | None:
        """Where in the window answers most likely began to be worse; None without labels.

        The place where the sum of losses is farthest below its mean course: the estimate of a single change that goes
        with Page's cumulative sums ("Continuous inspection schemes", Biometrika 41, 1954).
        """
        losses = row_losses(*self._columns(), self._signature) if self._rows else None
        if losses is None:
            return None
        sums = np.cumsum(losses.values - losses.values.mean())
        at = int(losses.rows[int(sums.argmin())])  # the last row that was fine
        return self._rows[at][0]

    def value(self) -> float | None:
        """The metric over the window; None without labels, and where it is undefined."""
        sample = labelled_sample(*self._columns(), self._signature) if self._rows else None
        return None if sample is None else self.metric.value(sample)

    def is_worse(self, value: float | None, limit: float | None) -> bool:
        """Whether a value is on the wrong side of a limit."""
        return value is not None and limit is not None and self.metric.gain(value, limit) < 0

    def _columns(self) -> tuple[pl.DataFrame, pl.Series]:
        answers = output_frame([answer for _, answer, _ in self._rows], self._signature)
        return answers, label_series([truth for _, _, truth in self._rows], self._signature)
