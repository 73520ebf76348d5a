from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.ids import IdSource, id_time, new_id, new_ids


@given(st.integers(min_value=0, max_value=2**42))
def test_id_is_a_version_7_uuid_that_holds_its_time(at_ms):
    made = uuid.UUID(new_id(at_ms))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert id_time(made.hex) == datetime.fromtimestamp(at_ms / 1000, tz=UTC)


def test_ids_sort_by_time():
    assert new_id(1_000) < new_id(1_001) < new_id()


def test_ids_differ_within_a_millisecond():
    assert len({new_id(5) for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize("text", ["", "abc", "0" * 32])
def test_time_of_something_else_is_refused(text):
    with pytest.raises(ValueError, match="version 7"):
        id_time(text)


@given(st.integers(min_value=0, max_value=40), st.integers(min_value=0, max_value=2**42))
def test_many_ids_are_version_7_uuids_of_one_millisecond(count, at_ms):
    made = new_ids(count, at_ms)
    assert len(set(made)) == count
    assert {(uuid.UUID(one).version, uuid.UUID(one).variant) for one in made} <= {(7, uuid.RFC_4122)}
    assert {id_time(one) for one in made} <= {datetime.fromtimestamp(at_ms / 1000, tz=UTC)}


def test_many_ids_without_a_time_are_of_now():
    assert new_id()[:9] <= new_ids(1)[0][:9] <= new_id()[:9]


def test_source_makes_version_7_uuids_that_differ_and_hold_the_time():
    source = IdSource()
    made = [source.new(at_ms) for at_ms in (1, 1, 1_700_000_000_000) for _ in range(300)]
    assert len(set(made)) == 900
    assert all(uuid.UUID(each).version == 7 and uuid.UUID(each).variant == uuid.RFC_4122 for each in made)
    assert [id_time(each).timestamp() for each in made[::300]] == [0.001, 0.001, 1_700_000_000]
