"""`ScheduleStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.schedules import ScheduleStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestScheduleStore(ScheduleStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="schedules")
