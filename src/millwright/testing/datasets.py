"""Conformance of `DatasetStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import NotFoundError
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_processes, in_threads

if TYPE_CHECKING:
    from millwright.storage.base.datasets import DatasetStore
    from millwright.testing.conformance import Opener


class DatasetStoreConformance(StoreConformance):
    """Which versions of which datasets exist."""

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_version_comes_back_as_it_was_stored(self, store: DatasetStore, name: str) -> None:
        """With every field."""
        draft = sample.dataset_version(name)
        stored = store.create_version(draft)
        assert stored == replace(draft, version=1)
        assert store.get_version(name) == stored
        assert store.get_version(name, 1) == stored

    def test_version_without_anything_comes_back_empty(self, store: DatasetStore) -> None:
        """None and empty stay what they are."""
        nothing: dict[str, Any] = {
            "columns": (),
            "details": {},
            "source_uri": None,
            "source_digest": None,
            "produced_by": None,
        }
        stored = store.create_version(sample.dataset_version("schedules", rows=0, **nothing))
        assert store.get_version("schedules") == stored

    def test_versions_are_numbered_per_dataset(self, store: DatasetStore) -> None:
        """1, 2, 3 …, whatever the draft says."""
        numbers = [store.create_version(sample.dataset_version(name, version=77)).version for name in "aabab"]
        assert numbers == [1, 2, 1, 3, 2]

    def test_latest_version_is_given_when_none_is_named(self, store: DatasetStore) -> None:
        """The highest number."""
        versions = [store.create_version(sample.dataset_version()) for _ in range(3)]
        assert store.get_version("schedules") == versions[2]
        assert store.list_versions("schedules") == versions[::-1]

    def test_unknown_dataset_is_an_error_that_names_the_closest(self, store: DatasetStore) -> None:
        """So that a typo is found."""
        store.create_version(sample.dataset_version("schedules"))
        with pytest.raises(NotFoundError, match=r"'shedules'.*Did you mean 'schedules'\?"):
            store.get_version("shedules")

    def test_unknown_version_is_an_error_that_says_which_there_are(self, store: DatasetStore) -> None:
        """So that the next try is right."""
        store.create_version(sample.dataset_version())
        for version in (0, 2, -1):
            with pytest.raises(NotFoundError, match=rf"no version {version}.* 1 to 1"):
                store.get_version("schedules", version)

    def test_nothing_is_there_at_first(self, store: DatasetStore) -> None:
        """Lists are empty, and finding gives None."""
        assert store.list_datasets() == []
        assert store.list_versions("schedules") == []
        assert store.find_by_digest("schedules", sample.digest()) is None
        assert store.find_by_source("schedules", sample.digest()) is None
        with pytest.raises(NotFoundError):
            store.get_version("schedules")

    def test_version_is_found_by_its_digests(self, store: DatasetStore) -> None:
        """The latest with it, of that dataset only."""
        digest, source = sample.digest(), sample.digest()
        store.create_version(sample.dataset_version(digest=digest, source_digest=source))
        latest = store.create_version(sample.dataset_version(digest=digest, source_digest=source))
        store.create_version(sample.dataset_version())
        store.create_version(sample.dataset_version("other", digest=digest, source_digest=source))
        assert store.find_by_digest("schedules", digest) == latest
        assert store.find_by_source("schedules", source) == latest

    def test_datasets_are_listed_by_name_with_their_latest_version(self, store: DatasetStore) -> None:
        """One each."""
        store.create_version(sample.dataset_version("b"))
        latest_b = store.create_version(sample.dataset_version("b"))
        latest_a = store.create_version(sample.dataset_version("a"))
        assert store.list_datasets() == [latest_a, latest_b]

    def test_version_numbers_have_no_gap_or_double_when_threads_write_together(self, store: DatasetStore) -> None:
        """Also when the dataset is new."""
        numbers = in_threads(lambda _: [store.create_version(sample.dataset_version()).version for _ in range(5)])
        assert sorted(chain.from_iterable(numbers)) == list(range(1, 41))

    def test_version_numbers_have_no_gap_or_double_when_processes_write_together(self, shared_opener: Opener) -> None:
        """Also when the dataset is new."""
        numbers = in_processes(shared_opener, _create_ten)
        assert sorted(chain.from_iterable(numbers)) == list(range(1, 21))


def _create_ten(store: DatasetStore, _number: int) -> list[int]:
    return [store.create_version(sample.dataset_version()).version for _ in range(10)]
