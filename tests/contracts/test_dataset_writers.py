"""Writers of one dataset in many processes, on SQLite and PostgreSQL: every row is there once, nobody is refused."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.clock import SystemClock
from millwright.core.errors import ConflictError
from millwright.core.records.dataset import DatasetKind, DatasetOperation
from millwright.data.datasets import version_profile, version_writer
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.testing import process
from millwright.testing.process import in_processes

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores
    from millwright.testing.opener import StoreOpener

pytestmark = pytest.mark.slow

WRITERS = 8
ROUNDS = 2
APPEND = WriteOptions(mode="append")
MERGE = WriteOptions(mode="merge", key=("id",))


def catalog_of(stores: Stores, root: str, actor: str = "test") -> DatasetCatalog:
    return DatasetCatalog(stores=stores, root_url=root, clock=SystemClock(), actor=actor)


def rows(writer: int, turn: int) -> pl.DataFrame:
    ids = [writer * 1000 + turn * 10 + each for each in range(5)]
    return pl.DataFrame({"id": ids, "writer": [writer] * 5, "turn": [turn] * 5})


def append_and_merge(root: str, is_locked: bool, stores: Stores, number: int) -> list[int]:
    """Append rows, and change the first of them by key; the versions that were made. Runs in a process of its own."""
    version_profile.CELLS = 0  # profiles have tests of their own
    if not is_locked:
        # As if the lease of each ran out at once: what is left is the table's and the records' own order.
        version_writer.write_lock = lambda *_, **__: contextlib.nullcontext()
    catalog = catalog_of(stores, root, f"writer-{number}")
    made = []
    for turn in range(ROUNDS):
        new = rows(number, turn)
        made.append(catalog.write(new, "d", kind=DatasetKind.TABLE, options=APPEND).record.version)
        changed = new[:1].with_columns(turn=pl.lit(100 + turn, dtype=pl.Int64))
        made.append(catalog.write(changed, "d", kind=DatasetKind.TABLE, options=MERGE).record.version)
    return made


def expected_rows(writers: int) -> list[tuple[int, int, int]]:
    frames = [rows(writer, turn) for writer in range(writers) for turn in range(ROUNDS)]
    first = pl.col("id") % 10 == 0
    changed = (frame.with_columns(turn=pl.when(first).then(100 + pl.col("turn")).otherwise("turn")) for frame in frames)
    return sorted(pl.concat(changed).rows())


@pytest.mark.parametrize(("is_locked", "writers"), [(True, WRITERS), (False, 3)], ids=["in turn", "without leases"])
def test_every_row_of_every_writer_is_there_once(place: StoreOpener, root: str, is_locked: bool, writers: int) -> None:
    made = in_processes(place, partial(append_and_merge, root, is_locked), count=writers)
    count = writers * ROUNDS * 2
    assert sorted(version for versions in made for version in versions) == list(range(1, count + 1))
    with place() as stores:
        catalog = catalog_of(stores, root)
        latest = catalog.get("d")
        assert sorted(latest.verify().rows()) == expected_rows(writers)
        heights = [catalog.get(f"d@{version}").verify().height for version in range(1, count + 1)]
        assert heights == sorted(heights)
        operations = [found.record.operation for found in catalog.versions("d")]
        assert operations.count(DatasetOperation.MERGE) == count // 2
        for writer in range(writers):
            turns = latest.read().filter(pl.col("writer") == writer, pl.col("id") % 10 == 1)["turn"]
            assert turns.is_sorted()


def test_writer_who_expected_an_older_version_is_told_who_wrote_what(place: StoreOpener, root: str) -> None:
    with place() as stores:
        ada, bob = catalog_of(stores, root, "ada"), catalog_of(stores, root, "bob")
        ada.write(pl.concat([rows(0, 0), rows(1, 0)]), "d", kind=DatasetKind.TABLE)
        bob.write(rows(1, 0).with_columns(turn=9), "d", kind=DatasetKind.TABLE, options=MERGE)
        stale = replace(APPEND, expected=1)
        for refused in (
            lambda: ada.write(rows(2, 0), "d", kind=DatasetKind.TABLE, options=replace(stale, mode="overwrite")),
            lambda: ada.delete("d", "id = 0", options=stale),
            lambda: ada.restore("d@1", options=stale),
            lambda: ada.write(rows(1, 0)[:1], "d", kind=DatasetKind.TABLE, options=replace(MERGE, expected=1)),
        ):
            with pytest.raises(ConflictError, match=r"found d@2 \(d@2: merge by bob at "):
                refused()
        # Rows that bob left alone may be merged, and rows may be appended.
        ada.write(rows(0, 0).with_columns(turn=7), "d", kind=DatasetKind.TABLE, options=replace(MERGE, expected=1))
        ada.write(rows(3, 0), "d", kind=DatasetKind.TABLE, options=stale)
        assert ada.get("d").verify()["turn"].to_list() == [7] * 5 + [9] * 5 + [0] * 5
        with pytest.raises(ConflictError, match="Expected new@3 to be the latest version, found none"):
            ada.write(rows(0, 0), "new", kind=DatasetKind.TABLE, options=replace(stale, expected=3))


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("datasets"))


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_profile, "CELLS", 0)
    monkeypatch.setattr(process, "_PATIENCE_S", 300)  # eight processes on a busy machine
