"""Conformance of `RunStore`: experiments, runs, parameters and tags."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, ConflictError, NotFoundError, StateTransitionError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.run import RunStatus
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.run import RunRecord
    from millwright.storage.base.runs import RunStore
    from millwright.testing.conformance import Opener

_UNKNOWN = RunId("0" * 32)


class RunStoreConformance(StoreConformance):
    """Experiments and runs; metrics have a suite of their own."""

    @pytest.fixture
    def run(self, store: RunStore) -> RunRecord:
        """A run that is stored."""
        return stored_run(store)

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_experiment_comes_back_as_it_was_stored(self, store: RunStore, name: str) -> None:
        """Whatever its name."""
        experiment = store.create_experiment(sample.experiment(name))
        assert store.find_experiment(name) == experiment

    def test_experiment_is_refused_when_the_name_is_taken(self, store: RunStore) -> None:
        """The first one stays."""
        first = store.create_experiment(sample.experiment("a"))
        with pytest.raises(AlreadyExistsError, match="'a'"):
            store.create_experiment(sample.experiment("a"))
        assert store.list_experiments() == [first]

    def test_experiment_is_created_once_when_threads_try_together(self, store: RunStore) -> None:
        """One wins, the others are told."""

        def create(_number: int) -> bool:
            try:
                store.create_experiment(sample.experiment("race"))
            except AlreadyExistsError:
                return False
            return True

        assert sum(in_threads(create)) == 1

    def test_experiments_are_listed_by_name(self, store: RunStore) -> None:
        """In the order of code points, on every database."""
        for name in ("b", "a", "B", "é", "_"):
            store.create_experiment(sample.experiment(name))
        assert [experiment.name for experiment in store.list_experiments()] == sorted(["b", "a", "B", "é", "_"])

    def test_unknown_experiment_is_none(self, store: RunStore) -> None:
        """Finding is no error, and there are none at first."""
        assert store.find_experiment("nowhere") is None
        assert store.list_experiments() == []

    def test_run_comes_back_as_it_was_stored(self, store: RunStore, run: RunRecord) -> None:
        """With parameters, tags and microseconds."""
        assert store.get_run(run.id) == run

    def test_run_without_anything_comes_back_empty(self, store: RunStore) -> None:
        """Empty mappings and None stay what they are."""
        run = stored_run(store, params={}, tags={}, name="", parent_id=None)
        assert store.get_run(run.id) == run

    def test_run_is_refused_when_its_id_is_taken(self, store: RunStore, run: RunRecord) -> None:
        """The first one stays as it is."""
        with pytest.raises(AlreadyExistsError):
            store.create_run(replace(run, name="other", params={"new": "1"}))
        assert store.get_run(run.id) == run

    def test_run_is_refused_when_there_is_no_such_experiment(self, store: RunStore) -> None:
        """It says which is missing."""
        with pytest.raises(NotFoundError, match="experiment"):
            store.create_run(sample.run(ExperimentId("0" * 32)))

    def test_unknown_run_is_an_error_everywhere(self, store: RunStore) -> None:
        """Reading and writing alike."""
        calls: list[Callable[[], Any]] = [
            lambda: store.get_run(_UNKNOWN),
            lambda: store.finish_run(_UNKNOWN, RunStatus.FINISHED, sample.NOON),
            lambda: store.append_metrics(_UNKNOWN, []),
            lambda: store.put_params(_UNKNOWN, {}),
            lambda: store.put_tags(_UNKNOWN, {}),
            lambda: store.list_history(_UNKNOWN, "loss"),
        ]
        for call in calls:
            with pytest.raises(NotFoundError, match=_UNKNOWN):
                call()

    @pytest.mark.parametrize("status", [RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED])
    def test_run_ends_once(self, store: RunStore, run: RunRecord, status: RunStatus) -> None:
        """A final status stays, and so does the time."""
        store.finish_run(run.id, status, sample.moment(5))
        with pytest.raises(StateTransitionError, match=status.value):
            store.finish_run(run.id, RunStatus.FINISHED, sample.moment(9))
        assert store.get_run(run.id) == replace(run, status=status, ended_at=sample.moment(5))

    def test_parameters_are_added_and_kept(self, store: RunStore, run: RunRecord) -> None:
        """The same value again is fine."""
        store.put_params(run.id, {"alpha": "0.1", "neu": "ü"})
        store.put_params(run.id, {})
        assert store.get_run(run.id).params == {**run.params, "neu": "ü"}

    def test_parameters_are_all_refused_when_one_has_another_value(self, store: RunStore, run: RunRecord) -> None:
        """The message names it; none of the call's parameters is written."""
        with pytest.raises(ConflictError, match=r"alpha.*0\.1.*0\.2"):
            store.put_params(run.id, {"fresh": "1", "alpha": "0.2"})
        assert store.get_run(run.id).params == run.params

    def test_tags_are_replaced(self, store: RunStore, run: RunRecord) -> None:
        """Those of the same key; others stay."""
        store.put_tags(run.id, {"team": "b", "neu": ""})
        store.put_tags(run.id, {})
        assert store.get_run(run.id).tags == {"team": "b", "neu": ""}

    def test_record_never_changes_under_its_reader(self, store: RunStore, run: RunRecord) -> None:
        """A later write shows only in a later read."""
        before = store.get_run(run.id)
        store.put_tags(run.id, {"team": "b"})
        assert before.tags == run.tags

    def test_runs_are_listed_newest_first(self, store: RunStore) -> None:
        """By start, then by the order of creation; limited."""
        experiment = store.create_experiment(sample.experiment())
        runs = [sample.run(experiment.id, started_at=sample.moment(second)) for second in (0, 2, 1, 2)]
        for run in runs:
            store.create_run(run)
        assert store.list_runs() == [runs[3], runs[1], runs[2], runs[0]]
        assert store.list_runs(limit=2) == [runs[3], runs[1]]
        assert store.list_runs(limit=0) == []

    def test_runs_are_listed_of_one_experiment_and_one_parent(self, store: RunStore) -> None:
        """Both narrow the list."""
        first = store.create_experiment(sample.experiment())
        other = store.create_experiment(sample.experiment())
        parent = sample.run(first.id)
        child = sample.run(first.id, parent_id=parent.id, started_at=sample.moment(1))
        elsewhere = sample.run(other.id, parent_id=parent.id, started_at=sample.moment(2))
        for run in (parent, child, elsewhere):
            store.create_run(run)
        assert store.list_runs(first.id) == [child, parent]
        assert store.list_runs(parent_id=parent.id) == [elsewhere, child]
        assert store.list_runs(first.id, parent_id=parent.id) == [child]
        assert store.list_runs(ExperimentId("nowhere")) == []

    def test_run_survives_sigkill_once_created(self, shared_opener: Opener) -> None:
        """With its parameters and tags."""
        run_id = in_killed_process(shared_opener, _create_and_tell)
        with shared_opener() as store:
            assert store.get_run(run_id).params == {"alpha": "0.1", "größe": "三"}


def stored_run(store: RunStore, **changes: Any) -> RunRecord:
    """A run of a new experiment."""
    experiment = store.create_experiment(sample.experiment())
    run = sample.run(experiment.id, **changes)
    store.create_run(run)
    return run


def _create_and_tell(store: RunStore, acknowledge: Callable[[Any], None]) -> None:
    acknowledge(stored_run(store).id)
