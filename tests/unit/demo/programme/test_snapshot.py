from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.demo.programme.column import NAMES, UNKNOWN_AT_START
from millwright.demo.programme.course import run
from millwright.demo.programme.plan import draw_plan
from millwright.demo.programme.snapshot import MISSING, WINDOWS, take


@pytest.fixture(scope="module")
def snapshots() -> dict[int, pl.DataFrame]:
    plan = draw_plan(np.random.default_rng(1))
    course = run(np.random.default_rng(2), plan)
    return {period: take(np.random.default_rng(3), plan, course, window) for period, window in WINDOWS.items()}


@pytest.fixture(params=[1, 2])
def period(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_snapshot_has_the_documented_columns_in_order(snapshots: dict[int, pl.DataFrame], period: int) -> None:
    assert tuple(snapshots[period].columns) == NAMES


def test_snapshot_shows_nothing_that_happens_later(snapshots: dict[int, pl.DataFrame], period: int) -> None:
    frame, day = snapshots[period], WINDOWS[period].ends.isoformat()
    assert frame["snapshot_date"].unique().to_list() == [day]
    assert frame["start"].max() < day  # type: ignore[operator]
    assert frame["actual_end"].max() < day  # type: ignore[operator]


def test_activity_in_progress_has_no_end_and_no_cost(snapshots: dict[int, pl.DataFrame], period: int) -> None:
    frame = snapshots[period]
    in_progress = frame["status"] == "in progress"
    assert 0.03 < in_progress.mean() < 0.12  # type: ignore[operator]
    for name in ("actual_end", "actual_cost"):
        assert (frame[name].is_null() == in_progress).all()


def test_second_snapshot_finishes_what_was_open_in_the_first(snapshots: dict[int, pl.DataFrame]) -> None:
    was_open = snapshots[1].filter(pl.col("status") == "in progress")
    both = was_open.join(snapshots[2], on="activity_id", suffix="_now")
    assert both.height == was_open.height
    assert (both["status_now"] == "complete").mean() > 0.9  # type: ignore[operator]
    known = [name for name in NAMES if name not in UNKNOWN_AT_START and name != "activity_id"]
    for name in known:  # what was known at the start has not changed
        assert both[name].equals(both[f"{name}_now"].alias(name))


def test_second_snapshot_repeats_nothing_that_was_complete(snapshots: dict[int, pl.DataFrame]) -> None:
    complete = snapshots[1].filter(pl.col("status") == "complete")
    assert snapshots[2].join(complete, on="activity_id", how="semi").is_empty()


def test_values_are_missing_about_as_often_as_said(snapshots: dict[int, pl.DataFrame], period: int) -> None:
    frame = snapshots[period]
    for name, share in MISSING.items():
        assert frame[name].null_count() / frame.height == pytest.approx(share, abs=0.012)
    others = set(NAMES) - MISSING.keys() - {"actual_end", "actual_cost"}
    assert frame.select(others).null_count().sum_horizontal().item() == 0


def test_activity_id_is_a_key(snapshots: dict[int, pl.DataFrame], period: int) -> None:
    assert snapshots[period]["activity_id"].is_unique().all()
