"""`SnapshotStoreConformance` from and to SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from millwright.storage.catalog import open_stores
from millwright.testing.snapshots import SnapshotStoreConformance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.catalog import Stores
    from millwright.testing.opener import StoreOpener


class TestSnapshotStore(SnapshotStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place

    @pytest.fixture
    def other(self, migrated_file: Path, tmp_path: Path) -> Iterator[Stores]:
        """Another place, empty."""
        shutil.copy(migrated_file, tmp_path / "other.db")
        stores = open_stores(
            records_url=f"sqlite:///{tmp_path}/other.db", artifacts_url="memory://x", predictions_url="memory://x"
        )
        yield stores
        stores.close()

    @pytest.mark.postgres
    def test_records_of_sqlite_come_back_on_postgresql(self, other: Stores, postgres_url: str) -> None:
        from contracts.conftest import empty_tables  # only there with a server

        empty_tables(postgres_url)
        target = open_stores(records_url=postgres_url, artifacts_url="memory://x", predictions_url="memory://x")
        self.test_records_come_back_elsewhere(other, target)
        target.close()
