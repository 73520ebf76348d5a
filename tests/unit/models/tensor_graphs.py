"""ONNX graphs over arrays: a picture's classes or embedding, and token ids to a sentence's embedding."""

from __future__ import annotations

from typing import Any

import numpy as np

_OPSET = 18
PICTURE = (2, 3, 4)


def picture_graph(*, outputs: int = 5, last: str = "Identity", number: bool = False) -> bytes:
    """float32 pictures [n, 2, 3, 4], flattened, times weights; with `number` also a column `age` [n, 1], added."""
    from onnx import TensorProto, helper

    weights = np.random.default_rng(0).normal(size=(24, outputs)).astype(np.float32)
    nodes = [
        helper.make_node("Flatten", ["image"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["raw"]),
        helper.make_node("Add", ["raw", "age"], ["sum"]) if number else helper.make_node("Identity", ["raw"], ["sum"]),
        helper.make_node(last, ["sum"], ["answers"]),
    ]
    inputs = [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", *PICTURE])]
    if number:
        inputs.append(helper.make_tensor_value_info("age", TensorProto.FLOAT, ["n", 1]))
    return _graph(nodes, inputs, ["n", outputs], {"weights": weights})


def sentence_graph() -> bytes:
    """int64 token ids [n, length] from 0 to 49, looked up in a table and averaged: embeddings [n, 6]."""
    from onnx import TensorProto, helper

    table = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["tokens"]),
        helper.make_node("ReduceMean", ["tokens", "axes"], ["answers"], keepdims=0),
    ]
    inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", "length"])]
    return _graph(nodes, inputs, ["n", 6], {"table": table, "axes": np.array([1], np.int64)})


def pictures(rows: int, *, seed: int = 1) -> Any:
    """float32, shape (rows, 2, 3, 4)."""
    return np.random.default_rng(seed).normal(size=(rows, *PICTURE)).astype(np.float32)


def _graph(nodes: Any, inputs: Any, output: list[Any], constants: dict[str, Any]) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        nodes,
        "other",
        inputs,
        [helper.make_tensor_value_info("answers", TensorProto.FLOAT, output)],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=10)
    content: bytes = made.SerializeToString()
    return content
