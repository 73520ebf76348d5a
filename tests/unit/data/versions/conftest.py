from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.data.datasets.catalog import DatasetCatalog

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "tables"


@pytest.fixture
def catalog(stores: Stores, root: Path, clock: ManualClock) -> DatasetCatalog:
    return DatasetCatalog(stores=stores, root_url=str(root), clock=clock, actor="ada")
