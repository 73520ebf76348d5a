from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from millwright.core.errors import UnsafeArtifactError
from millwright.models.example import json_rows
from millwright.models.flavors.conversion import convert_pipeline
from millwright.models.predictor import NativePredictor, OnnxPredictor

if TYPE_CHECKING:
    import polars as pl

    from millwright.models.model import Model


def _graph(model: Model) -> bytes:
    return convert_pipeline(model.estimator, columns=len(model.encoder.columns), classes=len(model.signature.classes))


@pytest.fixture(scope="module")
def compiled(model: Model) -> OnnxPredictor:
    return OnnxPredictor(signature=model.signature, encoder=model.encoder, onnx=_graph(model))


def test_engines_answer_alike(model: Model, compiled: OnnxPredictor, frame: pl.DataFrame) -> None:
    native, fast = NativePredictor(model).predict_frame(frame), compiled.predict_frame(frame)

    assert native["prediction"].equals(fast["prediction"])
    np.testing.assert_allclose(native["probability"], fast["probability"], atol=1e-5)


@pytest.mark.parametrize("engine", ["sklearn", "onnxruntime"])
def test_rows_and_tables_answer_alike(model: Model, compiled: OnnxPredictor, frame: pl.DataFrame, engine: str) -> None:
    predictor = NativePredictor(model) if engine == "sklearn" else compiled
    rows = json_rows(frame, model.signature)

    assert predictor.engine == engine
    assert predictor.predict_rows(rows) == predictor.predict_frame(frame).to_dicts()


def test_predictors_answer_nothing_when_there_are_no_rows(
    model: Model, compiled: OnnxPredictor, frame: pl.DataFrame
) -> None:
    for predictor in (NativePredictor(model), compiled):
        assert predictor.predict_rows([]) == []
        assert predictor.predict_frame(frame.clear()).height == 0


def test_single_rows_are_answered_in_microseconds(compiled: OnnxPredictor, model: Model) -> None:
    row = [model.example[0]]
    times = []
    for _ in range(300):
        started = perf_counter()
        compiled.predict_rows(row)
        times.append(perf_counter() - started)

    assert np.median(times) < 200e-6  # 14 µs on an idle machine


def test_graph_with_data_in_other_files_is_refused(model: Model) -> None:
    import onnx

    graph = onnx.load_from_string(_graph(model))
    tensor = graph.graph.initializer.add()
    tensor.name, tensor.data_type = "stolen", onnx.TensorProto.FLOAT
    tensor.dims.append(1)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"

    with pytest.raises(UnsafeArtifactError, match="other files"):
        OnnxPredictor(signature=model.signature, encoder=model.encoder, onnx=graph.SerializeToString())


def test_bytes_that_are_no_graph_are_refused(model: Model) -> None:
    with pytest.raises(UnsafeArtifactError, match="does not load"):
        OnnxPredictor(signature=model.signature, encoder=model.encoder, onnx=b"not a graph")
