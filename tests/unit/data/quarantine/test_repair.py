from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.quarantine.repair import by_expressions, by_query, by_rows

ROWS = pl.DataFrame(
    {"id": [1, 2, 3], "cost": ["$5", "x", None], "_reasons": [["a"], ["b", "c"], ["a"]], "_row": [4, 7, 9]}
)


def test_edited_rows_are_taken_by_their_number() -> None:
    edited = pl.DataFrame({"_row": ["9", "4"], "cost": ["8", "5"], "_reasons": ["", ""]})
    found = by_rows(ROWS, edited)
    assert found["cost"].to_list() == ["5", "x", "8"]
    assert found.drop("cost").equals(ROWS.drop("cost"))
    assert found.columns == ROWS.columns


def test_edited_text_becomes_the_columns_type() -> None:
    edited = pl.DataFrame({"_row": [4, 7], "id": ["11", ""]})
    assert by_rows(ROWS, edited)["id"].to_list() == [11, None, 3]
    assert by_rows(ROWS, edited.head(0)).equals(ROWS)


@pytest.mark.parametrize(
    ("edited", "message"),
    [
        ({"cost": ["1"]}, "Expected the column '_row'"),
        ({"_row": [5], "cost": ["1"]}, r"_row 5 \(unknown\)"),
        ({"_row": [4, 4], "cost": ["1", "2"]}, r"_row 4 \(twice\)"),
        ({"_row": [4], "costs": ["1"]}, "found 'costs'.*Did you mean 'cost'"),
        ({"_row": [4], "id": ["x"]}, "Expected values of type Int64 in the column 'id'"),
    ],
)
def test_edit_that_does_not_fit_is_refused(edited, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        by_rows(ROWS, pl.DataFrame(edited))


def test_expressions_compute_columns_of_some_rows() -> None:
    found = by_expressions(ROWS, {"cost": "REPLACE(cost, '$', '')", "id": "id * 10"}, "_row < 9")
    assert found.select("id", "cost").rows() == [(10, "5"), (20, "x"), (3, None)]
    assert by_expressions(ROWS, {"cost": "'0'"}, "cost = 'x'")["cost"].to_list() == ["$5", "0", None]


@pytest.mark.parametrize(
    ("expressions", "where", "message"),
    [
        ({"costs": "1"}, "", "found 'costs'"),
        ({"_row": "1"}, "", "found '_row'"),
        ({"cost": "nonsense("}, "", "The correction cannot be computed"),
        ({"id": "cost"}, "", "The correction cannot be computed"),
        ({"cost": "'1'"}, "nothing > 1", "The correction cannot be computed"),
    ],
)
def test_expression_that_cannot_be_computed_is_refused(expressions, where: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        by_expressions(ROWS, expressions, where)


def test_query_gives_the_corrected_rows() -> None:
    query = "SELECT _row, COALESCE(cost, '0') AS cost FROM quarantine WHERE _row > 4"
    assert by_query(ROWS, query)["cost"].to_list() == ["$5", "x", "0"]
    with pytest.raises(InvalidInputError, match="The correction cannot be computed"):
        by_query(ROWS, "SELECT nothing FROM quarantine")
    with pytest.raises(InvalidInputError, match="Expected the column '_row'"):
        by_query(ROWS, "SELECT cost FROM quarantine")
