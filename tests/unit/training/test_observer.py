from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import SystemClock
from millwright.core.records.run import RunStatus
from millwright.storage.catalog import open_stores
from millwright.tracking.tracker import Tracker
from millwright.training.observer import TrackedTrials, UnseenTrials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Tracker]:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/m.db", artifacts_url=str(tmp_path / "a"), predictions_url=str(tmp_path / "p")
    )
    yield Tracker(experiments=stores.experiments, store=stores.runs, clock=SystemClock())
    stores.close()


def test_trial_is_a_run_under_its_parent_with_parameters_and_metrics(tracker: Tracker) -> None:
    parent = tracker.start_run("tuning", name="all")
    trials = TrackedTrials(tracker, experiment="tuning", parent_id=parent.id)
    with trials.trial("ridge-0", {"candidate": "ridge", "alpha": 0.5}) as run:
        run.log({"rmse": 1.5, "duration_s": 0.1})

    (found,) = tracker.list_runs("tuning", parent_id=parent.id)
    assert (found.name, found.status) == ("ridge-0", RunStatus.FINISHED)
    assert found.params == {"candidate": "ridge", "alpha": "0.5"}
    assert found.metrics == {"rmse": 1.5, "duration_s": 0.1}


def test_failed_trial_is_a_failed_run_with_the_reason(tracker: Tracker) -> None:
    trials = TrackedTrials(tracker, experiment="tuning", parent_id=None)
    with trials.trial("ridge-0", {"candidate": "ridge"}) as run:
        run.fail("singular matrix")

    (found,) = tracker.list_runs("tuning")
    assert found.status is RunStatus.FAILED
    assert found.tags["error"] == "singular matrix"


def test_interrupted_trial_is_a_killed_run(tracker: Tracker) -> None:
    trials = TrackedTrials(tracker, experiment="tuning", parent_id=None)
    with pytest.raises(KeyboardInterrupt), trials.trial("ridge-0", {"candidate": "ridge"}):
        raise KeyboardInterrupt

    assert tracker.list_runs("tuning")[0].status is RunStatus.KILLED


def test_unseen_trials_take_everything_silently() -> None:
    with UnseenTrials().trial("x", {}) as run:
        run.log({"a": 1.0})
        run.fail("why")
