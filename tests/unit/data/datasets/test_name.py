from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.dataset import DatasetTagRecord
from millwright.data.datasets.name import DatasetRef, checked_name, checked_tag, parse_ref, resolve
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.storage.base import DatasetStore
    from millwright.storage.catalog import Stores


@pytest.mark.parametrize("name", ["schedules", "schedules.quarantine", "A-1_b", "0"])
def test_name_of_letters_digits_and_dots_is_taken(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "a..b", ".a", "a.", "a/b", "a\\b", "a b", "é", "-a", "a\n", "a" * 101])
def test_name_that_could_be_a_path_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a dataset name"):
        checked_name(name)


@given(st.text(max_size=20))
def test_name_that_is_taken_never_leaves_its_folder(name: str) -> None:
    try:
        checked_name(name)
    except InvalidInputError:
        return
    assert not set(name) & set("/\\\0: ")
    assert not name.startswith(".")


def test_reference_has_a_name_and_perhaps_a_version() -> None:
    assert parse_ref("schedules") == DatasetRef(dataset="schedules")
    assert parse_ref("schedules@12") == DatasetRef(dataset="schedules", version=12)


@pytest.mark.parametrize("tag", ["golden", "v1.2", "3b", "2026", "1-2", "a_b-c.d", "20260131T10"])
def test_reference_with_a_tag_says_so(tag: str) -> None:
    expected = DatasetRef(dataset="a.b", version=2026) if tag == "2026" else DatasetRef(dataset="a.b", tag=tag)
    assert parse_ref(f"a.b@{tag}") == expected


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T10:00:00Z", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T10:00:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31 10:00:00.5+02:00", datetime(2026, 1, 31, 8, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_reference_with_a_moment_is_in_utc(text: str, moment: datetime) -> None:
    assert parse_ref(f"a@{text}") == DatasetRef(dataset="a", moment=moment)


@pytest.mark.parametrize(
    "said", ["", "0", "-1", "²", "a b", ".x", "2026-13-01", "2026-01", "2026-01-31T", "0001-01-01T00:00+14:00", "é"]
)
def test_reference_with_another_version_is_refused(said: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a da"):
        parse_ref(f"schedules@{said}")


@pytest.mark.parametrize("tag", ["", "3", "007", "2026-01-31", "2026-01-x", "a b", "é", "-a", ".a", "a@b", "a" * 101])
def test_tag_that_is_like_a_number_or_a_date_is_refused(tag: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a tag"):
        checked_tag(tag)


@given(st.text(max_size=15))
def test_tag_that_is_taken_is_read_back_as_that_tag(tag: str) -> None:
    try:
        checked_tag(tag)
    except InvalidInputError:
        return
    assert parse_ref(f"a@{tag}").tag == tag


@pytest.fixture
def store(stores: Stores) -> DatasetStore:
    """Three versions, an hour apart, the second tagged."""
    for hour in range(3):
        stores.datasets.create_version(sample.dataset_version("a", created_at=sample.moment(3600 * hour)))
    stores.datasets.set_tag(DatasetTagRecord(dataset="a", tag="golden", version=2, at=sample.NOON, actor="ada"))
    return stores.datasets


@pytest.mark.parametrize(
    ("ref", "version"),
    [
        ("a", 3),
        ("a@1", 1),
        ("a@golden", 2),
        ("a@2026-03-29T12:00:01Z", 1),
        ("a@2026-03-29T13:00:00.123456Z", 2),
        ("a@2026-03-30", 3),
    ],
)
def test_reference_is_resolved_to_its_version(store: DatasetStore, ref: str, version: int) -> None:
    assert resolve(store, ref).version == version


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("b", "no dataset 'b'"),
        ("b@golden", "no dataset 'b'"),
        ("b@2026-03-29", "no dataset 'b'"),
        ("a@4", "no version 4"),
        ("a@gold", r"no tag 'gold'.*Did you mean 'golden'\?"),
        ("a@2026-03-29", r"no version at 2026-03-29 00:00:00 UTC.*first was made at 2026-03-29T12:00:00Z"),
    ],
)
def test_reference_to_nothing_says_what_there_is(store: DatasetStore, ref: str, said: str) -> None:
    with pytest.raises(NotFoundError, match=said):
        resolve(store, ref)
