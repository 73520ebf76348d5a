from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import ManualClock
from millwright.storage.catalog import open_stores
from millwright.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.catalog import Stores


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/records.db",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield stores
    stores.close()


@pytest.fixture
def tracker(stores: Stores, clock: ManualClock) -> Tracker:
    return Tracker(experiments=stores.experiments, store=stores.runs, clock=clock)
