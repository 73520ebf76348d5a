from __future__ import annotations

import numpy as np
import onnx
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.tensor.graph import Port, TensorGraph
from unit.models.tensor_graphs import picture_graph, pictures, sentence_graph


def test_graph_tells_what_it_takes_and_answers():
    graph = TensorGraph(picture_graph(number=True))
    assert graph.inputs == {"image": Port("float32", (2, 3, 4)), "age": Port("float32", (1,))}
    assert (graph.output, graph.has_labels) == (Port("float32", (5,)), False)
    assert TensorGraph(sentence_graph()).inputs == {"ids": Port("int64", (-1,))}


def test_columns_of_numbers_get_the_dimensions_that_the_graph_wants():
    images = pictures(3)
    graph = TensorGraph(picture_graph(number=True))
    bare = TensorGraph(picture_graph()).compute({"image": images})
    found = graph.compute({"image": images, "age": np.array([1.0, 2.0, 3.0])})
    np.testing.assert_allclose(found, bare + np.array([[1.0], [2.0], [3.0]]), rtol=1e-5)


def test_graph_for_a_fixed_number_of_rows_is_refused():
    model = onnx.load_from_string(picture_graph())
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    with pytest.raises(InvalidInputError, match="any number of rows"):
        TensorGraph(model.SerializeToString())
