"""`SummaryStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.testing.summaries import SummaryStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestSummaryStore(SummaryStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
