"""ONNX graphs with one input for each column: arrays of any shape, with any number of rows in front."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError, UnanswerableError
from millwright.models.graph import open_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_DTYPES = {
    "tensor(float16)": "float16", "tensor(float)": "float32", "tensor(double)": "float64", "tensor(int8)": "int8",
    "tensor(int16)": "int16", "tensor(int32)": "int32", "tensor(int64)": "int64", "tensor(uint8)": "uint8",
    "tensor(uint16)": "uint16", "tensor(uint32)": "uint32", "tensor(uint64)": "uint64", "tensor(bool)": "bool",
}  # fmt: skip
_LABELS = {"tensor(int64)", "tensor(int32)", "tensor(string)", "tensor(bool)"}


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a graph.

    Attributes:
        dtype: NumPy's name of its type.
        shape: Of one row's value; -1 where the graph leaves a dimension open.
    """

    dtype: str
    shape: tuple[int, ...]


class TensorGraph:
    """An opened graph over arrays.

    Each input is a column: a tensor of numbers or booleans whose first dimension is free. The last output of floats
    holds the answers; others, such as labels, are not computed.

    Args:
        content: The serialised graph.
        weights: What the library that made it needs beside it to train on; empty for nothing.

    Attributes:
        inputs: By name.
        output: What holds the answers.
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
        outputs = self._session.get_outputs()
        self.inputs: Mapping[str, Port] = {each.name: _input(each) for each in self._session.get_inputs()}
        answers = [each for each in outputs if _DTYPES.get(each.type, "").startswith("float")]
        if not answers:
            found = ", ".join(f"{each.name} ({each.type})" for each in outputs)
            raise InvalidInputError(f"Expected an ONNX graph with an output of floats, found {found}.")
        self._name = answers[-1].name
        self.output = Port(_DTYPES[answers[-1].type], _free(answers[-1].shape[1:]))
        self.has_labels = any(each.type in _LABELS for each in outputs)

    def compute(self, arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.floating[Any]]:
        """The answers to n rows.

        Args:
            arrays: By input, shape (n, …) as the graph has it; a column of numbers of shape (n,) is given the ones that
                the graph wants behind it.

        Returns:
            Shape (n, …), as the graph answers.

        Raises:
            UnanswerableError: It fails on these values, as one does whose sizes don't fit each other, or that looks up
                a number which is not in its table.
        """
        given = {name: _fitted(arrays[name], port) for name, port in self.inputs.items()}
        try:
            found: NDArray[np.floating[Any]] = self._session.run([self._name], given)[0]
        except Exception as error:  # onnxruntime's own exceptions share no public base class
            if "allocat" in str(error):  # of memory, which is no fault of the values
                raise
            raise UnanswerableError({0: _reason(error)}) from error
        return found


def _reason(error: Exception) -> str:
    """What ONNX Runtime says, without the places in its own code."""
    said = str(error).strip().partition("Status Message: ")[2] or str(error).strip()
    return re.sub(r"^/\S+:\d+ .*?\)\s+(?=\S)", "", said.splitlines()[0])[:200].rstrip(". ")


def _fitted(array: NDArray[Any], port: Port) -> NDArray[Any]:
    if array.ndim == 1 and port.shape:
        array = array.reshape(len(array), *(1 for _ in port.shape))
    return np.ascontiguousarray(array, dtype=port.dtype)


def _input(found: Any) -> Port:
    if found.type not in _DTYPES or not found.shape:
        raise InvalidInputError(
            f"Expected an ONNX graph over tensors of numbers, found the input '{found.name}' of {found.type}"
            f" {list(found.shape)}."
        )
    if isinstance(found.shape[0], int):
        raise InvalidInputError(
            f"Expected an ONNX graph for any number of rows, found the input '{found.name}' of shape "
            f"{list(found.shape)}.",
            hint="Write it with a first dimension that has a name instead of a number.",
        )
    return Port(_DTYPES[found.type], _free(found.shape[1:]))


def _free(dimensions: Any) -> tuple[int, ...]:
    return tuple(each if isinstance(each, int) else -1 for each in dimensions)
