"""The PyTorch flavor: modules written as ONNX graphs by PyTorch's own exporter.

A module is code with weights. PyTorch's ways to store both (`torch.save`, TorchScript and the archives of
`torch.export`) go through pickle or want the code where it is loaded. The graph holds neither: it loads anywhere,
without PyTorch. What a module answers only by running Python (branches on values, other libraries) has no graph.

Beside the graph lie the weights, for a training that goes on from them; see `torch_weights`.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import logging
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.models.flavors.flavor import Adopted, AdoptedTensors
from millwright.models.flavors.onnx import MEMBER as GRAPH
from millwright.models.flavors.onnx import OnnxFlavor, adopted_graph
from millwright.models.flavors.torch_weights import MEMBER as WEIGHTS
from millwright.models.flavors.torch_weights import dump_weights, lacks_weights, load_weights
from millwright.models.graph import INPUT_NAME, OPSET, Graph
from millwright.models.tensor.graph import TensorGraph
from millwright.models.tensor.sample import sample_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_EXTRA = "torch"


class TorchFlavor(OnnxFlavor):
    """`torch.nn.Module` over one float32 tensor, n by columns, or tensors of any shape; of answers the last one."""

    name = "torch"
    members = frozenset({GRAPH, WEIGHTS})
    libraries = ("torch", "onnxscript")
    uncompiled = "it was compiled when it was brought: a PyTorch module is kept as its ONNX graph"

    def handles(self, estimator: Any) -> bool:
        """True for modules, whose classes are users' own mostly."""
        return any(base.__module__.partition(".")[0] == "torch" for base in type(estimator).__mro__)

    def adopt(self, estimator: Any, *, sample: pl.DataFrame) -> Adopted:
        """The module's graph, and the module to compare it with."""
        torch, module = _torch(), _module(estimator)
        given = _Given((INPUT_NAME,), (torch.zeros(2, sample.width),), ((),))
        content = _export(module, given, f"{sample.width} columns")
        graph = Graph(content, dump_weights(module, content))
        return Adopted(estimator=graph, classes=None, reference=lambda matrix: _answer(module, (matrix,)))

    def adopt_tensors(self, estimator: Any, *, sample: Any, shapes: Mapping[str, Sequence[int]]) -> AdoptedTensors:
        """The module's graph, one input for each argument of `forward`, and the module to compare it with."""
        torch, module = _torch(), _module(estimator)
        arguments = _arguments(module)
        frame = sample_frame(sample, arguments[:1])
        names = tuple(name for name in arguments if name in frame.columns) or tuple(frame.columns)
        # The exporter takes a first dimension of 1 for a fixed one.
        rows = pl.concat([frame, frame]).head(2).select(names) if frame.height == 1 else frame.head(2).select(names)
        examples = tuple(torch.from_numpy(np.array(rows.get_column(name).to_numpy())) for name in names)
        free = tuple(
            tuple(place for place, size in enumerate(shapes.get(name, ()), start=1) if size == -1) for name in names
        )
        told = ", ".join(f"'{name}' {list(each.shape)}" for name, each in zip(names, examples, strict=True))
        content = _export(module, _Given(names, examples, free), told)
        graph = TensorGraph(content, dump_weights(module, content))
        return adopted_graph(
            graph, sample, reference=lambda arrays: _answer(module, tuple(arrays[name] for name in names))
        )

    def dump(self, estimator: Any) -> dict[str, bytes]:
        """The graph, and the weights where they are known."""
        return super().dump(estimator) | ({WEIGHTS: estimator.weights} if estimator.weights else {})

    def load(self, members: Mapping[str, bytes], *, columns: int, classes: int) -> Any:
        """The graph, opened; the weights are read when somebody trains on."""
        graph = super().load(members, columns=columns, classes=classes)
        graph.weights = members.get(WEIGHTS, b"")
        return graph

    def native(self, estimator: Any, *, classes: tuple[Any, ...]) -> Any:
        """The module's state dict; the module itself is code, which its owner has."""
        del classes
        if not estimator.weights:
            raise lacks_weights()
        return load_weights(estimator.weights, estimator.content)


class _Given(NamedTuple):
    """What a module is exported with.

    Attributes:
        names: Of the graph's inputs.
        examples: A tensor for each.
        free: For each the dimensions of any size, beside the first.
    """

    names: tuple[str, ...]
    examples: tuple[Any, ...]
    free: tuple[tuple[int, ...], ...]


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("torch", _EXTRA) from error
    return torch


def _module(estimator: Any) -> Any:
    if not isinstance(estimator, _torch().nn.Module):
        raise InvalidInputError(f"Expected a torch.nn.Module, found a {type(estimator).__name__}.")
    return estimator


def _arguments(module: Any) -> tuple[str, ...]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(name for name, each in inspect.signature(module.forward).parameters.items() if each.kind in kinds)


@contextlib.contextmanager
def _evaluating(module: Any) -> Iterator[None]:
    """The module as it predicts; afterwards as it was."""
    was_training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(was_training)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Without the exporter's pages of graphs, and its advice on operators and packages that this module doesn't use."""
    advice = logging.getLogger("torch.onnx")
    level = advice.level
    advice.setLevel(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        advice.setLevel(level)


def _answer(module: Any, arrays: tuple[NDArray[Any], ...]) -> NDArray[Any]:
    torch = _torch()
    with _evaluating(module), torch.no_grad():
        # Copies: a module may write into what it is given, and PyTorch warns of arrays that cannot be written to.
        found = module(*(torch.from_numpy(np.array(array, order="C")) for array in arrays))
    return np.asarray((found[-1] if isinstance(found, (tuple, list)) else found).numpy())


def _export(module: Any, given: _Given, told: str) -> bytes:
    torch = _torch()
    try:
        import onnxscript  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise MissingExtraError("onnxscript", _EXTRA) from error
    rows = torch.export.Dim("n")
    sizes = tuple({0: rows, **dict.fromkeys(free, torch.export.Dim.AUTO)} for free in given.free)
    try:
        with _evaluating(module), _silent():
            program = torch.onnx.export(
                module,
                given.examples,
                input_names=list(given.names),
                dynamic_shapes=sizes,
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # the exporter raises whatever it meets
        raise InvalidInputError(
            f"The PyTorch module has no ONNX form for {told}: {_reason(error)}",
            hint="It has to take tensors with any number of rows in front, and may not branch on values.",
        ) from error
    return _plain(program.model_proto)


def _reason(error: BaseException) -> str:
    while error.__cause__ is not None:  # the exporter wraps what it met in advice on the exporter
        error = error.__cause__
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _plain(model: Any) -> bytes:
    """Without the traces of who exported it where: files, lines, functions; they differ from machine to machine."""
    del model.metadata_props[:]
    parts = [model.graph, *model.functions]
    for part in parts:
        del part.metadata_props[:]
        part.doc_string = ""
        for each in (*part.node, *getattr(part, "value_info", ()), *getattr(part, "initializer", ())):
            del each.metadata_props[:]
            each.doc_string = ""
    for each in (*model.graph.input, *model.graph.output):
        del each.metadata_props[:]
    content: bytes = model.SerializeToString(deterministic=True)
    return content
