from __future__ import annotations

import pytest

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.prediction import Prediction
from millwright.deployment.realtime.protocol.instances import plain_values, row_of, rows_of

NAMES = ("a", "b")


@pytest.mark.parametrize(
    "row", [{"a": 1, "b": 2}, [1, 2], {"features": [1, 2]}, {"data": {"features": {"values": [1, 2]}}}]
)
def test_row_is_an_object_or_a_list_or_one_of_its_wrappings(row):
    assert row_of(row, 0, NAMES) == {"a": 1, "b": 2}


@pytest.mark.parametrize("row", [3, None, "x", {}, {"a": [1, 2]}, {"features": 1}, {"data": {"features": [1]}}])
def test_what_is_no_row_is_left_to_the_check(row):
    assert row_of(row, 0, NAMES) is row


def test_row_with_too_few_values_is_told_with_the_order_of_columns():
    with pytest.raises(MalformedRequestError, match="found 1 in row 1") as caught:
        rows_of([[1, 2], [1]], NAMES, "instances")
    assert caught.value.hint.startswith("Their order: a, b.")
    assert caught.value.details == {"row": 1, "expected": 2, "found": 1, "columns": ["a", "b"]}


def test_long_order_of_columns_is_cut():
    with pytest.raises(MalformedRequestError, match="one per column") as caught:
        rows_of([[1]], tuple(f"c{number}" for number in range(30)), "instances")
    assert "c19, …" in caught.value.hint


def test_values_are_plain_when_one_column_is_chosen(make_served):
    prediction = Prediction(make_served(1), [{"prediction": "yes", "probability": 0.75}], ["i"])
    assert plain_values(prediction, ("probability",)) == [0.75]
    assert plain_values(prediction, ("prediction", "probability")) is prediction.outputs
    assert plain_values(prediction, ("probability", "prediction")) == [{"probability": 0.75, "prediction": "yes"}]
