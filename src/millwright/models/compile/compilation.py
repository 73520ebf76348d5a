"""Compiles a model and compares the result with the original, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from millwright.core.errors import MillwrightError
from millwright.models.compile.edge import edge_rows
from millwright.models.compile.onnx import convert
from millwright.models.predictor import OnnxPredictor

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from millwright.models.model import Model

# Single precision carries seven digits; scalers, kernels and sums over trees lose up to three of them.
TOLERANCE = 1e-4
_SAMPLE_ROWS = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Compilation:
    """What became of compiling a model.

    Attributes:
        status: `proven`: answers agreed on every compared row; `refused`: not, or it cannot be compiled.
        reason: Why it was refused; what was compared when proven.
        onnx: The graph, only when proven.
        rows: Rows compared, edge rows among them.
        max_difference: Largest difference of probabilities; of numbers, relative to the spread of the native answers.
        tolerance: Largest difference allowed.
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

    A row agrees when every probability is within the tolerance and the label is the same; where the two largest
    probabilities lie within twice the tolerance of each other the label is decided by rounding and may differ.
    Numbers agree when they are within the tolerance relative to the spread of the native answers.

    Args:
        model: Of flavor `sklearn`.
        sample: Raw rows, such as the test part; at most 2,000 of them are taken, evenly spread.
        tolerance: See above.
        seed: Of the generated rows.

    Returns:
        Proven with the graph, or refused with the reason. An estimator that cannot be converted is refused, never an
        exception.
    """
    try:
        graph = convert(model)
        compiled = OnnxPredictor(signature=model.signature, encoder=model.encoder, onnx=graph)
    except Exception as error:  # noqa: BLE001 - converters raise whatever they meet; a refusal is the answer to all of it
        return Compilation(status="refused", reason=f"no ONNX form: {_short(error)}", tolerance=tolerance)
    step = max(1, -(-sample.height // _SAMPLE_ROWS))
    rows = edge_rows(model.signature, seed=seed)
    matrix = np.vstack(
        [model.encoder.encode(sample.gather_every(step), model.signature), model.encoder.encode_rows(rows)]
    )
    try:
        expected, found = model.compute(matrix), compiled.compute(matrix)
    except Exception as error:  # noqa: BLE001 - an engine that cannot take an edge row must not serve
        return Compilation(
            status="refused", reason=f"an engine failed on edge rows: {_short(error)}", tolerance=tolerance
        )
    difference, reason = _compare(expected, found, tolerance)
    count = len(matrix)
    if reason:
        return Compilation(status="refused", reason=reason, rows=count, max_difference=difference, tolerance=tolerance)
    return Compilation(
        status="proven",
        reason=f"agreed on {count:,} rows, {len(rows):,} of them generated edge rows",
        onnx=graph,
        rows=count,
        max_difference=difference,
        tolerance=tolerance,
    )


def _compare(
    expected: NDArray[np.floating[Any]], found: NDArray[np.floating[Any]], tolerance: float
) -> tuple[float, str]:
    """The largest difference, and why the two don't agree ("" when they do)."""
    if expected.shape != found.shape:
        return 0.0, f"the compiled model answers in shape {found.shape}, the original in {expected.shape}"
    if not (np.isfinite(expected).all() and np.isfinite(found).all()):
        return 0.0, "an answer is not a finite number"
    scale = 1.0
    if expected.ndim == 1:
        scale = float(np.std(expected)) or max(1.0, float(np.abs(expected).max()))
    gaps = np.abs(expected - found) / scale
    difference = float(gaps.max())
    if difference > tolerance:
        return (
            difference,
            f"answers differ by {difference:.2g}, more than {tolerance:.2g}, on {int((gaps > tolerance).sum())} values",
        )
    if expected.ndim == 2:
        top = np.sort(expected, axis=1)
        clear = top[:, -1] - top[:, -2] > 2 * tolerance
        wrong = int((expected.argmax(axis=1) != found.argmax(axis=1))[clear].sum())
        if wrong:
            return difference, f"{wrong} labels differ"
    return difference, ""


def _short(error: Exception) -> str:
    message = error.message if isinstance(error, MillwrightError) else str(error)
    lines = [line for line in message.splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]
