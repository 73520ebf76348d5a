from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.data.datasets import layout, version_profile
from millwright.data.datasets.catalog import DatasetCatalog

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores


@pytest.fixture
def catalog(stores: Stores, clock: ManualClock, tmp_path: Path) -> DatasetCatalog:
    return DatasetCatalog(stores=stores, root_url=f"{tmp_path / 'datasets'}/", clock=clock, actor="ada")


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows a file, and no profiles, which have tests of their own."""
    monkeypatch.setattr(layout, "rows_per_file", lambda _: 3)
    monkeypatch.setattr(version_profile, "CELLS", 0)
