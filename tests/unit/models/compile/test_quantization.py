from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest

from millwright.models.adoption import adopt
from millwright.models.compile.compilation import compile_model, quantize_model
from millwright.models.package import load_predictor, pack, read_manifest
from unit.models.graphs import dense_graph
from unit.models.numbers import numeric_rows

if TYPE_CHECKING:
    import polars as pl

    from millwright.models.model import Model


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return numeric_rows(nulls=False)


@pytest.fixture(scope="module")
def network(rows: pl.DataFrame) -> Model:
    """One layer with three classes."""
    weights = np.random.default_rng(0).normal(scale=0.05, size=(4, 3))
    return adopt(dense_graph(weights, last="Softmax"), rows, classes=("a", "b", "c"))


def test_weights_of_8_bits_are_used_and_served_with_their_measured_loss(network: Model, rows: pl.DataFrame) -> None:
    compilation = quantize_model(network, compile_model(network, rows), rows, within=0.05)
    package = pack(network, compilation=compilation)
    found = load_predictor(package)

    told = read_manifest(package)["compilation"]["quantization"]
    assert (told["status"], found.engine) == ("used", "onnxruntime")
    assert 0 < told["loss"] <= 0.05
    gap = found.predict_frame(rows).drop("prediction").to_numpy() - network.predict(rows).drop("prediction").to_numpy()
    assert float(np.abs(gap).max()) == pytest.approx(told["difference"], rel=0.05)
    assert b"MatMulInteger" in (compilation.onnx or b"")


def test_graph_that_tells_the_shapes_of_its_weights_is_quantized(rows: pl.DataFrame) -> None:
    # As PyTorch's exporter writes a linear layer: a Gemm over transposed weights.
    weights = np.random.default_rng(0).normal(size=(1, 4)).astype(np.float32)
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Gemm", ["rows", "weights"], ["answers"], transB=1)],
        "linear",
        [value("rows", onnx.TensorProto.FLOAT, ["n", 4])],
        [value("answers", onnx.TensorProto.FLOAT, ["n", 1])],
        [onnx.numpy_helper.from_array(weights, "weights")],
        value_info=[value("weights", onnx.TensorProto.FLOAT, [1, 4])],
    )
    linear = adopt(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10), rows)

    compilation = quantize_model(linear, compile_model(linear, rows), rows, within=0.1)

    assert compilation.quantization is not None
    assert compilation.quantization.to_json()["status"] == "used", compilation.quantization.reason


def test_weights_of_8_bits_are_refused_when_they_cost_too_much(network: Model, rows: pl.DataFrame) -> None:
    compilation = quantize_model(network, compile_model(network, rows), rows, within=1e-9)

    assert compilation.quantization is not None
    assert "answers differ" in compilation.quantization.reason
    assert compilation.onnx is None
    assert load_predictor(pack(network, compilation=compilation)).engine == "onnx"


def test_trees_and_models_without_a_proven_graph_have_nothing_to_quantize(
    tree_model: Model, frame: pl.DataFrame
) -> None:
    proven = compile_model(tree_model, frame)

    trees = quantize_model(tree_model, proven, frame, within=0.1)
    without = quantize_model(tree_model, replace(proven, status="refused", onnx=None), frame, within=0.1)

    assert trees.quantization is not None
    assert "trees" in trees.quantization.reason
    assert trees.onnx == proven.onnx
    assert without.quantization is not None
    assert without.quantization.reason == "there is no proven graph"
