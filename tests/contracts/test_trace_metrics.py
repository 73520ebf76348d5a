"""`TraceMetricStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.testing.trace_metrics import TraceMetricStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestTraceMetricStore(TraceMetricStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
