"""`ModelChangeConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.model_changes import ModelChangeConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestModelChanges(ModelChangeConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="models")
