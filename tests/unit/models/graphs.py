"""ONNX graphs as other tools write them."""

from __future__ import annotations

from typing import Any

import numpy as np

_OPSET = 18


def dense_graph(
    weights: Any,
    *,
    last: str = "",
    name: str = "features",
    rows: int | str = "n",
    inputs: int = 1,
    double: bool = False,
) -> bytes:
    """Rows times weights, and then one more operator.

    Args:
        weights: (columns, outputs).
        last: Such as `Softmax`; with `label` beside it after a plus: `Softmax+label`.
        name: Of the one input; several are called a, b, c, …
        rows: The first dimension.
        inputs: More than one: each column by itself.
        double: Whether all is float64.
    """
    from onnx import TensorProto, helper, numpy_helper

    dtype, kind = (np.float64, TensorProto.DOUBLE) if double else (np.float32, TensorProto.FLOAT)
    values = np.asarray(weights, dtype=dtype)
    columns, outputs = values.shape
    names = [name] if inputs == 1 else [chr(ord("a") + index) for index in range(inputs)]
    nodes = [] if inputs == 1 else [helper.make_node("Concat", names, ["joined"], axis=1)]
    nodes.append(helper.make_node("MatMul", [name if inputs == 1 else "joined", "weights"], ["raw"]))
    operator, _, label = last.partition("+")
    nodes.append(helper.make_node(operator or "Identity", ["raw"], ["answers"]))
    answers = [helper.make_tensor_value_info("answers", kind, [rows, outputs])]
    if label:
        nodes.append(helper.make_node("ArgMax", ["answers"], ["label"], axis=1, keepdims=0))
        answers.append(helper.make_tensor_value_info("label", TensorProto.INT64, [rows]))
    width = columns if inputs == 1 else 1
    graph = helper.make_graph(
        nodes,
        "other",
        [helper.make_tensor_value_info(each, kind, [rows, width]) for each in names],
        answers,
        [numpy_helper.from_array(values, "weights")],
    )
    content: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=10
    ).SerializeToString()
    return content
