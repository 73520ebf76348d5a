from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.storage.backends.sql.search_key import Key, behind, merged, order_by

KEYS = (Key("0", fixed=True), Key("a", ascending=False), Key("b"))


def test_fixed_keys_are_not_sorted_by() -> None:
    assert order_by(KEYS) == "a DESC, b"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_rows_are_merged_in_the_order_of_all_keys(pairs: list[tuple[int, int]]) -> None:
    rows = merged([(7, 0, a, b) for a, b in pairs], KEYS)
    assert [(-a, b) for _, _, a, b in rows] == sorted((-a, b) for a, b in pairs)


@pytest.mark.parametrize("place", list(product(range(3), repeat=2)))
def test_condition_holds_behind_a_place_only(place: tuple[int, int]) -> None:
    found = behind(KEYS, (0, *place))
    text = found.text.replace(" = ", " == ").replace("AND", "and").replace("OR", "or")
    for a, b in product(range(3), repeat=2):
        filled = text
        for value in found.values:
            filled = filled.replace("?", str(value), 1)
        assert eval(filled, {"a": a, "b": b}) == ((-a, b) > (-place[0], place[1]))  # noqa: S307 - the text is ours
