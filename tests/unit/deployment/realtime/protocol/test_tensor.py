from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.protocol.tensor import input_columns, output_tensor
from millwright.models.column import ColumnType, SignatureColumn


@dataclass
class Sent:
    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None


def test_tensors_become_columns():
    columns, count = input_columns([Sent("a", [2], "FP32", [1, 2.5]), Sent("b", [2, 1], "BYTES", [["x"], [None]])])
    assert (columns, count) == ({"a": [1, 2.5], "b": ["x", None]}, 2)


def test_empty_tensor_is_no_rows():
    assert input_columns([Sent("a", [0], "FP32", [])]) == ({"a": []}, 0)


def test_matrix_is_refused_with_how_to_send_columns():
    with pytest.raises(MalformedRequestError, match="Send one tensor per column"):
        input_columns([Sent("a", [1, 2], "FP32", [[1, 2]])])


def test_output_has_the_datatype_of_its_column():
    column = SignatureColumn(name="prediction", type=ColumnType.INTEGER)
    assert output_tensor(column, [1, 0]) == {"name": "prediction", "datatype": "INT64", "shape": [2], "data": [1, 0]}
