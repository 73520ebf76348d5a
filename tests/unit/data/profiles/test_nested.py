from __future__ import annotations

import polars as pl
import pytest

from millwright.data.profiles.estimate import profile_of
from millwright.data.profiles.measuring import profile, suspected
from millwright.data.profiles.nested import leaves
from millwright.data.profiles.record import SemanticKind
from millwright.data.profiles.summary import summarize


def test_plain_column_is_its_own_leaf() -> None:
    assert [leaf.to_list() for leaf in leaves(pl.Series("a", [1, None]))] == [[1, None]]


def test_leaves_are_fields_and_elements_however_deep() -> None:
    column = pl.Series("a", [{"b": [{"c": 1, "d": ["x", None]}], "e": None}, None])
    found = [(leaf.name, leaf.drop_nulls().to_list()) for leaf in leaves(column)]
    assert found == [("c", [1]), ("d", ["x"]), ("e", [])]


def test_leaves_of_many_rows_are_of_some() -> None:
    [leaf] = leaves(pl.Series("a", [[i] for i in range(25_000)]))
    assert leaf.len() < 10_000


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([{"user": {"contact": "write to ada@example.com"}}, None], SemanticKind.EMAIL),
        ([["n/a"], [], ["ada@example.com", None]], SemanticKind.EMAIL),
        ([{"date_of_birth": "1990-01-31"}], SemanticKind.BIRTH_DATE),
        ([{"n": 1, "words": ["a", "b"]}], None),
        ([[], []], None),
        ([b"ada@example.com"], None),
    ],
)
def test_personal_data_in_lists_and_records_is_suspected(values: list[object], kind: SemanticKind | None) -> None:
    column = pl.Series("a", values)
    assert suspected(column) is kind
    frame = column.to_frame()
    assert profile(frame).columns[0].personal is kind
    assert profile_of(summarize(frame)).columns[0].personal is kind
