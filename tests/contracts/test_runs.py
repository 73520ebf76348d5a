"""`RunStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.runs import RunChangeConformance, RunStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestRunStore(RunStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="")


class TestRunChange(RunChangeConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
