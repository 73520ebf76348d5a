"""Compiles a model and compares the result with the original, row by row."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from millwright.core.errors import MillwrightError
from millwright.models.compile.comparison import compare
from millwright.models.compile.edge import edge_matrix
from millwright.models.compile.quantization import Quantization, quantize
from millwright.models.flavors.catalog import get_flavor
from millwright.models.flavors.flavor import takes_frames
from millwright.models.predictor import OnnxPredictor

if TYPE_CHECKING:
    import polars as pl

    from millwright.models.model import Model

# Single precision carries seven digits; scalers, kernels and sums over trees lose up to three of them.
TOLERANCE = 1e-4
EDGE_FACTOR = 10.0
_SAMPLE_ROWS = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Compilation:
    """What became of compiling a model.

    Attributes:
        status: `proven`: answers agreed on every compared row; `refused`: not, or it cannot be compiled; `native`: the
            flavor has nothing to compile.
        reason: Why it was refused or not tried; what was compared when proven.
        onnx: The graph, only when proven.
        rows: Rows compared, edge rows among them.
        max_difference: Largest difference of probabilities; of numbers, relative to the spread on the sample.
        tolerance: Largest difference allowed on the sample; on edge rows ten times as much.
        quantization: What became of 8-bit weights, when they were asked for; `onnx` has them when they are used.
    """

    status: Literal["proven", "refused", "native"]
    reason: str
    onnx: bytes | None = None
    rows: int = 0
    max_difference: float = 0.0
    tolerance: float = TOLERANCE
    quantization: Quantization | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON values, without the graph itself."""
        quantization = {} if self.quantization is None else {"quantization": self.quantization.to_json()}
        return {
            "status": self.status,
            "reason": self.reason,
            "rows": self.rows,
            "max_difference": self.max_difference,
            "tolerance": self.tolerance,
            **quantization,
        }


def compile_model(model: Model, sample: pl.DataFrame, *, tolerance: float = TOLERANCE, seed: int = 0) -> Compilation:
    """Compiles to ONNX and proves it on a sample and on generated edge rows.

    How answers are compared is told at `comparison.compare`. Generated rows lie up to ten ranges outside of what
    training saw, where sums of squares use up single precision: they may differ ten times as much.

    Args:
        model: Of any flavor of `flavors.catalog`.
        sample: Raw rows, such as the test part; at most 2,000 of them are taken, evenly spread.
        tolerance: Largest difference on the sample.
        seed: Of the generated rows.

    Returns:
        Proven with the graph, or refused with the reason. An estimator that cannot be converted is refused, never an
        exception.

    Raises:
        InvalidInputError: The sample doesn't fit the model's signature.
    """
    flavor = get_flavor(model.flavor)
    if flavor.uncompiled:
        return Compilation(status="native", reason=flavor.uncompiled, tolerance=tolerance)
    try:
        graph = flavor.convert(
            model.estimator, columns=len(model.encoder.columns), classes=len(model.signature.classes)
        )
        compiled = OnnxPredictor(signature=model.signature, encoder=model.encoder, onnx=graph)
    except Exception as error:  # noqa: BLE001 - converters raise whatever they meet; a refusal is the answer to all of it
        return Compilation(status="refused", reason=f"no ONNX form: {_short(error)}", tolerance=tolerance)
    real = model.encoder.encode(sample.gather_every(max(1, -(-sample.height // _SAMPLE_ROWS))), model.signature)
    made = edge_matrix(model.signature, model.encoder, seed=seed)
    matrix = np.vstack([real, made])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # overflows at the edges show in the answers
            expected, found = model.compute(matrix), compiled.compute(matrix)
        comparison = compare(
            expected,
            found,
            sample_rows=len(real),
            tolerance=tolerance,
            edge_tolerance=EDGE_FACTOR * tolerance,
        )
    except Exception as error:  # noqa: BLE001 - an engine that cannot take an edge row must not serve
        return Compilation(status="refused", reason=f"an engine failed: {_short(error)}", tolerance=tolerance)
    agreed = f"agreed on {len(matrix):,} rows, {len(made):,} of them generated edge rows"
    return Compilation(
        status="refused" if comparison.reason else "proven",
        reason=comparison.reason or agreed,
        onnx=None if comparison.reason else graph,
        rows=len(matrix),
        max_difference=float(f"{comparison.difference:.2g}"),  # more digits are rounding noise
        tolerance=tolerance,
    )


def quantize_model(model: Model, compilation: Compilation, sample: pl.DataFrame, *, within: float) -> Compilation:
    """A compilation with 8-bit weights instead, if what they cost on a sample is little enough.

    Args:
        model: The one that was compiled.
        compilation: What `compile_model` gave: proven, or native of a flavor that keeps graphs.
        sample: Raw rows; at most 2,000 of them are taken, evenly spread.
        within: Largest loss that is accepted: of probabilities, or of numbers relative to their spread.

    Returns:
        The compilation with what was found; its graph is the quantized one only when that is used.
    """
    flavor, graph = get_flavor(model.flavor), compilation.onnx
    if takes_frames(flavor):
        return replace(compilation, quantization=Quantization(reason="it is code, and has no weights that are known"))
    if model.signature.has_tensors:
        return replace(compilation, quantization=Quantization(reason="it takes arrays, for which no loss is measured"))
    columns, classes = len(model.encoder.columns), len(model.signature.classes)
    if compilation.status == "native":
        graph = flavor.convert(model.estimator, columns=columns, classes=classes)
    if graph is None:
        return replace(compilation, quantization=Quantization(reason="there is no proven graph"))
    matrix = model.encoder.encode(sample.gather_every(max(1, -(-sample.height // _SAMPLE_ROWS))), model.signature)
    found = quantize(graph, matrix, model.compute(matrix), classes=classes, within=within)
    return replace(compilation, onnx=found.graph or compilation.onnx, quantization=found)


def _short(error: Exception) -> str:
    message = error.message if isinstance(error, MillwrightError) else str(error)
    lines = [line for line in message.splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]
