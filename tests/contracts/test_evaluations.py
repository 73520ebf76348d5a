"""`EvaluationStoreConformance` and its neighbours on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.evaluations import EvaluationScopeConformance, EvaluationStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestEvaluationStore(EvaluationStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="evaluations")


class TestEvaluationScope(EvaluationScopeConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
