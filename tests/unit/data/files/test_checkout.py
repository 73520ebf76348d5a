from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import IntegrityError, InvalidInputError, NotFoundError
from millwright.core.records.dataset import DatasetKind
from millwright.data.files import Link, check_out
from millwright.data.files.adding import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.files import Added
    from millwright.storage.catalog import Stores


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("link", list(Link))
def test_files_come_back_as_they_were(
    folder: Path, add: Callable[..., Added], stores: Stores, tmp_path: Path, link: Link
) -> None:
    os.utime(folder / "a.txt", (1_700_000_000, 1_700_000_000))
    dataset = add(folder).dataset
    before = content(folder)
    (folder / "a.txt").write_bytes(b"later")
    target = tmp_path / "deep" / "out"
    assert check_out(dataset, target, artifacts=stores.artifacts, link=link) == 3
    assert content(target) == before
    assert (target / "a.txt").is_symlink() == (link is Link.SYMBOLIC)
    if link is Link.COPY:
        assert (target / "a.txt").stat().st_mtime == 1_700_000_000
        (target / "a.txt").write_bytes(b"mine")
    else:
        assert (target / "a.txt").stat().st_mode & 0o222 == 0
    assert {path.name for path in target.parent.iterdir()} == {"out"}
    assert stores.artifacts.get(dataset.read()["digest"][0]) == b"alpha"


def test_folder_in_use_is_refused_and_an_empty_one_taken(
    folder: Path, add: Callable[..., Added], stores: Stores, tmp_path: Path
) -> None:
    dataset = add(folder).dataset
    with pytest.raises(InvalidInputError, match="in use"):
        check_out(dataset, folder, artifacts=stores.artifacts)
    with pytest.raises(InvalidInputError, match="in use"):
        check_out(dataset, folder / "a.txt", artifacts=stores.artifacts)
    (tmp_path / "empty").mkdir()
    assert check_out(dataset, tmp_path / "empty", artifacts=stores.artifacts) == 3


@pytest.mark.parametrize("path", ["../escaped.txt", "/escaped.txt", "a/../../escaped.txt"])
def test_manifest_cannot_write_outside_of_the_folder(
    catalog: DatasetCatalog, stores: Stores, tmp_path: Path, path: str
) -> None:
    digest = stores.artifacts.put(b"bad")
    rows = [(path, 3, digest, datetime(2026, 1, 1, tzinfo=UTC))]
    evil = catalog.write(pl.DataFrame(rows, schema=SCHEMA, orient="row"), "evil", kind=DatasetKind.FILES)
    with pytest.raises(InvalidInputError, match="inside of the folder"):
        check_out(evil, tmp_path / "out", artifacts=stores.artifacts)
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.rglob("escaped.txt"))


def test_checkout_with_a_lost_or_damaged_blob_leaves_nothing(
    folder: Path, add: Callable[..., Added], stores: Stores, tmp_path: Path
) -> None:
    dataset = add(folder).dataset
    digest = dataset.read()["digest"][1]
    blob = tmp_path / "artifacts" / digest[:2] / digest[2:]
    blob.chmod(0o644)
    blob.write_bytes(b"ruin")
    with pytest.raises(IntegrityError):
        check_out(dataset, tmp_path / "out", artifacts=stores.artifacts)
    stores.artifacts.delete(digest)
    with pytest.raises(NotFoundError):
        check_out(dataset, tmp_path / "out", artifacts=stores.artifacts)
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_dataset_of_rows_cannot_be_checked_out(catalog: DatasetCatalog, stores: Stores, tmp_path: Path) -> None:
    rows = catalog.write(pl.DataFrame({"a": [1]}), "rows", kind=DatasetKind.TABLE)
    with pytest.raises(InvalidInputError, match="Expected a dataset of files"):
        check_out(rows, tmp_path / "out", artifacts=stores.artifacts)
