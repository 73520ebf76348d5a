"""`TransactionsConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.transactions import GroupConformance, TransactionsConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestTransactions(TransactionsConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="")


class TestGroup(GroupConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return place
