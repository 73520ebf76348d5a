"""Compiles a model and compares the result with the original, row by row."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from millwright.core.errors import MillwrightError
from millwright.models.compile.comparison import compare
from millwright.models.compile.edge import edge_rows
from millwright.models.compile.onnx import convert
from millwright.models.predictor import OnnxPredictor

if TYPE_CHECKING:
    import polars as pl

    from millwright.models.model import Model

# Single precision carries seven digits; scalers, kernels and sums over trees lose up to three of them.
TOLERANCE = 1e-4
_EDGE_FACTOR = 10.0
_SAMPLE_ROWS = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Compilation:
    """What became of compiling a model.

    Attributes:
        status: `proven`: answers agreed on every compared row; `refused`: not, or it cannot be compiled.
        reason: Why it was refused; what was compared when proven.
        onnx: The graph, only when proven.
        rows: Rows compared, edge rows among them.
        max_difference: Largest difference of probabilities; of numbers, relative to the spread on the sample.
        tolerance: Largest difference allowed on the sample; on edge rows ten times as much.
    """

    status: Literal["proven", "refused"]
    reason: str
    onnx: bytes | None = None
    rows: int = 0
    max_difference: float = 0.0
    tolerance: float = TOLERANCE

    def to_json(self) -> dict[str, Any]:
        """As JSON values, without the graph itself."""
        return {
            "status": self.status,
            "reason": self.reason,
            "rows": self.rows,
            "max_difference": self.max_difference,
            "tolerance": self.tolerance,
        }


def compile_model(model: Model, sample: pl.DataFrame, *, tolerance: float = TOLERANCE, seed: int = 0) -> Compilation:
    """Compiles to ONNX and proves it on a sample and on generated edge rows.

    How answers are compared is told at `comparison.compare`. Generated rows lie up to ten ranges outside of what
    training saw, where sums of squares use up single precision: they may differ ten times as much.

    Args:
        model: Of flavor `sklearn`.
        sample: Raw rows, such as the test part; at most 2,000 of them are taken, evenly spread.
        tolerance: Largest difference on the sample.
        seed: Of the generated rows.

    Returns:
        Proven with the graph, or refused with the reason. An estimator that cannot be converted is refused, never an
        exception.

    Raises:
        InvalidInputError: The sample doesn't fit the model's signature.
    """
    try:
        graph = convert(model)
        compiled = OnnxPredictor(signature=model.signature, encoder=model.encoder, onnx=graph)
    except Exception as error:  # noqa: BLE001 - converters raise whatever they meet; a refusal is the answer to all of it
        return Compilation(status="refused", reason=f"no ONNX form: {_short(error)}", tolerance=tolerance)
    real = model.encoder.encode(sample.gather_every(max(1, -(-sample.height // _SAMPLE_ROWS))), model.signature)
    made = model.encoder.encode_rows(edge_rows(model.signature, seed=seed))
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
            edge_tolerance=_EDGE_FACTOR * tolerance,
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


def _short(error: Exception) -> str:
    message = error.message if isinstance(error, MillwrightError) else str(error)
    lines = [line for line in message.splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]
