from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import ManualClock
from millwright.core.errors import ConflictError, InvalidInputError, StateTransitionError
from millwright.core.records.run import RunStatus
from millwright.storage.catalog import open_stores
from millwright.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.catalog import Stores
    from millwright.tracking.run import Run


class Colour(StrEnum):
    RED = "red"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/records.db",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield stores
    stores.close()


@pytest.fixture
def tracker(stores: Stores, clock: ManualClock) -> Tracker:
    return Tracker(experiments=stores.experiments, store=stores.runs, clock=clock)


@pytest.fixture
def run(tracker: Tracker) -> Run:
    return tracker.start_run("delay")


def test_metric_is_stored_with_its_step_and_time(run: Run, stores: Stores, clock: ManualClock) -> None:
    run.log_metric("loss", 0.5)
    clock.advance(timedelta(seconds=1))
    run.log_metric("loss", 0.25, step=1)
    points = stores.runs.list_history(run.id, "loss")
    assert [(point.value, point.step) for point in points] == [(0.5, 0), (0.25, 1)]
    assert points[1].at - points[0].at == timedelta(seconds=1)
    assert stores.runs.get_run(run.id).metrics == {"loss": 0.25}


def test_metrics_keep_nan_and_infinity(run: Run, stores: Stores) -> None:
    run.log_metrics({"a": math.nan, "b": -math.inf})
    found = stores.runs.get_run(run.id).metrics
    assert math.isnan(found["a"])
    assert found["b"] == -math.inf


@pytest.mark.parametrize("value", ["high", None, object()])
def test_metric_that_is_no_number_is_refused_and_nothing_is_stored(run: Run, stores: Stores, value: object) -> None:
    with pytest.raises(InvalidInputError, match="Metric 'b': expected a number"):
        run.log_metrics({"a": 1.0, "b": value})  # type: ignore[dict-item]
    assert stores.runs.get_run(run.id).metrics == {}


@pytest.mark.parametrize("step", [-1, 1.5, True])
def test_step_that_is_no_whole_number_from_zero_is_refused(run: Run, step: int) -> None:
    with pytest.raises(InvalidInputError, match="whole number from 0"):
        run.log_metric("a", 1.0, step=step)


@pytest.mark.parametrize("key", ["", "  ", "x" * 251])
def test_empty_or_overlong_name_is_refused(run: Run, key: str) -> None:
    with pytest.raises(InvalidInputError, match="name of 1 to 250"):
        run.log_metric(key, 1.0)
    with pytest.raises(InvalidInputError, match="name of 1 to 250"):
        run.log_params({key: 1})
    with pytest.raises(InvalidInputError, match="name of 1 to 250"):
        run.set_tags({key: 1})


def test_params_are_text_and_written_once(run: Run, stores: Stores) -> None:
    run.log_params({"depth": 3, "colour": Colour.RED, "grid": {"a": [1, None]}, "on": True})
    run.log_params({"depth": 3})
    assert stores.runs.get_run(run.id).params == {
        "depth": "3",
        "colour": "red",
        "grid": '{"a": [1, null]}',
        "on": "True",
    }
    with pytest.raises(ConflictError):
        run.log_params({"depth": 4})


def test_tag_replaces_the_one_of_its_name(run: Run, stores: Stores) -> None:
    run.set_tags({"stage": "tuning"})
    run.set_tags({"stage": "done"})
    assert stores.runs.get_run(run.id).tags == {"stage": "done"}


def test_context_finishes_the_run(tracker: Tracker) -> None:
    with tracker.start_run("delay") as run:
        run.log_metric("a", 1.0)
    assert tracker.get(run.id).status is RunStatus.FINISHED
    assert tracker.get(run.id).ended_at is not None


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError("x"), RunStatus.FAILED), (KeyboardInterrupt(), RunStatus.KILLED)]
)
def test_context_that_raises_leaves_a_run_that_says_so(
    tracker: Tracker, error: BaseException, status: RunStatus
) -> None:
    run = tracker.start_run("delay")
    with pytest.raises(type(error)), run:
        raise error
    assert tracker.get(run.id).status is status


def test_run_that_was_finished_inside_the_context_keeps_its_status(tracker: Tracker) -> None:
    with tracker.start_run("delay") as run:
        run.finish(RunStatus.KILLED)
    assert tracker.get(run.id).status is RunStatus.KILLED


def test_run_that_somebody_else_ended_cannot_be_ended_again(run: Run, stores: Stores, clock: ManualClock) -> None:
    stores.runs.finish_run(run.id, RunStatus.KILLED, clock.now())
    with pytest.raises(StateTransitionError):
        run.finish()
