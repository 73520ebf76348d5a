"""`FileStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.files import FileStoreConformance

if TYPE_CHECKING:
    from millwright.testing.opener import StoreOpener


class TestFileStore(FileStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="files")
