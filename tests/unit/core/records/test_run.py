from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from millwright.core.records.run import RUN_TRANSITIONS, LatestPoints, MetricPoint, RunStatus


def test_every_state_has_its_row_and_never_follows_itself():
    assert set(RUN_TRANSITIONS) == set(RunStatus)
    assert all(state not in following for state, following in RUN_TRANSITIONS.items())


def test_a_final_state_can_be_reached_from_every_state():
    final = {state for state, following in RUN_TRANSITIONS.items() if not following}
    reached = set(final)
    while True:
        more = {state for state, following in RUN_TRANSITIONS.items() if following & reached} | reached
        if more == reached:
            break
        reached = more
    assert final
    assert reached == set(RunStatus)


def test_latest_points_are_made_when_they_are_asked_for_and_equal_what_they_stand_for():
    latest = LatestPoints({"loss": (3, 1_500_000, 0.25)})
    point = MetricPoint(key="loss", value=0.25, step=3, at=datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC))
    assert latest == {"loss": point}
    assert (dict(latest), len(latest), list(latest.stored())) == ({"loss": point}, 1, [("loss", (3, 1_500_000, 0.25))])
    assert latest != {"loss": replace(point, step=4)}
    assert "loss" in repr(latest)
    with pytest.raises(KeyError):
        latest["other"]
