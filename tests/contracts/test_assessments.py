"""`AssessmentStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.testing.assessments import AssessmentStoreConformance
from millwright.testing.trace_search import trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.base import TraceStore
    from millwright.testing.opener import StoreOpener


class TestAssessmentStore(AssessmentStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="assessments")

    @pytest.fixture
    def traces(self, place: StoreOpener) -> Iterator[TraceStore]:
        with replace(place, family="traces")() as opened:
            opened.put(trace("t"))
            yield opened
