"""Graphs with 8-bit weights, and what that costs in answers."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import MissingExtraError
from millwright.models.compile.comparison import compare
from millwright.models.graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

_QUANTIZED = {"MatMulInteger", "ConvInteger", "DynamicQuantizeLSTM", "QLinearMatMul"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantization:
    """What became of quantizing a graph.

    Attributes:
        reason: Why it is not used; empty when it is.
        loss: Largest difference on the sample: of probabilities; of numbers, relative to their spread.
        difference: The same in the answers' own unit.
        labels_changed: Share of the sample's rows with another label, 0 to 1; 0 for numbers.
        size_bytes: Of the quantized graph.
        original_bytes: Of the graph before.
        graph: The quantized graph, when it is used.
    """

    reason: str
    loss: float = 0.0
    difference: float = 0.0
    labels_changed: float = 0.0
    size_bytes: int = 0
    original_bytes: int = 0
    graph: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON values, without the graph itself."""
        return {
            "status": "refused" if self.reason else "used",
            "reason": self.reason,
            "loss": float(f"{self.loss:.2g}"),
            "difference": float(f"{self.difference:.2g}"),
            "labels_changed": self.labels_changed,
            "size_bytes": self.size_bytes,
            "original_bytes": self.original_bytes,
        }


def quantize(
    graph: bytes, matrix: NDArray[np.float32], expected: NDArray[np.floating[Any]], *, classes: int, within: float
) -> Quantization:
    """Quantize a graph's weights to 8 bits, activations as they come, and measure what that costs.

    Args:
        graph: A graph that is proven, or an original itself.
        matrix: The encoded sample.
        expected: What the original answers for it.
        classes: Classes it tells apart; 0 for regression.
        within: Largest loss that is accepted; see `Quantization.loss`.

    Raises:
        MissingExtraError: onnx is not installed.
    """
    try:
        content = _quantize(graph)
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001 - the quantizer raises whatever it meets; a refusal is the answer to all of it
        return Quantization(reason=f"no 8-bit form: {str(error)[:200]}", original_bytes=len(graph))
    if content is None:
        return Quantization(
            reason="it has no weights that can have 8 bits, as trees have none", original_bytes=len(graph)
        )
    found = Graph(content).compute(matrix, classes=classes)
    comparison = compare(expected, found, sample_rows=len(matrix), tolerance=within, edge_tolerance=within)
    changed = float(np.mean(expected.argmax(axis=1) != found.argmax(axis=1))) if classes else 0.0
    return Quantization(
        reason=comparison.reason,
        loss=comparison.difference,
        difference=float(np.abs(expected - found).max(initial=0.0)),
        labels_changed=changed,
        size_bytes=len(content),
        original_bytes=len(graph),
        graph=None if comparison.reason else content,
    )


def _quantize(graph: bytes) -> bytes | None:
    """The quantized graph; None when nothing in it was quantized."""
    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise MissingExtraError("onnx", "onnx") from error
    advice = logging.getLogger()
    level = advice.level
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        advice.setLevel(logging.ERROR)  # it recommends preparations on the root logger
        given = onnx.load_from_string(graph)
        # Exporters tell shapes between nodes, too, those of weights among them; they are wrong once weights are
        # transposed, and the quantizer then gives up. It finds all of them out by itself.
        del given.graph.value_info[:]
        try:
            quantize_dynamic(given, path, weight_type=QuantType.QInt8)
        finally:
            advice.setLevel(level)
        model = onnx.load(path)
    if not any(node.op_type in _QUANTIZED for node in model.graph.node):
        return None
    content: bytes = model.SerializeToString(deterministic=True)
    return content
