from __future__ import annotations

import numpy as np
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.graph import Graph
from unit.models.graphs import dense_graph

_ROWS = np.array([[1, 2], [3, -4], [0, 0.5]], dtype=np.float32)


def test_graph_of_one_tensor_answers_numbers() -> None:
    graph = Graph(dense_graph([[2.0], [1.0]]))

    assert (graph.width, graph.columns, graph.has_labels) == (2, (), False)
    np.testing.assert_allclose(graph.compute(_ROWS, classes=0), [4, 2, 0.5])


def test_graph_of_float64_and_of_one_tensor_per_column_are_fed_alike() -> None:
    for graph in (Graph(dense_graph([[2.0], [1.0]], double=True)), Graph(dense_graph([[2.0], [1.0]], inputs=2))):
        np.testing.assert_allclose(graph.compute(_ROWS, classes=0), [4, 2, 0.5])

    assert Graph(dense_graph([[2.0], [1.0]], inputs=2)).columns == ("a", "b")


def test_probabilities_of_the_second_class_alone_get_the_first_beside_them() -> None:
    shares = Graph(dense_graph([[2.0], [1.0]], last="Sigmoid")).compute(_ROWS, classes=2)

    assert shares.shape == (3, 2)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares[:, 1], 1 / (1 + np.exp([-4, -2, -0.5])), rtol=1e-6)


def test_labels_beside_probabilities_are_seen_and_not_taken_for_answers() -> None:
    graph = Graph(dense_graph([[2.0, 1, 0], [1.0, 0, 1]], last="Softmax+label"))

    assert graph.has_labels
    assert graph.compute(_ROWS, classes=3).shape == (3, 3)


def test_outputs_of_one_value_a_row_are_told_from_others() -> None:
    assert Graph(dense_graph([[2.0], [1.0]], last="Sigmoid")).answers_singly(2)
    assert Graph(dense_graph([[2.0], [1.0]], inputs=2)).answers_singly(2)
    assert not Graph(dense_graph([[2.0, 1, 0], [1.0, 0, 1]], last="Softmax+label")).answers_singly(2)


def test_graph_for_one_row_only_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="any number of rows"):
        Graph(dense_graph([[2.0], [1.0]], rows=1))
