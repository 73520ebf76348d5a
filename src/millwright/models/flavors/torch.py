"""The PyTorch flavor: modules written as ONNX graphs by PyTorch's own exporter.

A module is code with weights. PyTorch's ways to store both (`torch.save`, TorchScript and the archives of
`torch.export`) go through pickle or want the code where it is loaded. The graph holds neither: it loads anywhere,
without PyTorch. What a module answers only by running Python (branches on values, other libraries) has no graph.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.models.flavors.flavor import Adopted
from millwright.models.flavors.onnx import OnnxFlavor
from millwright.models.graph import INPUT_NAME, OPSET, Graph

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

_EXTRA = "torch"


class TorchFlavor(OnnxFlavor):
    """`torch.nn.Module` over one float32 tensor, n by columns, that answers one tensor."""

    name = "torch"
    libraries = ("torch", "onnxscript")
    uncompiled = "it was compiled when it was brought: a PyTorch module is kept as its ONNX graph"

    def handles(self, estimator: Any) -> bool:
        """True for modules, whose classes are users' own mostly."""
        return any(base.__module__.partition(".")[0] == "torch" for base in type(estimator).__mro__)

    def adopt(self, estimator: Any, *, sample: pl.DataFrame) -> Adopted:
        """The module's graph, and the module to compare it with."""
        try:
            import torch
        except ImportError as error:
            raise MissingExtraError("torch", _EXTRA) from error
        if not isinstance(estimator, torch.nn.Module):
            raise InvalidInputError(f"Expected a torch.nn.Module, found a {type(estimator).__name__}.")
        was_training = estimator.training
        estimator.eval()
        try:
            graph = Graph(_export(estimator, sample.width))
        finally:
            estimator.train(was_training)

        def reference(matrix: NDArray[np.float32]) -> NDArray[Any]:
            estimator.eval()
            try:
                with torch.no_grad():
                    return np.asarray(estimator(torch.from_numpy(matrix)).numpy())
            finally:
                estimator.train(was_training)

        return Adopted(estimator=graph, classes=None, reference=reference)


def _export(module: Any, columns: int) -> bytes:
    import torch

    try:
        import onnxscript  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise MissingExtraError("onnxscript", _EXTRA) from error
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),  # pages of graphs when it fails
        ):
            warnings.simplefilter("ignore")  # of operators that this module doesn't use
            program = torch.onnx.export(
                module,
                (torch.zeros(2, columns),),
                input_names=[INPUT_NAME],
                dynamic_shapes=({0: torch.export.Dim("n")},),
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # the exporter raises whatever it meets
        raise InvalidInputError(
            f"The PyTorch module has no ONNX form for {columns} columns: {_reason(error)}",
            hint="It has to take one float32 tensor of any number of rows, and may not branch on values.",
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
