from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.models.flavors.conversion import convert_pipeline
from millwright.models.graph import INPUT_NAME

if TYPE_CHECKING:
    from millwright.models.model import Model


def _graph(model: Model) -> bytes:
    return convert_pipeline(model.estimator, columns=len(model.encoder.columns), classes=len(model.signature.classes))


def test_graph_is_the_same_to_the_byte_when_converted_again(model: Model) -> None:
    assert _graph(model) == _graph(model)


def test_graph_has_one_input_and_one_output(model: Model) -> None:
    import onnx

    graph = onnx.load_from_string(_graph(model)).graph

    assert [value.name for value in graph.input] == [INPUT_NAME]
    assert len(graph.output) == 1
    onnx.checker.check_model(onnx.load_from_string(_graph(model)))
