"""A fitted model with all that is needed to use it on raw rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.models.encoder import Encoder
from millwright.models.flavors.catalog import get_flavor
from millwright.models.flavors.flavor import takes_frames
from millwright.models.outcome import Outcome
from millwright.models.signature import Signature
from millwright.models.typed import typed_rows, typed_table

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A model as training hands it on and packages keep it.

    Attributes:
        estimator: A fitted estimator of the flavor's library over the encoded matrix, or over typed columns where the
            flavor takes these; classes are 0 … k-1 in the signature's order. What kind of object that is, its flavor
            says (`flavors`).
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

    def compute(self, matrix: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
        """The estimator's numbers for an encoded matrix.

        Args:
            matrix: float32, shape (n, encoded columns); n may be 0.

        Returns:
            Probabilities, shape (n, classes), rows summing to 1; or numbers, shape (n,).
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
        return self.compute(self.encoder.encode(frame, self.signature))

    def compute_rows(self, rows: Sequence[Mapping[str, Any]]) -> NDArray[np.floating[Any]]:
        """The estimator's numbers for raw rows that passed the signature's check: shapes as of `compute`.

        Raises:
            ModelFailedError: The model is code, and that fails.
        """
        if takes_frames(get_flavor(self.flavor)):
            return self._compute_typed(typed_rows(rows, self.signature))
        return self.compute(self.encoder.encode_rows(rows))

    def _compute_typed(self, frame: pl.DataFrame) -> NDArray[np.floating[Any]]:
        flavor, classes = get_flavor(self.flavor), len(self.signature.classes)
        if not frame.height or not takes_frames(flavor):
            return np.empty((0, classes) if classes else (0,))
        return flavor.compute_frame(self.estimator, frame, classes=classes)
