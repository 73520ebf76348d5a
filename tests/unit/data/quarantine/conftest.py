from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.data.datasets import version_profile
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.quarantine.catalog import QuarantineCatalog

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores


@pytest.fixture
def datasets(stores: Stores, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatasetCatalog:
    monkeypatch.setattr(version_profile, "CELLS", 0)  # profiles have tests of their own
    return DatasetCatalog(stores=stores, root_url=str(tmp_path / "datasets"), clock=clock, actor="ada")


@pytest.fixture
def quarantine(datasets: DatasetCatalog, clock: ManualClock) -> QuarantineCatalog:
    return QuarantineCatalog(datasets=datasets, clock=clock)
