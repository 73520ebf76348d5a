from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.features.catalog import FeatureCatalog
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.view import FeatureView

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def datasets(stores: Stores, clock: ManualClock, tmp_path: Path) -> DatasetCatalog:
    return DatasetCatalog(stores=stores, root_url=str(tmp_path / "datasets"), clock=clock, actor="ada")


@pytest.fixture
def features(stores: Stores, datasets: DatasetCatalog, clock: ManualClock) -> FeatureCatalog:
    return FeatureCatalog(stores=stores, datasets=datasets, clock=clock, actor="ada")


@pytest.fixture
def phases(datasets: DatasetCatalog) -> pl.DataFrame:
    """Phases of two buildings: when each ended, and when that was written down."""
    frame = pl.DataFrame(
        {
            "building": ["a", "a", "b", "a"],
            "ended": [START, START + 2 * DAY, START + 2 * DAY, START + 4 * DAY],
            "created": [START, START + 5 * DAY, START + 2 * DAY, START + 4 * DAY],
            "late": [1, 7, 3, 5],
            "cost": [1.5, 2.5, 3.5, 4.5],
        }
    )
    datasets.write(frame, "phases", kind=DatasetKind.TABLE)
    return frame


@pytest.fixture
def history() -> FeatureView:
    return FeatureView(
        "history",
        entities=[Entity("building", description="A school building")],
        source="phases",
        features=[Feature("late", "Int64", "Days"), Feature("cost", "Float64")],
        timestamp="ended",
        ttl=10 * DAY,
        owner="site-team",
    )
