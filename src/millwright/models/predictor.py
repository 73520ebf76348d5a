"""Predictors: a packaged model ready to answer, on one of two engines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.errors import MissingExtraError, UnsafeArtifactError
from millwright.models.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from millwright.models.encoder import Encoder
    from millwright.models.model import Model
    from millwright.models.signature import Signature

INPUT_NAME = "rows"
_EXTERNAL_DATA_KEY = b"\x0a\x08location"  # the key that every ONNX tensor with data in another file carries


class Predictor(Protocol):
    """Something that answers raw rows."""

    @property
    def signature(self) -> Signature:
        """What it takes and answers."""
        ...

    @property
    def engine(self) -> str:
        """Which library computes: `onnxruntime` or `sklearn`."""
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

    def predict_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answers for a raw table."""
        return self._model.predict(frame)

    def predict_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Answers for checked raw rows."""
        if not rows:
            return []
        return self._outcome.rows(self._model.compute(self._model.encoder.encode_rows(rows)))


class OnnxPredictor:
    """Answers with ONNX Runtime on one thread, which suits single rows and shared machines.

    Args:
        signature: What the model takes and answers.
        encoder: Raw rows to the graph's one input.
        onnx: A serialised graph with input `rows` (float32, n by encoded columns); its last output holds
            probabilities (n by classes) or numbers (n by 1).

    Raises:
        MissingExtraError: onnxruntime is not installed.
        UnsafeArtifactError: The graph wants data from other files, or is no graph.
    """

    engine = "onnxruntime"

    def __init__(self, *, signature: Signature, encoder: Encoder, onnx: bytes) -> None:
        self.signature = signature
        self._encoder = encoder
        self._outcome = Outcome(signature)
        self._session = _open_session(onnx)
        self._outputs = [self._session.get_outputs()[-1].name]
        self._is_flat = not signature.classes

    def compute(self, matrix: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
        """The graph's numbers: shapes as in `Model.compute`, float32."""
        values: NDArray[np.floating[Any]] = self._session.run(self._outputs, {INPUT_NAME: matrix})[0]
        return values.reshape(-1) if self._is_flat else values

    def predict_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Answers for a raw table."""
        return self._outcome.frame(self.compute(self._encoder.encode(frame, self.signature)))

    def predict_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Answers for checked raw rows."""
        if not rows:
            return []
        return self._outcome.rows(self.compute(self._encoder.encode_rows(rows)))


def _open_session(onnx: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("onnxruntime", "serve") from error
    if _EXTERNAL_DATA_KEY in onnx:
        raise UnsafeArtifactError("The ONNX graph names tensor data in other files; only self-contained graphs load.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no public base class
        raise UnsafeArtifactError(f"The package's ONNX graph does not load: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
