from __future__ import annotations

import numpy as np
import onnx
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, UnsafeArtifactError
from millwright.models.adoption import adopt
from millwright.models.archive import read_archive
from millwright.models.compile.compilation import compile_model
from millwright.models.flavors.onnx import MEMBER, OnnxFlavor
from millwright.models.package import load_predictor, pack
from unit.models.graphs import dense_graph

_ROWS = pl.DataFrame({"days": [1.0, 2.5, None], "floors": [3, 4, 5]}).with_columns(pl.col("days").fill_null(0.0))


def test_graph_is_kept_to_the_byte_and_answers_as_it_did() -> None:
    content = dense_graph([[2.0], [1.0]])
    model = adopt(content, _ROWS, target="delay")

    package = pack(model, compilation=compile_model(model, _ROWS))
    predictor = load_predictor(package)

    assert read_archive(package, what="a package")[MEMBER] == content
    assert predictor.engine == "onnx"
    assert predictor.predict_rows([{"days": 2.0, "floors": 3}]) == [{"prediction": 7.0}]
    assert compile_model(model, _ROWS).status == "native"


def test_classes_are_told_by_whoever_brings_it_or_counted_where_it_has_labels() -> None:
    counted = adopt(dense_graph([[2.0, 1, 0], [1.0, 0, 1]], last="Softmax+label"), _ROWS)
    named = adopt(onnx.load_from_string(dense_graph([[0.2], [0.1]], last="Sigmoid")), _ROWS, classes=("early", "late"))

    assert counted.signature.classes == (0, 1, 2)
    assert named.predict(_ROWS)["prediction"].to_list() == ["late", "late", "late"]


def test_one_tensor_per_column_is_found_by_name() -> None:
    model = adopt(dense_graph([[2.0], [1.0]], inputs=2), pl.DataFrame({"b": [1.0], "x": ["text"], "a": [5.0]}))

    assert [column.name for column in model.signature.inputs] == ["a", "b"]
    assert model.predict(pl.DataFrame({"b": [1.0], "a": [5.0]}))["prediction"].to_list() == [11.0]


def test_graph_that_answers_no_probabilities_is_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidInputError, match="Expected probabilities") as caught:
        adopt(dense_graph([[2.0, 1.0], [1.0, 0]]), _ROWS, classes=("early", "late"))

    assert "softmax" in caught.value.hint


def test_graph_for_other_columns_is_refused_when_brought_and_when_loaded() -> None:
    content = dense_graph([[2.0], [1.0]])

    with pytest.raises(InvalidInputError, match="does not answer the sample's 1 columns"):
        adopt(content, _ROWS.select("days"))
    with pytest.raises(UnsafeArtifactError, match="does not answer 3 columns"):
        OnnxFlavor().load({MEMBER: content}, columns=3, classes=0)
    with pytest.raises(UnsafeArtifactError, match="not for 3 classes"):
        OnnxFlavor().load({MEMBER: content}, columns=2, classes=3)


def test_something_else_is_refused() -> None:
    with pytest.raises(UnsafeArtifactError, match="does not load"):
        adopt(b"no graph", _ROWS)
    with pytest.raises(InvalidInputError, match="Expected an ONNX model"):
        adopt(onnx.TensorProto(), _ROWS)
    assert np.isfinite(OnnxFlavor().load({MEMBER: dense_graph([[1.0]])}, columns=1, classes=0).width)


def test_graph_cannot_be_trained_on() -> None:
    with pytest.raises(InvalidInputError, match="cannot be trained on"):
        adopt(dense_graph([[2.0], [1.0]]), _ROWS).native()
