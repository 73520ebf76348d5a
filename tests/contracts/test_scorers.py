"""`ScorerConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.testing.scorers import ScorerConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestScorers(ScorerConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
