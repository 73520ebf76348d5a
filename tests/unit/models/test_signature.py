from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.signature import ColumnType, Signature, column_type
from millwright.models.task import Task


def test_signature_knows_types_ranges_and_nulls(signature: Signature, frame: pl.DataFrame) -> None:
    by_name = {column.name: column for column in signature.inputs}

    assert [column.type for column in signature.inputs] == [
        ColumnType.NUMBER,
        ColumnType.INTEGER,
        ColumnType.BOOLEAN,
        ColumnType.CATEGORY,
        ColumnType.DATE,
        ColumnType.TEXT,
    ]
    assert [column.required for column in signature.inputs] == [False, True, True, False, True, True]
    assert by_name["amount of $"].minimum == frame["amount of $"].min()
    assert by_name["__start"].minimum == (frame["__start"].min() - date(1970, 1, 1)).days  # type: ignore[operator]
    counts = frame["borough\n"].drop_nulls().value_counts(sort=True)
    assert by_name["borough\n"].categories == tuple(counts["borough\n"].to_list())


def test_signature_of_two_classes_answers_prediction_and_probability(signature: Signature) -> None:
    assert signature.classes == (False, True)
    assert [column.name for column in signature.outputs] == ["prediction", "probability"]
    assert signature.outputs[0].type is ColumnType.BOOLEAN


@pytest.mark.parametrize(
    ("values", "classes", "kind"),
    [
        (["b", "c", "a", None], ("a", "b", "c"), ColumnType.CATEGORY),
        ([3, 1, 2, None], (1, 2, 3), ColumnType.INTEGER),
        ([0.5, float("nan"), 1.5, 2.5], (0.5, 1.5, 2.5), ColumnType.NUMBER),
    ],
)
def test_signature_of_several_classes_answers_a_probability_each(
    values: list[object], classes: tuple[object, ...], kind: ColumnType
) -> None:
    signature = Signature.infer(pl.DataFrame({"x": [1, 2, 3, 4]}), pl.Series("y", values), Task.MULTICLASS)

    assert signature.classes == classes
    assert [column.name for column in signature.outputs] == ["prediction", *(f"probability_{c}" for c in classes)]
    assert signature.outputs[0].type is kind


def test_signature_of_a_regression_answers_one_number() -> None:
    signature = Signature.infer(pl.DataFrame({"x": [1, 2]}), pl.Series("y", [1, 2]), Task.REGRESSION)

    assert signature.classes == ()
    assert [(column.name, column.type) for column in signature.outputs] == [("prediction", ColumnType.NUMBER)]


def test_signature_survives_json(signature: Signature) -> None:
    assert Signature.from_json(json.loads(json.dumps(signature.to_json()))) == signature


def test_signature_is_refused_when_its_json_lacks_something() -> None:
    with pytest.raises(InvalidInputError, match="Expected a model signature as JSON"):
        Signature.from_json({"inputs": []})


def test_signature_refuses_a_column_of_lists_and_names_it() -> None:
    with pytest.raises(InvalidInputError, match="Column 'x' is of type List"):
        Signature.infer(pl.DataFrame({"x": [[1], [2]]}), pl.Series("y", [1, 2]), Task.REGRESSION)


def test_signature_accepts_the_rows_it_was_inferred_from(signature: Signature, frame: pl.DataFrame) -> None:
    assert signature.check_rows(frame.to_dicts()) == []
    assert signature.check_columns(frame.columns) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True, None], ColumnType.BOOLEAN),
        ([1, 2], ColumnType.INTEGER),
        ([1.0, 2.5], ColumnType.NUMBER),
        (["a", "b"], ColumnType.CATEGORY),
        ([f"sentence number {index}" for index in range(60)], ColumnType.TEXT),
        (["a", "b"] * 30, ColumnType.CATEGORY),
        ([date(2026, 1, 1)], ColumnType.DATE),
        ([b"x"], None),
    ],
)
def test_column_type_follows_the_values(values: list[object], expected: ColumnType | None) -> None:
    assert column_type(pl.Series("x", values)) is expected


def test_column_type_of_decimals_is_number_and_of_enums_category() -> None:
    assert column_type(pl.Series("x", ["1.5"]).cast(pl.Decimal(10, 2))) is ColumnType.NUMBER
    assert column_type(pl.Series("x", ["a"], dtype=pl.Enum(["a"]))) is ColumnType.CATEGORY


def test_narrow_types_of_numbers_are_kept_for_clients() -> None:
    rows = pl.DataFrame({"a": [1.5], "b": [1], "c": [2]}, schema={"a": pl.Float32, "b": pl.UInt8, "c": pl.Int64})
    signature = Signature.infer(rows, pl.Series("y", [1.0]), Task.REGRESSION)

    assert [column.dtype for column in signature.inputs] == ["float32", "uint8", ""]
    assert Signature.from_json(signature.to_json()) == signature
    assert "dtype" not in signature.to_json()["inputs"][2]
    assert not signature.check_rows([{"a": 1.5, "b": 300, "c": 1}])
