from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from millwright.storage.backends.sql.column import Json, Moment

DIALECT = sa.create_engine("sqlite://").dialect
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=ZONES))
def test_moment_comes_back_to_the_microsecond_in_utc(value: datetime) -> None:
    stored = Moment().process_bind_param(value, DIALECT)
    assert isinstance(stored, int)
    if datetime(2, 1, 1, tzinfo=UTC) < value < datetime(9998, 1, 1, tzinfo=UTC):
        found = Moment().process_result_value(stored, DIALECT)
        assert found == value
        assert found is not None
        assert found.tzinfo is UTC


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2))
def test_moments_sort_as_their_numbers(values: list[datetime]) -> None:
    assert sorted(values) == sorted(values, key=lambda value: Moment().process_bind_param(value, DIALECT) or 0)


def test_moment_is_the_number_that_other_programs_expect() -> None:
    at = datetime(1970, 1, 1, 3, 0, 1, 500_000, tzinfo=timezone(timedelta(hours=2)))
    assert Moment().process_bind_param(at, DIALECT) == 3_601_500_000


def test_absent_moment_stays_absent() -> None:
    assert Moment().process_bind_param(None, DIALECT) is None
    assert Moment().process_result_value(None, DIALECT) is None


@given(JSON)
def test_json_comes_back_as_it_was(value: Any) -> None:
    text = Json().process_bind_param(value, DIALECT)
    assert text is not None
    assert "\0" not in text  # PostgreSQL takes no such text
    assert text.isascii()
    assert Json().process_result_value(text, DIALECT) == value


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_json_keeps_numbers_that_are_not_finite(value: float) -> None:
    found = Json().process_result_value(Json().process_bind_param([value], DIALECT), DIALECT)
    assert str(found) == str([value])
