"""`RunQueueStoreConformance` and `RunClaimConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.queue import RunClaimConformance, RunQueueStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestRunQueueStore(RunQueueStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="queue")


class TestRunClaim(RunClaimConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="queue")
