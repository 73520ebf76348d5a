from __future__ import annotations

import json
from datetime import UTC, date, datetime

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.versions.condition import RowCondition

FRAME = pl.DataFrame(
    {
        "email": ["a@x", "b@x", None],
        "id": [1, 22, None],
        "score": [0.5, 22.0, None],
        "flag": [True, False, None],
        "day": [date(2026, 1, 2), date(2026, 1, 3), None],
        "at": [datetime(2026, 1, 2, 10, tzinfo=UTC), datetime(2026, 1, 3, 11, 30, tzinfo=UTC), None],
        "list": [[1], [], None],
    }
)


def chosen(condition: RowCondition) -> list[int]:
    expression = condition.expression(FRAME.schema)
    assert expression is not None
    return FRAME.with_row_index("row").filter(expression)["row"].to_list()


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ({"email": "a@x"}, [0]),
        ({"email": "A@x"}, []),
        ({"email": "a@x", "id": "22"}, []),
        ({"email": "b@x", "id": " 22 "}, [1]),
        ({"id": "2"}, []),
        ({"id": "x"}, []),
        ({"score": "22"}, [1]),
        ({"flag": "TRUE"}, [0]),
        ({"day": "2026-01-03"}, [1]),
        ({"at": "2026-01-03T11:30:00"}, [1]),
        ({"at": "2026-01-02"}, [0]),
    ],
)
def test_values_are_compared_as_the_column_has_them(values: dict[str, str], rows: list[int]) -> None:
    assert chosen(RowCondition(values=values)) == rows


def test_sql_and_values_must_both_hold() -> None:
    assert chosen(RowCondition(sql="id < 30 AND email LIKE '%@x'")) == [0, 1]
    assert chosen(RowCondition(sql="id < 30", values={"email": "b@x"})) == [1]
    assert chosen(RowCondition(sql="email IS NULL")) == [2]


def test_table_without_a_named_column_has_no_expression() -> None:
    assert RowCondition(values={"gone": "1"}).expression(FRAME.schema) is None
    assert RowCondition(sql="gone = 1 OR id = 1").expression(FRAME.schema) is None


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({}, "names a column"),
        ({"sql": "TRUE"}, "names a column"),
        ({"sql": "id = MAX(id)"}, "several rows"),
        ({"sql": "email = 'sEcret' AND ("}, "cannot be used"),
    ],
)
def test_condition_that_cannot_be_asked_of_a_row_is_refused(condition: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as refused:
        RowCondition(**condition)
    assert "sEcret" not in str(refused.value)


@pytest.mark.parametrize(
    "condition", [{"sql": "id + 1"}, {"sql": "email > 3 AND id = 'sEcret'"}, {"values": {"list": "sEcret"}}]
)
def test_condition_that_does_not_fit_the_columns_is_refused_without_repeating_it(condition: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        RowCondition(**condition).expression(FRAME.schema)
    assert "sEcret" not in str(refused.value)


def test_description_holds_columns_and_digests_that_nobody_can_try_values_on() -> None:
    condition = RowCondition(values={"email": "a@x"}, sql="name = 'O''Hara'")
    one, other = condition.description(), condition.description()
    assert one["columns"] == ["email", "name"]
    assert one["digests"].keys() == {"email", "where"}
    assert one["digests"] != other["digests"]
    assert "a@x" not in json.dumps(one)
    assert condition.texts == ("a@x", "O'Hara")
