from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import ManualClock
from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.ids import RunId
from millwright.core.records.run import RunStatus
from millwright.storage.catalog import open_stores
from millwright.tracking.tracker import RunStart, Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Tracker]:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/records.db",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield Tracker(
        experiments=stores.experiments, store=stores.runs, clock=ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    )
    stores.close()


def test_run_starts_in_an_experiment_that_is_made_once(tracker: Tracker) -> None:
    first, second = tracker.start_run("delay", name="a"), tracker.start_run("delay", name="b")
    assert first.experiment_id == second.experiment_id == tracker.experiment("delay").id
    assert [record.name for record in tracker.list_runs("delay")] == ["b", "a"]


def test_run_keeps_what_is_known_when_it_starts(tracker: Tracker) -> None:
    parent = tracker.start_run("delay")
    start = RunStart(parent_id=parent.id, params={"depth": 3, "grid": [1, 2]}, tags={"kind": "trial"})
    record = tracker.get(tracker.start_run("delay", name="trial", options=start).id)
    assert record.params == {"depth": "3", "grid": "[1, 2]"}
    assert record.tags == {"kind": "trial"}
    assert record.status is RunStatus.RUNNING
    assert [child.id for child in tracker.list_runs(parent_id=parent.id)] == [record.id]


def test_run_without_a_name_is_called_by_the_end_of_its_id(tracker: Tracker) -> None:
    run = tracker.start_run("delay")
    assert tracker.get(run.id).name == run.id[-8:]


def test_missing_run_is_an_error(tracker: Tracker) -> None:
    with pytest.raises(NotFoundError):
        tracker.get(RunId("0" * 32))


def test_missing_experiment_is_an_error_that_names_the_closest(tracker: Tracker) -> None:
    tracker.start_run("schedule-delay")
    with pytest.raises(NotFoundError, match="schedule-delay"):
        tracker.list_runs("schedule-dely")


def test_empty_experiment_name_is_refused(tracker: Tracker) -> None:
    with pytest.raises(InvalidInputError, match="experiment's name"):
        tracker.start_run("  ")


def test_runs_are_searched_by_filter_order_and_page(tracker: Tracker) -> None:
    for index in range(5):
        with tracker.start_run("delay", options=RunStart(params={"model": "rf" if index % 2 else "gb"})) as run:
            run.log_metric("auc", index / 10)
    tracker.start_run("other")
    found = tracker.search("metrics.auc > 0.1 and params.model = 'rf'", order=["metrics.auc desc"])
    assert [run.metrics["auc"] for run in found.items] == [0.3]
    either = tracker.search("metrics.auc = 0 or params.model = 'rf'", experiment="delay", order=["metrics.auc asc"])
    assert [run.metrics["auc"] for run in either.items] == [0.0, 0.1, 0.3]
    first = tracker.search(order=["metrics.auc desc"], limit=4)
    rest = tracker.search(order=["metrics.auc desc"], limit=4, after=first.next_token)
    assert (len(first.items), len(rest.items), rest.next_token) == (4, 2, None)


def test_filter_that_cannot_be_read_and_unknown_experiment_are_errors(tracker: Tracker) -> None:
    tracker.start_run("schedule-delay")
    with pytest.raises(InvalidInputError):
        tracker.search("metrics.auc >")
    with pytest.raises(NotFoundError, match="schedule-delay"):
        tracker.search(experiment="schedule-dely")


def test_run_is_found_by_the_end_of_its_id(tracker: Tracker) -> None:
    run = tracker.start_run("delay")
    assert tracker.resolve(run.id[-8:]).id == tracker.resolve(run.id).id == run.id
    with pytest.raises(NotFoundError, match="There is no run"):
        tracker.resolve("zzzzzzzz")
    digits = [tracker.start_run("delay").id[-1] for _ in range(17)]
    with pytest.raises(NotFoundError, match="several"):
        tracker.resolve(max(digits, key=digits.count))
    assert tracker.links([tracker.get(run.id)])[run.id].datasets == ()
