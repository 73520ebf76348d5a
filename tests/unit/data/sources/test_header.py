from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from millwright.data.sources.header import clean_headers


def test_headers_lose_surplus_blanks_and_nothing_else() -> None:
    assert clean_headers(["Project Type ", " DSF  Number(s)", "a\nb", "ünïcode"]) == [
        "Project Type",
        "DSF Number(s)",
        "a b",
        "ünïcode",
    ]


def test_headers_that_repeat_are_numbered_when_they_differ_in_case_only_too() -> None:
    assert clean_headers(["a", "a", "A", "b"]) == ["a", "a_2", "A_3", "b"]


def test_headers_that_are_blank_are_named_by_position() -> None:
    assert clean_headers(["", "x", "  "]) == ["column_1", "x", "column_3"]


def test_headers_made_up_never_take_a_name_that_is_there() -> None:
    assert clean_headers(["a", "a", "a_2", "", "column_4"]) == ["a", "a_3", "a_2", "column_4_2", "column_4"]


@given(st.lists(st.text(max_size=6), max_size=12))
def test_headers_cleaned_are_as_many_and_unique_and_stay_when_cleaned_again(names: list[str]) -> None:
    cleaned = clean_headers(names)
    assert len(cleaned) == len(names)
    assert len({name.casefold() for name in cleaned}) == len(names)
    assert all(cleaned)
    assert clean_headers(cleaned) == cleaned
