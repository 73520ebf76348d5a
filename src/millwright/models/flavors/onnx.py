"""The ONNX flavor: graphs that others made, kept to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import IntegrityError, InvalidInputError, UnsafeArtifactError
from millwright.models.flavors.flavor import Adopted, AdoptedTensors
from millwright.models.graph import Graph
from millwright.models.tensor.graph import TensorGraph
from millwright.models.tensor.sample import sample_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

MEMBER = "graph.onnx"


class OnnxFlavor:
    """Serialised graphs (`bytes`) and `onnx.ModelProto`; `graph.Graph` tells what they may take and answer."""

    name = "onnx"
    members = frozenset({MEMBER})
    libraries: tuple[str, ...] = ()
    uncompiled = "it is an ONNX graph already, and ONNX Runtime runs it as it is"

    def handles(self, estimator: Any) -> bool:
        """True for bytes and what the onnx library calls a model."""
        return isinstance(estimator, bytes) or type(estimator).__module__.partition(".")[0] == "onnx"

    def adopt(self, estimator: Any, *, sample: pl.DataFrame) -> Adopted:
        """The graph, opened."""
        graph = Graph(_content(estimator))
        return Adopted(estimator=graph, columns=graph.columns, classes=self._classes(graph, sample.width))

    def adopt_tensors(self, estimator: Any, *, sample: Any, shapes: Mapping[str, Sequence[int]]) -> AdoptedTensors:
        """The graph, opened; what it takes, it says itself."""
        del shapes
        return adopted_graph(TensorGraph(_content(estimator)), sample)

    def dump(self, estimator: Any) -> dict[str, bytes]:
        """The bytes that were brought."""
        return {MEMBER: estimator.content}

    def load(self, members: Mapping[str, bytes], *, columns: int, classes: int) -> Any:
        """The graph, opened; one over a matrix is tried on one row, one over arrays on the package's example."""
        if MEMBER not in members:
            raise IntegrityError(f"Expected the member '{MEMBER}' in a package of flavor '{self.name}', found none.")
        if not columns:
            return TensorGraph(members[MEMBER])
        try:
            graph = Graph(members[MEMBER])
            shape = graph.compute(_zeros(columns), classes=classes).shape
        except UnsafeArtifactError:
            raise
        except Exception as error:  # onnxruntime's own exceptions share no public base class
            raise UnsafeArtifactError(f"The package's ONNX graph does not answer {columns} columns: {error}") from error
        if shape != ((1, classes) if classes else (1,)):
            raise UnsafeArtifactError(f"The package's ONNX graph answers in shape {shape}, not for {classes} classes.")
        return graph

    def compute(self, estimator: Any, matrix: NDArray[np.float32], *, classes: int) -> NDArray[np.floating[Any]]:
        """What ONNX Runtime answers."""
        values: NDArray[np.floating[Any]] = estimator.compute(matrix, classes=classes)
        return values

    def compute_tensors(self, estimator: Any, arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.floating[Any]]:
        """What ONNX Runtime answers, in the graph's own shape."""
        values: NDArray[np.floating[Any]] = estimator.compute(arrays)
        return values

    def native(self, estimator: Any, *, classes: tuple[Any, ...]) -> Any:
        """Never: a graph answers, and keeps nothing of its training."""
        del estimator, classes
        raise InvalidInputError(
            "A model of flavor 'onnx' cannot be trained on: its graph answers, and keeps nothing of its training.",
            hint="Register the model in the form of the library that trains it.",
        )

    def convert(self, estimator: Any, *, columns: int, classes: int) -> bytes:
        """The graph itself."""
        del columns, classes
        content: bytes = estimator.content
        return content

    def _classes(self, graph: Graph, columns: int) -> tuple[Any, ...] | None:
        if not graph.has_labels:
            return None
        try:
            shares = graph.compute(_zeros(graph.width or columns), classes=2)
        except Exception as error:  # as in `load`
            raise InvalidInputError(f"The ONNX graph does not answer a row of zeros: {error}") from error
        return tuple(range(shares.shape[-1]))


def adopted_graph(graph: TensorGraph, sample: Any, **found: Any) -> AdoptedTensors:
    """A graph over arrays as it is adopted; the classes of one with labels are counted on the sample's first row."""
    classes: tuple[Any, ...] | None = None
    if graph.has_labels and len(graph.output.shape) == 1:
        width = graph.output.shape[0]
        if width < 0:
            frame = sample_frame(sample, tuple(graph.inputs)).head(1)
            width = graph.compute({name: frame.get_column(name).to_numpy() for name in graph.inputs}).shape[-1]
        classes = tuple(range(max(width, 2)))
    return AdoptedTensors(
        estimator=graph,
        inputs={name: (port.dtype, port.shape) for name, port in graph.inputs.items()},
        answer=graph.output.shape,
        classes=classes,
        **found,
    )


def _content(estimator: Any) -> bytes:
    if isinstance(estimator, bytes):
        return estimator
    if hasattr(estimator, "graph") and hasattr(estimator, "SerializeToString"):
        content: bytes = estimator.SerializeToString(deterministic=True)
        return content
    raise InvalidInputError(f"Expected an ONNX model, found a {type(estimator).__name__}.")


def _zeros(columns: int) -> NDArray[np.float32]:
    import numpy as np

    return np.zeros((1, columns), dtype=np.float32)
