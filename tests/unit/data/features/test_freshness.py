"""How new the values of a view are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from millwright.core.ids import MaterializationId
from millwright.core.records.feature import MaterializationRecord, MaterializationState
from millwright.data.features.freshness import freshness

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.usefixtures("phases")
def test_newest_row_and_last_materialization_that_was_done(features, history) -> None:
    fresh = freshness(features, history)
    assert (fresh.source, fresh.newest, fresh.online_until) == ("phases@1", START + timedelta(days=4), None)
    done = MaterializationRecord(
        id=MaterializationId("1"), view="history", view_version=1, source="phases@1", since=None, until=START,
        state=MaterializationState.DONE, started_at=START, ended_at=START + timedelta(hours=1),
    )  # fmt: skip
    features.stores.features.add_materialization(done)
    later = replace(
        done, id=MaterializationId("2"), until=START + timedelta(days=9), state=MaterializationState.FAILED,
        started_at=START + timedelta(days=9),
    )  # fmt: skip
    features.stores.features.add_materialization(later)
    fresh = freshness(features, history)
    assert (fresh.online_until, fresh.materialized_at) == (START, START + timedelta(hours=1))
