from __future__ import annotations

import polars as pl
import pytest

from millwright.data.contracts.date_guess import guess_date, order_of, separator_of, with_alternative
from millwright.data.contracts.value_count import ValueCounts


def guess(values: list[str], name: str = "a") -> tuple[str, tuple[str, ...], str | None] | None:
    found = guess_date(ValueCounts.of(pl.Series(values)), name)
    return None if found is None else (found.type.value, found.formats, found.alternative)


@pytest.mark.parametrize(
    ("values", "kind", "formats"),
    [
        (["2024-01-31", "2024-12-01"], "date", ("YYYY-MM-DD",)),
        (["1/31/2024", "12/1/2024"], "date", ("M/D/YYYY",)),
        (["31/1/2024", "1/12/2024"], "date", ("D/M/YYYY",)),
        (["31.1.2024", "01.12.2024"], "date", ("D.M.YYYY",)),
        (["1/31/24", "12/1/23"], "date", ("M/D/YY",)),
        (["3-Feb-2024", "13-Mar-2024"], "date", ("D-MMM-YYYY",)),
        (["Feb 3, 2024"], "date", ("MMM D, YYYY",)),
        (["2024-01-31T10:00:00", "2024-01-31T10:00:00.5"], "datetime", ("YYYY-MM-DDTHH:mm:ss.SSS",)),
        (["2024-01-31 10:00"], "datetime", ("YYYY-MM-DD HH:mm",)),
        (["2024-01-31T10:00:00Z", "2024-01-31T10:00:00+01:00"], "datetime", ("YYYY-MM-DDTHH:mm:ss.SSSZ",)),
        (["1/31/2024 3:04 PM"], "datetime", ("M/D/YYYY h:mm A",)),
        (["1/31/2024", "1/30/2024", "1/31/2024 13:04"], "datetime", ("M/D/YYYY", "M/D/YYYY HH:mm")),
        (["1/31/2024", "1/30/2024", "2024-02-03"], "date", ("M/D/YYYY", "YYYY-MM-DD")),
    ],
)
def test_dates_are_recognised_with_their_formats(values: list[str], kind: str, formats: tuple[str, ...]) -> None:
    assert guess(values) == (kind, formats, None)


@pytest.mark.parametrize(
    ("values", "formats", "alternative"),
    [
        (["1/2/2024", "3/4/2024"], ("M/D/YYYY",), "D/M/YYYY"),
        (["1.2.2024", "3.4.2024"], ("D.M.YYYY",), "M.D.YYYY"),
        (["1/2/2024 10:00", "3/4/2024 11:00"], ("M/D/YYYY HH:mm",), "D/M/YYYY HH:mm"),
    ],
)
def test_dates_that_fit_both_ways_follow_custom_and_say_so(
    values: list[str], formats: tuple[str, ...], alternative: str
) -> None:
    found = guess_date(ValueCounts.of(pl.Series(values)), "a")
    assert found is not None
    assert (found.formats, found.alternative) == (formats, alternative)
    assert with_alternative(found) == (alternative,)


@pytest.mark.parametrize(
    "values", [["a", "b"], ["1", "2"], ["1.5", "2.5"], ["1-2", "3-4"], ["10.1.2.3"], ["N/A"], [""]]
)
def test_other_values_are_no_dates(values: list[str]) -> None:
    assert guess(values) is None


def test_eight_digits_are_a_date_when_the_name_says_so() -> None:
    assert guess(["20240131", "20240201"], "Order Date") == ("date", ("YYYYMMDD",), None)
    assert guess(["20240131", "20240201"], "amount") is None


def test_dates_never_mix_two_orders_of_day_and_month() -> None:
    values = [f"{month}/{day}/2024" for month in range(1, 13) for day in range(1, 28)]
    assert guess([*values, "31/1/2024"]) == ("date", ("M/D/YYYY",), None)
    assert guess([*values, *(f"{day}/1/2024" for day in range(13, 29))]) is None


def test_dates_leave_codes_and_rare_typing_errors() -> None:
    days = [f"{month}/{day}/2024" for month in range(1, 13) for day in range(1, 28)]
    found = guess_date(ValueCounts.of(pl.Series([*days, *["PNS"] * 400, "13/45/2024"])), "a")
    assert found is not None
    assert found.parsed.codes == ("PNS", "13/45/2024")
    found = guess_date(ValueCounts.of(pl.Series([*days, "PNS", "13/45/2024"])), "a")
    assert found is not None
    assert set(found.parsed.codes) == {"PNS", "13/45/2024"}


def test_order_and_separator_of_a_format() -> None:
    assert [order_of(one) for one in ("M/D/YYYY", "D.M.YY HH:mm", "YYYY-MM-DD")] == ["MD", "DM", None]
    assert separator_of("D.M.YYYY") == "."
