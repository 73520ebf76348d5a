from __future__ import annotations

import math
from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.versions.row_diff import RowExample, diff_as_multisets, diff_by_key

SCHEMA = {"id": pl.Int64, "text": pl.String, "number": pl.Float64}
CELLS = st.tuples(st.sampled_from([None, "", "a", "é"]), st.sampled_from([None, 0.0, -0.0, 1.5, math.nan, math.inf]))


def frame(rows: dict[int | None, tuple[Any, Any]]) -> pl.LazyFrame:
    return pl.LazyFrame([(key, *cells) for key, cells in rows.items()], schema=SCHEMA, orient="row")


def plain(value: Any) -> Any:
    return "nan" if isinstance(value, float) and math.isnan(value) else value


TABLES = st.dictionaries(st.one_of(st.none(), st.integers(0, 6)), CELLS, max_size=7)


@settings(deadline=None, max_examples=60)
@given(TABLES, TABLES)
def test_rows_matched_by_key_are_those_of_a_naive_comparison(
    before: dict[int | None, tuple[Any, Any]], after: dict[int | None, tuple[Any, Any]]
) -> None:
    found = diff_by_key(frame(before), frame(after), key=["id"], columns=["text", "number"])
    both = before.keys() & after.keys()
    differing = {
        key: [n for n, (a, b) in zip(("text", "number"), zip(before[key], after[key], strict=True), strict=True)
              if plain(a) != plain(b)]
        for key in both
    }  # fmt: skip
    assert (found.added, found.removed) == (len(after.keys() - both), len(before.keys() - both))
    assert found.changed == sum(1 for names in differing.values() if names)
    assert found.by_column == Counter(name for names in differing.values() for name in names)
    for example in found.examples:
        if example.change == "changed":
            assert list(example.before) == list(example.after) == differing[example.key["id"]]


@settings(deadline=None, max_examples=60)
@given(st.lists(CELLS, max_size=7), st.lists(CELLS, max_size=7))
def test_rows_without_a_key_are_compared_as_multisets(before: list[Any], after: list[Any]) -> None:
    tables = [
        pl.LazyFrame(rows, schema={"text": pl.String, "number": pl.Float64}, orient="row") for rows in (before, after)
    ]
    found = diff_as_multisets(*tables, columns=["text", "number"])
    left, right = (Counter(tuple(map(plain, row)) for row in rows) for rows in (before, after))
    assert (found.added, found.removed, found.changed) == ((right - left).total(), (left - right).total(), 0)
    for example in found.examples:
        table, other = (right, left) if example.change == "added" else (left, right)
        row = tuple(map(plain, (example.after if example.change == "added" else example.before).values()))
        assert table[row] > other[row]


def test_examples_show_keys_and_only_what_differs() -> None:
    before = frame({1: ("a", 1.0), 2: ("b", 2.0), 3: ("c", 3.0)})
    after = frame({4: ("d", 4.0), 3: ("c", 3.5), 1: ("a", 1.0)})
    found = diff_by_key(before, after, key=["id"], columns=["text", "number"])
    assert found.examples == (
        RowExample(change="added", key={"id": 4}, before={}, after={"text": "d", "number": 4.0}),
        RowExample(change="removed", key={"id": 2}, before={"text": "b", "number": 2.0}, after={}),
        RowExample(change="changed", key={"id": 3}, before={"number": 3.0}, after={"number": 3.5}),
    )


def test_key_that_repeats_is_refused_with_what_to_do() -> None:
    once, twice = frame({1: ("a", 1.0)}), pl.concat([frame({1: ("a", 1.0)})] * 2)
    for tables, which in (((twice, once), "first"), ((once, twice), "second")):
        with pytest.raises(InvalidInputError, match=rf"1 rows of the {which} table.*--key"):
            diff_by_key(*tables, key=["id"], columns=["text"])


def test_key_of_several_columns_matches_nulls_with_nulls() -> None:
    before = pl.LazyFrame({"a": [1, 1, None], "b": ["x", None, None], "v": [1, 2, 3]})
    after = pl.LazyFrame({"a": [None, 1, 1], "b": [None, "x", "y"], "v": [4, 1, 2]})
    found = diff_by_key(before, after, key=["a", "b"], columns=["v"])
    assert (found.added, found.removed, found.changed, dict(found.by_column)) == (1, 1, 1, {"v": 1})


def test_nested_values_and_bytes_are_compared() -> None:
    before = pl.LazyFrame(
        {"id": [1, 2, 3], "l": [[1, None], [], None], "s": [{"x": 1}, {"x": None}, None], "b": [b"a", b"", None]}
    )
    after = pl.LazyFrame(
        {"id": [1, 2, 3], "l": [[1, None], None, None], "s": [{"x": 2}, {"x": None}, None], "b": [b"a", b"", None]}
    )
    found = diff_by_key(before, after, key=["id"], columns=["l", "s", "b"])
    assert (found.changed, dict(found.by_column)) == (2, {"l": 1, "s": 1})
    whole = diff_as_multisets(before, after, columns=["id", "l", "s", "b"])
    assert (whole.added, whole.removed) == (2, 2)


def test_tables_without_rows_or_columns_are_compared() -> None:
    empty = frame({})
    assert diff_by_key(empty, empty, key=["id"], columns=["text"]).examples == ()
    assert diff_as_multisets(empty, frame({1: ("a", None)}), columns=["id"]).added == 1
    assert diff_as_multisets(frame({1: ("a", None)}), frame({}), columns=[]).removed == 1
