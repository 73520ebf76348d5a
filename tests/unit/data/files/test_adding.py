from __future__ import annotations

import hashlib
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.errors import ConflictError, InvalidInputError
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.files import add_folder
from millwright.data.files.naming import forget_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.data.datasets.dataset import Dataset
    from millwright.data.files import Added
    from millwright.storage.catalog import Stores

OLD = 1_700_000_000


def age(folder: Path) -> None:
    """As if the files had been written long ago: the cache does not trust fresh ones."""
    for path in folder.rglob("*"):
        os.utime(path, (OLD, OLD))
    time.sleep(2.05)  # the time of the last change cannot be set


def test_folder_becomes_a_manifest_and_equal_bytes_are_stored_once(
    folder: Path, add: Callable[..., Added], stores: Stores
) -> None:
    added = add(folder)
    rows = added.dataset.read()
    assert (added.dataset.record.ref, added.dataset.record.kind) == ("photos@1", DatasetKind.FILES)
    assert rows["path"].to_list() == ["a.txt", "sub/b.txt", "sub/ü c.txt"]
    assert rows["size"].to_list() == [5, 4, 5]
    assert rows["digest"][0] == rows["digest"][2] == hashlib.sha256(b"alpha").hexdigest()
    assert stores.artifacts.get(rows["digest"][1]) == b"beta"
    assert (added.read, added.stored_bytes) == (3, 9)
    assert rows.schema["modified"] == pl.Datetime("us", "UTC")


def test_same_files_make_no_new_version_and_are_not_read_again(folder: Path, add: Callable[..., Added]) -> None:
    age(folder)
    add(folder)
    again = add(folder)
    assert (again.dataset.record.ref, again.read, again.stored_bytes) == ("photos@1", 0, 0)
    os.utime(folder / "a.txt", (OLD + 5, OLD + 5))
    touched = add(folder)
    assert (touched.dataset.record.ref, touched.read, touched.stored_bytes) == ("photos@1", 1, 0)


def test_only_changed_files_are_stored(folder: Path, add: Callable[..., Added], catalog: DatasetCatalog) -> None:
    age(folder)
    add(folder)
    (folder / "a.txt").write_bytes(b"alpha 2")
    (folder / "sub" / "b.txt").rename(folder / "moved.txt")
    added = add(folder)
    assert (added.dataset.record.ref, added.read, added.stored_bytes) == ("photos@2", 2, 7)
    assert added.dataset.read()["path"].to_list() == ["a.txt", "moved.txt", "sub/ü c.txt"]
    assert catalog.get("photos@1").read()["path"].to_list() == ["a.txt", "sub/b.txt", "sub/ü c.txt"]


def test_change_within_the_same_size_and_time_is_seen(folder: Path, add: Callable[..., Added]) -> None:
    age(folder)
    add(folder)
    (folder / "a.txt").write_bytes(b"ALPHA")
    os.utime(folder / "a.txt", (OLD, OLD))
    assert add(folder).dataset.read()["digest"][0] == hashlib.sha256(b"ALPHA").hexdigest()


def test_thousands_of_unchanged_files_are_added_again_in_well_under_a_second(
    tmp_path: Path, add: Callable[..., Added]
) -> None:
    folder = tmp_path / "many"
    for part in range(20):
        (folder / str(part)).mkdir(parents=True)
        for number in range(100):
            (folder / str(part) / f"{number}.bin").write_bytes(f"{number % 7}".encode())
    age(folder)
    assert add(folder).dataset.record.rows == 2_000
    began = time.process_time()
    assert add(folder).read == 0
    assert time.process_time() - began < 0.6


def test_empty_folder_is_a_version_without_rows(tmp_path: Path, add: Callable[..., Added]) -> None:
    (tmp_path / "none").mkdir()
    assert add(tmp_path / "none").dataset.record.rows == 0


def test_dataset_of_rows_takes_no_files(folder: Path, add: Callable[..., Added], catalog: DatasetCatalog) -> None:
    catalog.write(pl.DataFrame({"a": [1]}), "photos", kind=DatasetKind.TABLE)
    with pytest.raises(InvalidInputError, match="to be a dataset of files"):
        add(folder)


def test_file_that_keeps_growing_is_refused_and_nothing_is_recorded(
    folder: Path, add: Callable[..., Added], catalog: DatasetCatalog
) -> None:
    (folder / "a.txt").write_bytes(bytes(20_000_000))
    done = threading.Event()

    def write() -> None:
        with (folder / "a.txt").open("ab", buffering=0) as file:
            while not done.wait(0.0005):
                file.write(b"x")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(ConflictError, match=r"'a\.txt' to stay"):
            add(folder)
    finally:
        done.set()
        writer.join()
    assert catalog.versions("photos") == []


def test_bytes_that_are_forgotten_while_a_folder_is_added_are_stored_again(
    folder: Path, stores: Stores, clock: ManualClock, tmp_path: Path
) -> None:
    class Late(DatasetCatalog):
        """Has its turn to write only after somebody erased files."""

        def write(self, frame: pl.DataFrame, dataset: str, **options: Any) -> Dataset:
            forget_files(dataset, wanted=frozenset(), stores=stores)
            return super().write(frame, dataset, **options)

    catalog = Late(stores=stores, root_url=str(tmp_path / "tables"), clock=clock, actor="tester")
    cache = tmp_path / "cache.msgpack"
    added = add_folder(folder, "photos", catalog=catalog, stores=stores, clock=clock, cache=cache)
    digests = added.dataset.read()["digest"]
    assert [stores.artifacts.exists(digest) and stores.files.is_named(digest) for digest in digests] == [True] * 3
