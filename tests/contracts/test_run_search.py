"""`RunSearchConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.testing.run_search import RunSearchConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestRunSearch(RunSearchConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
