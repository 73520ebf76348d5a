from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.time_format import has_time, has_zone, parse_dates, parse_datetimes, to_strptime


def dates(values: list[str], *formats: str) -> list[date | None]:
    return pl.DataFrame({"a": values}).select(parse_dates(pl.col("a"), formats))["a"].to_list()


def times(values: list[str], *formats: str) -> list[datetime | None]:
    return pl.DataFrame({"a": values}).select(parse_datetimes(pl.col("a"), formats))["a"].to_list()


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("M/D/YYYY", "6/28/2024", date(2024, 6, 28)),
        ("M/D/YYYY", "06/08/2024", date(2024, 6, 8)),
        ("MM/DD/YYYY", "6/8/2024", date(2024, 6, 8)),
        ("D.M.YYYY", "28.6.2024", date(2024, 6, 28)),
        ("DD.MM.YY", "01.02.69", date(2069, 2, 1)),
        ("DD.MM.YY", "01.02.70", date(1970, 2, 1)),
        ("D-MMM-YYYY", "3-Feb-2024", date(2024, 2, 3)),
        ("MMMM D, YYYY", "February 3, 2024", date(2024, 2, 3)),
        ("YYYYMMDD", "20240203", date(2024, 2, 3)),
        ("%d/%m/%Y", "3/2/2024", date(2024, 2, 3)),
    ],
)
def test_date_is_read_in_its_format(written: str, value: str, expected: date) -> None:
    assert dates([value], written) == [expected]


@pytest.mark.parametrize("value", ["6/28/24", "13/1/2024", "2/30/2024", "6/28/2024 x", "", "PNS", "6/28/20245"])
def test_value_in_another_format_is_no_date(value: str) -> None:
    assert dates([value], "M/D/YYYY") == [None]


def test_dates_without_a_format_are_iso() -> None:
    assert dates(["2024-02-03", "02/03/2024", "-2024-02-03"]) == [date(2024, 2, 3), None, None]


def test_dates_are_read_in_the_first_format_that_fits() -> None:
    assert dates(["1/2/2024", "2024-01-02"], "M/D/YYYY", "YYYY-MM-DD") == [date(2024, 1, 2)] * 2


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(["M/D/YYYY", "YYYY-MM-DD", "D.M.YYYY", "D MMM YYYY"]))
def test_date_written_in_a_format_is_read_back(day: date, written: str) -> None:
    text = f"{day:{to_strptime(written)}}"
    assert dates([text], written) == [day]


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("", "2024-01-02T03:04:05", datetime(2024, 1, 2, 3, 4, 5)),  # noqa: DTZ001 - naive on purpose
        ("", "2024-01-02 03:04:05.25", datetime(2024, 1, 2, 3, 4, 5, 250_000)),  # noqa: DTZ001
        ("", "2024-01-02 03:04", datetime(2024, 1, 2, 3, 4)),  # noqa: DTZ001
        ("", "2024-01-02", datetime(2024, 1, 2)),  # noqa: DTZ001
        ("M/D/YYYY H:mm", "1/2/2024 3:04", datetime(2024, 1, 2, 3, 4)),  # noqa: DTZ001
        ("M/D/YYYY h:mm A", "1/2/2024 3:04 PM", datetime(2024, 1, 2, 15, 4)),  # noqa: DTZ001
        ("YYYY-MM-DDTHH:mm:ssZ", "2024-01-02T03:04:05+02:00", datetime(2024, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("YYYY-MM-DDTHH:mm:ss.SSSZ", "2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ],
)
def test_time_is_read_in_its_format(written: str, value: str, expected: datetime) -> None:
    assert times([value], *filter(None, [written])) == [expected]


def test_times_in_two_formats_with_and_without_the_hour_are_one_column() -> None:
    read = times(["1/2/2024", "1/2/2024 12:30"], "M/D/YYYY", "M/D/YYYY H:mm")
    assert read == [datetime(2024, 1, 2), datetime(2024, 1, 2, 12, 30)]  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize("written", ["", "M/D/Q", "YYYY", "x", "%Q", "HH:mm", "%H:%M", "YYYY-MM"])
def test_format_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a date format"):
        to_strptime(written)


def test_format_tells_whether_it_has_a_time_and_an_offset() -> None:
    assert [has_time(w) for w in ("M/D/YYYY", "M/D/YYYY H:mm", "%Y-%m-%d", "%F %T")] == [False, True, False, True]
    assert [has_zone(w) for w in ("YYYY-MM-DD HH:mmZ", "YYYY-MM-DD HH:mm", "%Y-%m-%dT%H:%M:%S%z")] == [
        True,
        False,
        True,
    ]
