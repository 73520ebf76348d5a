"""scikit-learn pipelines to ONNX graphs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from millwright.core.errors import MissingExtraError
from millwright.models.compile.threshold import round_thresholds
from millwright.models.predictor import INPUT_NAME

if TYPE_CHECKING:
    from millwright.models.model import Model

_OPSET = 18  # supported by every onnxruntime since 1.15; a fixed number keeps the bytes the same


def convert(model: Model) -> bytes:
    """A model's estimator as an ONNX graph, the same bytes for the same estimator.

    Args:
        model: Of flavor `sklearn`.

    Returns:
        The serialised graph: input `rows` (float32, n by encoded columns), one output: probabilities
        (n by classes) or numbers (n by 1).

    Raises:
        MissingExtraError: skl2onnx is not installed.
        Exception: Whatever skl2onnx raises for estimators it cannot convert.
    """
    try:
        from skl2onnx import convert_sklearn
        from skl2onnx.common.data_types import FloatTensorType
    except ImportError as error:
        raise MissingExtraError("skl2onnx", "sklearn") from error
    estimator = round_thresholds(model.estimator)
    options = {id(estimator): {"zipmap": False}} if model.signature.classes else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated attributes that skl2onnx looks at
        graph = convert_sklearn(
            estimator,
            name="model",
            initial_types=[(INPUT_NAME, FloatTensorType([None, len(model.encoder.columns)]))],
            options=options,
            target_opset=_OPSET,
        )
    # The label is derived from the probabilities for every engine alike; without it as an output ONNX Runtime
    # drops the nodes that compute it.
    while len(graph.graph.output) > 1:
        del graph.graph.output[0]
    # skl2onnx writes these in the order of a set of texts, which differs from process to process.
    imports = sorted(graph.opset_import, key=lambda entry: str(entry.domain))
    del graph.opset_import[:]
    graph.opset_import.extend(imports)
    content: bytes = graph.SerializeToString(deterministic=True)
    return content
