from __future__ import annotations

import polars as pl
import pytest

from millwright.data.contracts.number_guess import guess_number
from millwright.data.contracts.value_count import ValueCounts


@pytest.mark.parametrize(
    ("values", "kind", "formats"),
    [
        (["1", "-2", "30", ""], "integer", ()),
        (["1.5", "2"], "number", ()),
        (["7.00", "8.00"], "number", ()),
        (["1e3", "2"], "number", ()),
        (["1,000", "2,500,000", "3"], "integer", ("thousands",)),
        (["$1,000.50", "$3"], "number", ("currency", "thousands")),
        (["$5", "$7"], "integer", ("currency",)),
        (["12%", "5.5 %"], "number", ("percent",)),
        (["(300)", "20"], "integer", ("accounting",)),
        (["1.234,50", "12,5"], "number", ("decimal_comma",)),
        (["0,796", "-1,205", "12,300"], "number", ("decimal_comma",)),
        (["1", "2", "N/A"], "integer", ()),
    ],
)
def test_numbers_are_recognised_with_their_forms(values: list[str], kind: str, formats: tuple[str, ...]) -> None:
    guess = guess_number(ValueCounts.of(pl.Series(values)))
    assert guess is not None
    assert (guess.type, guess.formats) == (kind, formats)


@pytest.mark.parametrize(
    "values",
    [
        ["a", "b"],
        ["02134", "10001", "90210"],
        ["4111111111111111", "4222222222222222"],
        ["101", "102", "103B"],
        ["1-2", "3-4"],
        [""],
        ["2024-01-01"],
        ["N/A", "-"],
    ],
)
def test_text_and_identifiers_made_of_digits_are_no_numbers(values: list[str]) -> None:
    assert guess_number(ValueCounts.of(pl.Series(values))) is None


def test_numbers_with_a_rare_leading_zero_stay_numbers() -> None:
    assert guess_number(ValueCounts.of(pl.Series(["01", *map(str, range(1000))]))) is not None
