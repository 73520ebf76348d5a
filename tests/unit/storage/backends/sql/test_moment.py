from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from millwright.storage.backends.sql.column import Moment
from millwright.storage.backends.sql.moment import micros, moment, optional_micros, optional_moment


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_come_back_exactly_and_are_those_of_the_column(value: datetime) -> None:
    assert moment(micros(value)) == value
    assert micros(value) == Moment().process_bind_param(value, None)  # type: ignore[arg-type]


def test_moment_of_another_zone_is_the_same_moment() -> None:
    there = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert moment(micros(there)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_missing_moment_stays_missing() -> None:
    assert (optional_micros(None), optional_moment(None)) == (None, None)
    assert optional_moment(optional_micros(datetime(2026, 1, 1, tzinfo=UTC))) == datetime(2026, 1, 1, tzinfo=UTC)
