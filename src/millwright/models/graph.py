"""ONNX graphs: how ours look, and the one way to open any, on one thread, with nothing read from other files."""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError, MissingExtraError, UnsafeArtifactError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

INPUT_NAME = "rows"
OPSET = 18  # supported by every onnxruntime since 1.15; a fixed number keeps the bytes the same
TREE_OPSET = 15  # the newest that onnxmltools writes
_FLOATS: dict[str, Any] = {"tensor(float)": np.float32, "tensor(double)": np.float64}
_LABELS = {"tensor(int64)", "tensor(int32)", "tensor(string)", "tensor(bool)"}
_EXTERNAL_DATA_KEY = b"\x0a\x08location"  # the key that every ONNX tensor with data in another file carries


def open_session(onnx: bytes) -> Any:
    """An ONNX Runtime session on one thread, which suits single rows and shared machines.

    Args:
        onnx: A serialised graph.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        UnsafeArtifactError: The graph wants data from other files, or is no graph.
    """
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


class Graph:
    """An opened graph over rows of numbers.

    It takes one tensor of float32 or float64, n by columns, or one such tensor of n by 1 for each column. Its last
    output of floats holds the answers: probabilities (n by classes; with two classes also the second alone), or
    numbers (n, or n by 1). Other outputs, such as labels, are not computed.

    Args:
        content: The serialised graph.
        weights: What the library that made it needs beside it to train on; empty for nothing.

    Attributes:
        columns: The inputs' names where each column has its own; else empty.
        width: How many columns it takes; None when the graph doesn't say.
        has_labels: Whether it has an output of whole numbers or texts, as classifiers do.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        UnsafeArtifactError: The graph wants data from other files, or is no graph.
        InvalidInputError: Its inputs or outputs are others.
    """

    def __init__(self, content: bytes, weights: bytes = b"") -> None:
        self.content = content
        self.weights = weights
        self._session = open_session(content)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        for each in inputs:
            _judge_input(each, alone=len(inputs) == 1)
        answers = [each.name for each in outputs if each.type in _FLOATS]
        if not answers:
            found = ", ".join(f"{each.name} ({each.type})" for each in outputs)
            raise InvalidInputError(
                f"Expected an ONNX graph with an output of floats, found {found}.",
                hint="Classifiers of scikit-learn get one when they are converted with zipmap=False.",
            )
        self.columns = tuple(each.name for each in inputs) if len(inputs) > 1 else ()
        self.width = len(inputs) if len(inputs) > 1 else _width(inputs[0])
        self.has_labels = any(each.type in _LABELS for each in outputs)
        self._outputs = [answers[-1]]
        self._inputs = [(each.name, _FLOATS[each.type]) for each in inputs]
        # The usual case, which single rows take, needs no conversion.
        self._only = self._inputs[0][0] if len(inputs) == 1 and self._inputs[0][1] is np.float32 else None

    def compute(self, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.floating[Any]]:
        """Answers for a matrix: probabilities (n, classes), or numbers (n,)."""
        values: NDArray[np.floating[Any]]
        values = self._session.run(self._outputs, {self._only: matrix} if self._only else self._split(matrix))[0]
        if not classes:
            return values.reshape(-1)
        if classes == 2 and values.size == len(matrix):
            second = values.reshape(-1)
            return np.column_stack([1 - second, second])
        return values

    def answers_singly(self, width: int) -> bool:
        """Whether a row gets one value of each output: no class has a probability of its own.

        Args:
            width: How many columns a row has.
        """
        found = self._session.run(None, self._split(np.zeros((1, width), np.float32)))
        return all(np.size(each) == 1 for each in found)

    def bind_row(self, width: int) -> BoundRow | None:
        """The graph for one row at a time; None where its input or output is of another kind than 32-bit floats.

        Args:
            width: How many columns a row has.
        """
        if self._only is None:
            return None
        try:
            found = self._session.run(self._outputs, {self._only: np.zeros((1, width), np.float32)})[0]
        except Exception:  # noqa: BLE001 - of another width, say: `compute` tells what is wrong with a row
            return None
        if found.dtype != np.float32:
            return None
        return BoundRow(self._session, self._only, self._outputs[0], width=width, shape=found.shape)

    def _split(self, matrix: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        if len(self._inputs) == 1:
            name, dtype = self._inputs[0]
            return {name: matrix.astype(dtype)}
        return {
            name: np.ascontiguousarray(matrix[:, index : index + 1], dtype=dtype)
            for index, (name, dtype) in enumerate(self._inputs)
        }


class BoundRow:
    """A graph with a place for one row's numbers and one for its answer; for one thread at a time.

    Args:
        session: The opened graph.
        given: The input's name: float32, 1 by `width`.
        answer: The output's name, float32.
        width: How many columns a row has.
        shape: The output's for one row.
    """

    __slots__ = ("_answer", "_binding", "_found", "_given", "_pack", "_row", "_run", "_unpack")

    def __init__(self, session: Any, given: str, answer: str, *, width: int, shape: tuple[int, ...]) -> None:
        self._given = np.zeros((1, width), np.float32)
        self._answer = np.zeros(shape, np.float32)
        self._binding = session.io_binding()
        for bind, name, array in (
            (self._binding.bind_input, given, self._given),
            (self._binding.bind_output, answer, self._answer),
        ):
            bind(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)
        self._row, self._found = memoryview(self._given), memoryview(self._answer)  # type: ignore[arg-type]
        self._run = _bound_run(session, self._binding)
        self._pack = struct.Struct(f"{width}f").pack_into
        self._unpack = struct.Struct(f"{self._answer.size}f").unpack_from

    def __call__(self, numbers: Sequence[float]) -> tuple[float, ...]:
        """The answer's numbers to a row's; both as 32-bit floats, what is larger than those as infinity."""
        self._pack(self._row, 0, *numbers)
        self._run()
        return self._unpack(self._found)


def _bound_run(session: Any, binding: Any) -> Callable[[], Any]:
    """What computes into a binding: without onnxruntime's wrapper and its new options each time where that is known."""
    import onnxruntime

    inner, bound = getattr(session, "_sess", None), getattr(binding, "_iobinding", None)
    run = getattr(inner, "run_with_iobinding", None)
    if run is None or bound is None:
        return partial(session.run_with_iobinding, binding)
    # The wrapper of onnxruntime looks after graphs that are captured on other devices; here is the processor alone.
    return partial(run, bound, onnxruntime.RunOptions())


def _judge_input(found: Any, *, alone: bool) -> None:
    shape = list(found.shape)
    if found.type not in _FLOATS or len(shape) != 2 or (not alone and shape[1] != 1):
        raise InvalidInputError(
            "Expected an ONNX graph over floats, as one tensor [n, columns] or one [n, 1] for each column;"
            f" found the input '{found.name}' of {found.type} {shape}."
        )
    if isinstance(shape[0], int):
        raise InvalidInputError(
            f"Expected an ONNX graph for any number of rows, found the input '{found.name}' of shape {shape}.",
            hint="Write it with a first dimension that has a name instead of a number.",
        )


def _width(found: Any) -> int | None:
    return found.shape[1] if isinstance(found.shape[1], int) else None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
