"""scikit-learn pipelines to ONNX graphs."""

from __future__ import annotations

import warnings
from typing import Any

from millwright.core.errors import MissingExtraError
from millwright.models.flavors.threshold import round_thresholds
from millwright.models.graph import INPUT_NAME, OPSET


def convert_pipeline(estimator: Any, *, columns: int, classes: int) -> bytes:
    """A pipeline as an ONNX graph, the same bytes for the same pipeline.

    Args:
        estimator: A fitted scikit-learn pipeline.
        columns: Encoded columns it takes.
        classes: Classes it tells apart; 0 for regression.

    Returns:
        The serialised graph; see `finish`.

    Raises:
        MissingExtraError: skl2onnx is not installed.
        Exception: Whatever skl2onnx raises for estimators it cannot convert.
    """
    try:
        from skl2onnx import convert_sklearn
        from skl2onnx.common.data_types import FloatTensorType
    except ImportError as error:
        raise MissingExtraError("skl2onnx", "sklearn") from error
    estimator = round_thresholds(estimator)
    options = {id(estimator): {"zipmap": False}} if classes else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated attributes that skl2onnx looks at
        graph = convert_sklearn(
            estimator,
            name="model",
            initial_types=[(INPUT_NAME, FloatTensorType([None, columns]))],
            options=options,
            target_opset=OPSET,
        )
    return finish(graph)


def finish(graph: Any) -> bytes:
    """A converter's graph as the bytes that packages keep, equal for equal graphs.

    Args:
        graph: An ONNX model with input `rows` (float32, n by encoded columns), whose last output holds probabilities
            (n by classes) or numbers (n by 1); it is changed.

    Returns:
        The serialised graph with that output only.
    """
    # The label is derived from the probabilities for every engine alike; without it as an output ONNX Runtime
    # drops the nodes that compute it.
    while len(graph.graph.output) > 1:
        del graph.graph.output[0]
    # Converters write these in the order of a set of texts, which differs from process to process.
    imports = sorted(graph.opset_import, key=lambda entry: str(entry.domain))
    del graph.opset_import[:]
    graph.opset_import.extend(imports)
    content: bytes = graph.SerializeToString(deterministic=True)
    return content
