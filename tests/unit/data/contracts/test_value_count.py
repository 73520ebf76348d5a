from __future__ import annotations

from functools import partial

import polars as pl
import pytest

from millwright.data.contracts.number_text import parse_numbers
from millwright.data.contracts.value_count import ParsedCounts, ValueCounts


def parsed(values: list[str | None]) -> ParsedCounts:
    return ValueCounts.of(pl.Series(values, dtype=pl.String)).parsed(partial(parse_numbers, formats=()))


NUMBERS: list[str | None] = [str(number) for number in range(100)]


def test_values_are_counted_without_blanks() -> None:
    counts = ValueCounts.of(pl.Series([" a", "a", "b", "", " ", None]))
    assert dict(counts.frame.iter_rows()) == {"a": 2, "b": 1}
    assert (counts.rows, counts.present, counts.distinct) == (6, 3, 2)


def test_sample_share_leaves_words_for_missing_out() -> None:
    counts = ValueCounts.of(pl.Series(["1", "2", "x", "N/A", "-"]))
    shares = counts.sample_shares({"plain": partial(parse_numbers, formats=())})
    assert shares == {"plain": pytest.approx(2 / 3)}
    assert ValueCounts.of(pl.Series(["N/A"])).sample_shares({"plain": partial(parse_numbers, formats=())}) == {
        "plain": 0
    }


def test_codes_are_what_does_not_fit_the_most_frequent_first() -> None:
    assert parsed([*NUMBERS, "PNS", "FTK", "FTK"]).codes == ("FTK", "PNS")
    assert parsed(["1", "1", "x"]).weight == 2


@pytest.mark.parametrize(
    ("values", "plausible"),
    [
        (NUMBERS, True),
        ([*NUMBERS, "N/A", "-", "unknown"], True),
        ([*NUMBERS, "what is this thing"], True),
        ([*NUMBERS, *["PNS"] * 300], True),
        ([*NUMBERS, *["PNS"] * 500], False),
        (["1", "2", "3"] * 30 + ["A", "B"] * 20, False),
        (["a", "b"], False),
        ([*NUMBERS, *[f"w{chr(97 + number)}" for number in range(21)]], False),
        ([*NUMBERS, "12B"], False),
        ([], False),
    ],
)
def test_guess_is_plausible_when_what_does_not_fit_is_rare_or_looks_like_codes(
    values: list[str | None], plausible: bool
) -> None:
    assert parsed(values).is_plausible(typos=False) is plausible


def test_guess_may_leave_typing_errors_where_that_is_allowed() -> None:
    assert parsed([*NUMBERS, "12B"]).is_plausible(typos=True)
    assert not parsed([*NUMBERS, *[f"{number}B" for number in range(6)]]).is_plausible(typos=True)
