from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.catalog import Stores

REAL_DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 5, 12, tzinfo=UTC))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    from millwright.storage.catalog import open_stores

    opened = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield opened
    opened.close()


@pytest.fixture(params=["2025-09", "2026-01"])
def schedules(request: pytest.FixtureRequest) -> Path:
    path = REAL_DATA / f"nyc_sca_schedules_{request.param}.csv"
    if not path.exists():
        pytest.skip("the real schedules are not beside this checkout")
    return path
