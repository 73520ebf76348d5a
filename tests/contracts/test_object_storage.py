"""Datasets on S3, and sources there."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import polars as pl
import pytest
from deltalake import write_deltalake

from millwright.core.clock import ManualClock
from millwright.core.errors import MillwrightError
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.ingestion.ingestion import Ingestion
from millwright.data.ingestion.request import IngestOptions
from millwright.data.versions.condition import RowCondition
from millwright.data.versions.erasure import erase
from millwright.data.versions.retention import RetentionRule, vacuum
from millwright.storage.catalog import open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fsspec import AbstractFileSystem

    from millwright.storage.catalog import Stores


@pytest.fixture
def root(bucket: str) -> str:
    return f"{bucket}/{uuid4().hex}"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 5, 12, tzinfo=UTC))


@pytest.fixture
def stores(root: str, migrated_file: Path, tmp_path: Path) -> Iterator[Stores]:
    shutil.copy(migrated_file, tmp_path / "records.db")
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=f"{root}/artifacts",
        predictions_url=f"{root}/predictions",
    )
    yield opened
    opened.close()


@pytest.fixture
def files() -> AbstractFileSystem:
    import fsspec

    return fsspec.filesystem("s3")


@pytest.fixture
def catalog(stores: Stores, root: str, clock: ManualClock) -> DatasetCatalog:
    return DatasetCatalog(stores=stores, root_url=f"{root}/datasets", clock=clock, actor="ann")


@pytest.fixture
def ingestion(catalog: DatasetCatalog, stores: Stores, clock: ManualClock) -> Ingestion:
    return Ingestion(catalog=catalog, stores=stores, clock=clock)


def people(*names: str) -> pl.DataFrame:
    return pl.DataFrame({"id": range(len(names)), "name": names})


def names_of(catalog: DatasetCatalog, ref: str) -> list[str]:
    return catalog.get(ref).read()["name"].to_list()


def test_versions_are_written_read_erased_from_and_removed(
    catalog: DatasetCatalog, stores: Stores, root: str, clock: ManualClock, files: AbstractFileSystem
) -> None:
    catalog.write(people("ann", "zoe-unmistakable"), "people", kind=DatasetKind.TABLE)
    catalog.write(
        people("bob").with_columns(id=pl.lit(9)), "people", kind=DatasetKind.TABLE, options=WriteOptions(mode="append")
    )
    merge = WriteOptions(mode="merge", key=("id",))
    catalog.write(people("eve"), "people", kind=DatasetKind.TABLE, options=merge)
    assert names_of(catalog, "people@1") == ["ann", "zoe-unmistakable"]
    condition = RowCondition(values={"name": "zoe-unmistakable"})
    erase(stores, f"{root}/datasets", "people", condition, reason="asked", clock=clock, actor="ann")
    assert names_of(catalog, "people@1") == ["ann"]
    assert names_of(catalog, "people@2") == ["ann", "bob"]
    left = [
        pl.read_parquet(files.cat_file(path)) for path in files.find(f"{root}/datasets") if path.endswith(".parquet")
    ]
    assert left
    assert not any("zoe-unmistakable" in frame["name"].to_list() for frame in left if "name" in frame.columns)
    vacuum(stores, f"{root}/datasets", "people", RetentionRule(versions=1), clock=clock, actor="ann")
    assert sorted(names_of(catalog, "people")) == sorted(names_of(catalog, "people@3"))
    with pytest.raises(MillwrightError):
        names_of(catalog, "people@1")


def test_files_of_a_bucket_are_read_once_each(
    ingestion: Ingestion, catalog: DatasetCatalog, root: str, files: AbstractFileSystem
) -> None:
    files.pipe_file(f"{root}/in/a.csv", b"id,name\n1,ann\n")
    options = IngestOptions(incremental="files")
    ingestion.add(f"{root}/in/*.csv", "people", options)
    files.pipe_file(f"{root}/in/b.csv", b"id,name\n2,bob\n")
    ingestion.add(f"{root}/in/*.csv", "people", options)
    again = ingestion.add(f"{root}/in/*.csv", "people", options)
    assert again.dataset.record.version == 2
    assert names_of(catalog, "people@2") == ["ann", "bob"]


def test_tables_of_a_bucket_are_sources(ingestion: Ingestion, catalog: DatasetCatalog, root: str) -> None:
    write_deltalake(f"{root}/delta", people("ann", "bob"))
    ingestion.add(f"{root}/delta", "copied")
    assert names_of(catalog, "copied") == ["ann", "bob"]
    with pytest.raises(MillwrightError, match=r"There is no file s3://.*/none\.csv"):
        ingestion.add(f"{root}/none.csv", "copied")
