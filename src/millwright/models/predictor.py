"""Predictors: a packaged model ready to answer, on one of two engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from millwright.models.flavors.catalog import get_flavor
from millwright.models.flavors.flavor import takes_frames
from millwright.models.graph import Graph
from millwright.models.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from millwright.models.encoder import Encoder
    from millwright.models.model import Model
    from millwright.models.signature import Signature


class Predictor(Protocol):
    """Something that answers raw rows."""

    @property
    def signature(self) -> Signature:
        """What it takes and answers."""
        ...

    @property
    def engine(self) -> str:
        """What computes: `onnxruntime`, or the model's flavor."""
        ...

    @property
    def is_tabular(self) -> bool:
        """Whether an encoder reads tables as it reads rows, so that both are answered alike."""
        ...

    def predict_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answers for a raw table: the signature's outputs as columns.

        Raises:
            InvalidInputError: Columns are missing or of the wrong type.
        """
        ...

    def predict_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Answers as JSON objects for raw rows that passed `signature.check_rows`."""
        ...


class NativePredictor:
    """Answers with the model's own library."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._outcome = Outcome(model.signature)

    @property
    def signature(self) -> Signature:
        """What it takes and answers."""
        return self._model.signature

    @property
    def engine(self) -> str:
        """The model's flavor."""
        return self._model.flavor

    @property
    def is_tabular(self) -> bool:
        """Whether it is no code that gets rows as they are, and none that takes arrays."""
        return not (takes_frames(get_flavor(self._model.flavor)) or self._model.signature.has_tensors)

    def predict_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answers for a raw table."""
        return self._model.predict(frame)

    def predict_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Answers for checked raw rows."""
        if not rows:
            return []
        return self._outcome.rows(self._model.compute_rows(rows))


class OnnxPredictor:
    """Answers with ONNX Runtime on one thread, which suits single rows and shared machines.

    Args:
        signature: What the model takes and answers.
        encoder: Raw rows to the graph's one input.
        onnx: A serialised graph; what it takes and answers is told at `graph.Graph`.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        UnsafeArtifactError: The graph wants data from other files, or is no graph.
        InvalidInputError: The graph takes or answers something else.
    """

    engine = "onnxruntime"
    is_tabular = True

    def __init__(self, *, signature: Signature, encoder: Encoder, onnx: bytes) -> None:
        self.signature = signature
        self._encoder = encoder
        self._outcome = Outcome(signature)
        self._graph = Graph(onnx)
        self._classes = len(signature.classes)
        self._names = tuple(column.name for column in signature.inputs)
        # Where the graph takes rows of 32-bit floats: answers one row in the signature's order.
        self.single = encoder.single_row(self._names, self._graph.bind_row(len(encoder.columns)), self._outcome)

    def compute(self, matrix: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
        """The graph's numbers: shapes as in `Model.compute`, float32."""
        return self._graph.compute(matrix, classes=self._classes)

    def predict_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answers for a raw table."""
        return self._outcome.frame(self.compute(self._encoder.encode(frame, self.signature)))

    def predict_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Answers for checked raw rows."""
        if not rows:
            return []
        if len(rows) == 1 and self.single is not None:
            answer = self.single.predict([rows[0].get(name) for name in self._names])
            if answer is not None:
                return [answer]
        return self._outcome.rows(self.compute(self._encoder.encode_rows(rows)))
