"""`MetricConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.metrics import MetricConformance, MetricStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestMetric(MetricConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="")


class TestMetricStore(MetricStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
