"""`DatasetChangesConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.dataset_changes import DatasetChangesConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestDatasetChanges(DatasetChangesConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="datasets")
