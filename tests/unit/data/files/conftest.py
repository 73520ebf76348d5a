from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.files import Added, add_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores


@pytest.fixture
def catalog(stores: Stores, clock: ManualClock, tmp_path: Path) -> DatasetCatalog:
    return DatasetCatalog(stores=stores, root_url=str(tmp_path / "tables"), clock=clock, actor="tester")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files, two of which have the same bytes."""
    root = tmp_path / "photos"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"alpha")
    (root / "sub" / "b.txt").write_bytes(b"beta")
    (root / "sub" / "ü c.txt").write_bytes(b"alpha")
    return root


@pytest.fixture
def add(catalog: DatasetCatalog, stores: Stores, clock: ManualClock, tmp_path: Path) -> Callable[..., Added]:
    def call(folder: Path, dataset: str = "photos") -> Added:
        cache = tmp_path / "cache" / f"{dataset}.msgpack"
        return add_folder(folder, dataset, catalog=catalog, stores=stores, clock=clock, cache=cache)

    return call
