"""The model to beat: one that only knows how the training target was distributed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.evaluation.metrics.sample import Sample, encode_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselinePrediction:
    """What the baseline says about every row.

    Attributes:
        priors: Share of each class in the training target, in the order of the signature's classes, summing to 1;
            the largest one (the first of equals) is the predicted class. Empty for regression.
        mean: Mean of the training target; None for classification.
    """

    priors: tuple[float, ...] = ()
    mean: float | None = None

    @classmethod
    def from_target(cls, target: pl.Series, classes: Sequence[Any]) -> BaselinePrediction:
        """Learned from a training target.

        Args:
            target: (n,) labels or numbers; nulls are left out.
            classes: The signature's classes; empty for regression.

        Raises:
            InvalidInputError: No value, or a label outside the classes.
        """
        known = target.drop_nulls()
        if not len(known):
            raise InvalidInputError(f"Expected values in the target '{target.name}', found none.")
        if not classes:
            return cls(mean=float(np.mean(known.to_numpy())))
        counts = np.bincount(encode_labels(known.to_list(), classes), minlength=len(classes))
        return cls(priors=tuple(float(share) for share in counts / counts.sum()))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BaselinePrediction:
        """From what `to_json` gave, as kept in a model's training facts.

        Raises:
            InvalidInputError: Neither priors nor a mean.
        """
        if not data.get("priors") and data.get("mean") is None:
            raise InvalidInputError("Expected a baseline with 'priors' or 'mean', found neither.")
        return cls(priors=tuple(float(share) for share in data.get("priors", ())), mean=data.get("mean"))

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {"priors": list(self.priors), "mean": self.mean}

    def predict(self, sample: Sample) -> Sample:
        """The same rows as this baseline sees them.

        Raises:
            InvalidInputError: The baseline is of another task, or knows another number of classes.
        """
        rows = sample.rows
        if not sample.classes:
            if self.mean is None:
                raise InvalidInputError("Expected a baseline with a mean for a regression, found class shares.")
            return Sample(task=sample.task, y_true=sample.y_true, y_pred=np.full(rows, self.mean))
        # A label that only the test rows have was never seen in training: its share is 0.
        priors = np.array(self.priors + (0.0,) * (len(sample.classes) - len(self.priors)))
        if not self.priors or len(priors) != len(sample.classes):
            raise InvalidInputError(
                f"Expected a baseline with {len(sample.classes)} class shares, found {len(self.priors)}."
            )
        return Sample(
            task=sample.task,
            y_true=sample.y_true,
            y_pred=np.full(rows, int(np.argmax(priors)), dtype=np.int64),
            scores=np.tile(priors, (rows, 1)),
            classes=sample.classes,
        )
