"""`DeliveryStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.testing.deliveries import DeliveryStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestDeliveryStore(DeliveryStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
