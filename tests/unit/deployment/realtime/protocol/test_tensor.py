from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.protocol.tensor import input_columns
from millwright.deployment.realtime.protocol.tensor_column import output_tensor
from millwright.models.column import ColumnType, SignatureColumn


@dataclass
class Sent:
    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None


def test_tensors_become_columns():
    columns, count = input_columns(
        [Sent("a", [2], "FP32", [1, 2.5]), Sent("b", [2, 1], "BYTES", [["x"], [None]])], ("a", "b")
    )
    assert (columns, count) == ({"a": [1, 2.5], "b": ["x", None]}, 2)


def test_empty_tensor_is_no_rows():
    assert input_columns([Sent("a", [0], "FP32", [])], ("a",)) == ({"a": []}, 0)


def test_matrix_is_refused_with_how_to_send_columns():
    with pytest.raises(MalformedRequestError, match="Send one tensor per column"):
        input_columns([Sent("a", [1, 2], "FP32", [[1, 2]])], ("a", "b", "c"))


@pytest.mark.parametrize("data", [[[1, 2], [3, 4], [5, None]], [1, 2, 3, 4, 5, None]])
def test_matrix_with_a_value_for_each_column_is_all_columns(data):
    columns, count = input_columns([Sent("input-0", [3, 2], "FP32", data)], ("a", "b"))
    assert (columns, count) == ({"a": [1, 3, 5], "b": [2, 4, None]}, 3)


@pytest.mark.parametrize(
    ("shape", "datatype", "data", "told"),
    [
        ([2, 2], "FP32", [1, 2, 3], "to hold 4 values, as its shape says, found 3"),
        ([1, 2], "FP32", [[1]], "to hold 2 values in each row"),
        ([2, 2], "FP32", [[1, 2], 3], "to hold 2 values in each row"),
        ([-1, 2], "FP32", [], "to hold -2 values"),
        ([1, 2], "FP32", None, "to hold its 'data' as JSON"),
        ([1, 2], "FLOAT", [1, 2], "to have a datatype of the protocol"),
        ([1, 2], "BYTES", ["x", 2], "of datatype BYTES to hold text, found the number 2"),
    ],
)
def test_wrong_matrix_is_refused(shape, datatype, data, told):
    with pytest.raises(MalformedRequestError, match="Expected the tensor 'x'") as caught:
        input_columns([Sent("x", shape, datatype, data)], ("a", "b"))
    assert told in caught.value.message


def test_output_has_the_datatype_of_its_column():
    column = SignatureColumn(name="prediction", type=ColumnType.INTEGER)
    assert output_tensor(column, [1, 0]) == {"name": "prediction", "datatype": "INT64", "shape": [2], "data": [1, 0]}
