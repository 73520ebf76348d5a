"""`RolloutStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.rollouts import RolloutStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestRolloutStore(RolloutStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="rollouts")
