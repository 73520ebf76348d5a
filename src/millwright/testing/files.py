"""Conformance of `FileStore`."""
# ruff: noqa: S101

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import ConflictError, InvalidInputError
from millwright.core.records.file import FileRecord
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_processes, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.ids import Digest
    from millwright.storage.base.files import FileStore
    from millwright.testing.conformance import Opener

_NAMES = (
    "model.pkl",
    "with space",
    "größe",
    "e\u0301 is not é",
    "100%",
    "a%20b",
    "'; DROP TABLE files; --",
    "a_b",
    "…",
)
_BAD = ("", "/", "a/", "/a", "a//b", "..", "a/../b", "a\\b", "a\0", "a\nb", "%2e%2e/a", "a/%252e%252e/b", "C:/x", "a#b")


class FileStoreConformance(StoreConformance):
    """The tree of named artifacts."""

    @pytest.mark.parametrize("name", _NAMES)
    def test_file_is_found_by_its_path(self, store: FileStore, name: str) -> None:
        """Whatever characters its name has."""
        digest = sample.digest()
        store.put(f"1/{name}/{name}", digest, 7, sample.NOON)
        found = store.find(f"1/{name}/{name}")
        assert found == FileRecord(
            path=f"1/{name}/{name}", is_folder=False, digest=digest, size_bytes=7, modified_at=sample.NOON
        )
        assert store.list(f"1/{name}") == [found]

    @pytest.mark.parametrize("path", _BAD, ids=repr)
    def test_path_that_leads_elsewhere_is_refused_everywhere(self, store: FileStore, path: str) -> None:
        """Also when it is encoded."""
        calls: list[Callable[[], Any]] = [
            lambda: store.put(path, sample.digest(), 1, sample.NOON),
            lambda: store.find(path),
            lambda: store.delete(path),
        ]
        if path:
            calls += [lambda: store.list(path), lambda: list(store.walk(path))]
        for call in calls:
            with pytest.raises(InvalidInputError, match="relative path"):
                call()
        assert store.list() == []

    def test_folder_lists_what_stands_directly_in_it(self, store: FileStore) -> None:
        """By name: files and folders, and nothing of neighbours with a similar name."""
        for path in ("1/r/b", "1/r/a/x/y", "1/r/c", "1/r-2/d", "1/rr/e", "1/r0/f"):
            store.put(path, sample.digest(), 1, sample.NOON)
        listed = store.list("1/r")
        assert [(record.name, record.is_folder) for record in listed] == [("a", True), ("b", False), ("c", False)]
        assert [record.path for record in store.list("1")] == ["1/r", "1/r-2", "1/r0", "1/rr"]
        assert [record.path for record in store.list()] == ["1"]
        assert store.list("1/r/b") == store.list("nowhere") == []
        assert store.find("1/r/a") == FileRecord(path="1/r/a", is_folder=True, modified_at=sample.NOON)

    def test_listing_goes_on_behind_a_name(self, store: FileStore) -> None:
        """As many as asked for."""
        for number in range(5):
            store.put(f"f/{number}", sample.digest(), 1, sample.NOON)
        assert [record.name for record in store.list("f", limit=2)] == ["0", "1"]
        assert [record.name for record in store.list("f", limit=2, after="1")] == ["2", "3"]
        assert [record.name for record in store.list("f", limit=2, after="3")] == ["4"]

    def test_walk_gives_every_file_below(self, store: FileStore) -> None:
        """And no folders; of more than one page."""
        paths = [f"m/{number:04}" for number in range(1100)] + ["m/deep/er/x", "m/deep/y", "m0", "n/x"]
        for path in paths:
            store.put(path, sample.digest(), 1, sample.NOON)
        assert sorted(record.path for record in store.walk("m")) == sorted(p for p in paths if p.startswith("m/"))
        assert sorted(record.path for record in store.walk()) == sorted(paths)
        assert list(store.walk("nowhere")) == []

    def test_file_is_replaced(self, store: FileStore) -> None:
        """With its size and time; the folder keeps its own."""
        later, digest = sample.NOON + timedelta(hours=1), sample.digest()
        store.put("a/b", sample.digest(), 1, sample.NOON)
        store.put("a/b", digest, 2, later)
        assert store.find("a/b") == FileRecord(
            path="a/b", is_folder=False, digest=digest, size_bytes=2, modified_at=later
        )
        assert store.list()[0].modified_at == sample.NOON

    def test_file_and_folder_never_share_a_path(self, store: FileStore) -> None:
        """Whichever was first."""
        store.put("a/b", sample.digest(), 1, sample.NOON)
        with pytest.raises(ConflictError, match="'a' to be a file"):
            store.put("a", sample.digest(), 1, sample.NOON)
        with pytest.raises(ConflictError, match="'a/b' to be a folder"):
            store.put("a/b/c", sample.digest(), 1, sample.NOON)
        assert [record.path for record in store.walk()] == ["a/b"]

    def test_deleted_folder_goes_with_everything_below(self, store: FileStore) -> None:
        """And nothing beside it; the number of files is told."""
        for path in ("a/b/c", "a/b/d/e", "a/bb", "a/b0"):
            store.put(path, sample.digest(), 1, sample.NOON)
        assert store.delete("a/b") == 2
        assert [record.path for record in store.walk()] == ["a/b0", "a/bb"]
        assert store.delete("a/b") == 0
        assert store.delete("a/bb") == 1
        assert store.delete("a/b0") == 1
        assert store.list("a") == []
        assert store.find("a") is not None

    def test_digests_are_told_while_a_file_names_them(self, store: FileStore) -> None:
        """Two files may have the same bytes."""
        digest, other = sample.digest(), sample.digest()
        for path in ("a", "b/c"):
            store.put(path, digest, 1, sample.NOON)
        store.put("d", other, 1, sample.NOON)
        assert set(store.iter_digests()) == {digest, other}
        store.delete("a")
        assert store.is_named(digest)
        store.delete("b")
        assert not store.is_named(digest)
        assert set(store.iter_digests()) == {other}

    def test_files_of_a_new_folder_are_all_kept_when_processes_put_them_together(self, shared_opener: Opener) -> None:
        """Each sees those of the other."""
        in_processes(shared_opener, _put_ten)
        with shared_opener() as store:
            assert len(list(store.walk("1/r"))) == 20

    def test_file_without_its_folder_never_stays_when_another_thread_removes_that(self, store: FileStore) -> None:
        """A file that was put is listed, or was removed."""

        def put_or_delete(number: int) -> None:
            for step in range(10):
                if number % 2:
                    store.put(f"x/y/{number}-{step}", sample.digest(), 1, sample.NOON)
                else:
                    store.delete("x/y")

        in_threads(put_or_delete, count=4)
        assert list(store.walk("x")) == _reachable(store, "x")

    def test_file_survives_sigkill_once_put(self, shared_opener: Opener) -> None:
        """With its folders."""
        digest = in_killed_process(shared_opener, _put_and_tell)
        with shared_opener() as store:
            assert store.list("a/b")[0].digest == digest


def _reachable(store: FileStore, folder: str) -> list[FileRecord]:
    found: list[FileRecord] = []
    for record in store.list(folder):
        found += _reachable(store, record.path) if record.is_folder else [record]
    return found


def _put_ten(store: FileStore, number: int) -> None:
    for step in range(10):
        store.put(f"1/r/artifacts/{step}/{number}", sample.digest(), 1, sample.NOON)


def _put_and_tell(store: FileStore, acknowledge: Callable[[Any], None]) -> None:
    digest: Digest = sample.digest()
    store.put("a/b/c", digest, 1, sample.NOON)
    acknowledge(digest)
