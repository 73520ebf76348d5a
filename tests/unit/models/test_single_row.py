from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from millwright.models.example import json_rows
from millwright.models.flavors.conversion import convert_pipeline
from millwright.models.graph import Graph
from millwright.models.outcome import Outcome
from millwright.models.predictor import OnnxPredictor
from millwright.models.task import Task
from unit.models.graphs import dense_graph

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from millwright.models.encoder import Encoder
    from millwright.models.model import Model


def _compiled(model: Model) -> OnnxPredictor:
    onnx = convert_pipeline(model.estimator, columns=len(model.encoder.columns), classes=len(model.signature.classes))
    return OnnxPredictor(signature=model.signature, encoder=model.encoder, onnx=onnx)


@pytest.fixture(scope="module", params=["binary", "multiclass", "regression"])
def compiled(request: Any, make_model: Callable[..., Model], frame: pl.DataFrame) -> OnnxPredictor:
    from sklearn.linear_model import LinearRegression, LogisticRegression

    if request.param == "binary":
        return _compiled(make_model(LogisticRegression()))
    if request.param == "multiclass":
        goal = frame["floors.count"] % 3
        return _compiled(make_model(LogisticRegression(), goal=goal.rename("third"), task=Task.MULTICLASS))
    goal = frame["floors.count"].cast(float).rename("height")
    return _compiled(make_model(LinearRegression(), goal=goal, task=Task.REGRESSION))


def alone(compiled: OnnxPredictor, encoder: Encoder, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the graph's usual way answers to each row alone: among others, the last digits may be different."""
    outcome = Outcome(compiled.signature)
    return [outcome.rows(compiled.compute(encoder.encode_rows([row])))[0] for row in rows]


def test_one_row_is_answered_as_a_matrix_of_one_row_is(
    compiled: OnnxPredictor, encoder: Encoder, frame: pl.DataFrame
) -> None:
    rows = list(json_rows(frame, compiled.signature))
    rows.append(dict.fromkeys(rows[0]))  # nothing is known of this one
    rows.append({**rows[0], "floors.count": 2**62, "borough\n": "nowhere", "note": ""})
    names = [column.name for column in compiled.signature.inputs]
    expected = alone(compiled, encoder, rows)

    assert compiled.single is not None
    assert [compiled.single.predict([row[name] for name in names]) for row in rows] == expected
    assert [compiled.predict_rows([row])[0] for row in rows] == expected


def test_second_thread_is_sent_away_and_answered_the_other_way(
    compiled: OnnxPredictor, encoder: Encoder, frame: pl.DataFrame
) -> None:
    rows = json_rows(frame.head(40), compiled.signature)
    expected = alone(compiled, encoder, rows)
    wrong: list[Any] = []

    def ask() -> None:
        for _ in range(20):
            wrong.extend(
                row for row, answer in zip(rows, expected, strict=True) if compiled.predict_rows([row]) != [answer]
            )

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_graph_of_other_numbers_or_another_width_is_not_bound() -> None:
    bound = Graph(dense_graph([[2.0], [1.0]])).bind_row(2)
    assert bound is not None
    assert bound([1.0, 2.0]) == (4.0,)
    assert bound([1e300, 0.0]) == (float("inf"),)
    assert Graph(dense_graph([[2.0], [1.0]], double=True)).bind_row(2) is None
    assert Graph(dense_graph([[2.0], [1.0]])).bind_row(3) is None
