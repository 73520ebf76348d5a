"""A fitted model with all that is needed to use it on raw rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.models.conform import conform
from millwright.models.encoder import Encoder
from millwright.models.feed import collected, feeds_of_frame, feeds_of_rows
from millwright.models.flavors.catalog import get_flavor
from millwright.models.flavors.flavor import is_trainable, takes_frames, takes_tensors
from millwright.models.outcome import Outcome
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.models.typed import typed_rows, typed_table

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A model as training hands it on and packages keep it.

    Attributes:
        estimator: A fitted estimator of the flavor's library over the encoded matrix; over typed columns where the
            flavor takes these, or over arrays where the signature has columns of them. Classes are 0 … k-1 in the
            signature's order. What kind of object that is, its flavor says (`flavors`).
        flavor: The library family, one of `flavors.catalog`.
        training: How it came to be, as JSON values: candidate, params, metric, cv, leaderboard, baseline, rows,
            dropped columns, seed. No times or durations, so that the same training gives the same package.
        example: At most 5 raw rows, as JSON values.
    """

    estimator: Any
    signature: Signature
    encoder: Encoder
    flavor: str = "sklearn"
    training: Mapping[str, Any] = field(default_factory=dict)
    example: tuple[Mapping[str, Any], ...] = ()

    def native(self) -> Any:
        """What a training goes on from: the library's own object, in the form in which it is trained.

        LightGBM's and XGBoost's boosters; scikit-learn's estimator as it was fitted, with the names of its classes and
        its random state, a copy; of a PyTorch module the state dict, for `load_state_dict`; River's learner. What the
        encoder gives is what it takes.

        Raises:
            InvalidInputError: Nothing of its training was kept, as in an ONNX graph.
            MissingExtraError: The flavor's library is not installed.
        """
        flavor = get_flavor(self.flavor)
        return flavor.native(self.estimator, classes=self.signature.classes) if is_trainable(flavor) else self.estimator

    def compute(self, matrix: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
        """The estimator's numbers for an encoded matrix.

        Args:
            matrix: float32, shape (n, encoded columns); n may be 0.

        Returns:
            Probabilities, shape (n, classes), rows summing to 1; or numbers, shape (n,). A model that answers arrays:
            shape (n, …), or arrays in an array of shape (n,) where they differ in shape.
        """
        classes = len(self.signature.classes)
        if len(matrix) == 0:  # most libraries refuse to predict nothing
            return np.empty((0, classes) if classes else (0,))
        return get_flavor(self.flavor).compute(self.estimator, matrix, classes=classes)

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answers for a raw table.

        Args:
            frame: The signature's columns in any order; others are ignored.

        Returns:
            One row per row, with the signature's outputs as columns.

        Raises:
            InvalidInputError: Columns are missing or of the wrong type.
        """
        return Outcome(self.signature).frame(self.compute_table(frame))

    def compute_table(self, frame: pl.DataFrame) -> NDArray[np.floating[Any]]:
        """The estimator's numbers for a raw table: shapes as of `compute`.

        Raises:
            InvalidInputError: Columns are missing or of the wrong type.
            ModelFailedError: The model is code, and that fails.
        """
        if takes_frames(get_flavor(self.flavor)):
            return self._compute_typed(typed_table(frame, self.signature))
        if self.signature.has_tensors:
            return self.shaped(self.compute_arrays(frame), frame.height)
        return self.compute(self.encoder.encode(frame, self.signature))

    def compute_rows(self, rows: Sequence[Mapping[str, Any]]) -> NDArray[np.floating[Any]]:
        """The estimator's numbers for raw rows that passed the signature's check: shapes as of `compute`.

        Raises:
            ModelFailedError: The model is code, and that fails.
        """
        if takes_frames(get_flavor(self.flavor)):
            return self._compute_typed(typed_rows(rows, self.signature))
        if self.signature.has_tensors:
            feeds = feeds_of_rows(rows, self.signature)
            found = collected(feeds, lambda arrays, _: self.answer_arrays(arrays), len(rows)) if rows else np.empty(0)
            return self.shaped(found, len(rows))
        return self.compute(self.encoder.encode_rows(rows))

    def compute_arrays(self, frame: pl.DataFrame) -> NDArray[np.floating[Any]]:
        """What a model over arrays answers to a raw table, in the estimator's own shape.

        Raises:
            InvalidInputError: Columns are missing or of the wrong type.
        """
        flavor = get_flavor(self.flavor)
        if takes_frames(flavor):
            return flavor.compute_arrays(self.estimator, typed_table(frame, self.signature))
        if not frame.height:
            return np.empty(0)
        feeds = feeds_of_frame(conform(frame, self.signature), self.signature)
        return collected(feeds, lambda arrays, _: self.answer_arrays(arrays), frame.height)

    def answer_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.floating[Any]]:
        """What a model over arrays answers to some of the same size, in the estimator's own shape."""
        flavor = get_flavor(self.flavor)
        if not takes_tensors(flavor):
            raise InvalidInputError(f"A model of flavor '{flavor.name}' takes no arrays.")
        return flavor.compute_tensors(self.estimator, arrays)

    def shaped(self, values: NDArray[np.floating[Any]], rows: int) -> NDArray[np.floating[Any]]:
        """Answers of an estimator over arrays as those of `compute`.

        Args:
            values: Its answers.
            rows: To how many rows.
        """
        classes = len(self.signature.classes)
        if not rows:
            return np.empty((0, classes) if classes else (0,))
        if self.signature.task is Task.TENSOR or values.size != rows:
            return values
        second = values.reshape(-1)
        return np.column_stack([1 - second, second]) if classes == 2 else second

    def _compute_typed(self, frame: pl.DataFrame) -> NDArray[np.floating[Any]]:
        flavor, classes = get_flavor(self.flavor), len(self.signature.classes)
        if not frame.height or not takes_frames(flavor):
            return np.empty((0, classes) if classes else (0,))
        if self.signature.task is Task.TENSOR:
            return flavor.compute_arrays(self.estimator, frame)
        return flavor.compute_frame(self.estimator, frame, classes=classes)
