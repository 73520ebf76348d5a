"""`ModelSearchStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.testing.model_search import ModelSearchStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestModelSearchStore(ModelSearchStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
