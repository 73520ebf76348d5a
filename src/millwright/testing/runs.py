"""Conformance of `RunStore`: runs, parameters and tags."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, ConflictError, NotFoundError, StateTransitionError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import ExperimentFigures, Lifecycle
from millwright.core.records.run import MetricPoint, RunBatch, RunStatus
from millwright.core.records.run_input import DatasetInput, ModelInput, ModelOutput, RunLinks
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.run import RunRecord
    from millwright.storage.catalog import Stores
    from millwright.testing.conformance import Opener

_UNKNOWN = RunId("0" * 32)
CONTEXT = "mlflow.data.context"


class RunStoreConformance(StoreConformance):
    """Runs; metrics and searches have suites of their own. The opener gives the whole `Stores`."""

    @pytest.fixture
    def run(self, store: Stores) -> RunRecord:
        """A run that is stored."""
        return stored_run(store)

    def test_run_comes_back_as_it_was_stored(self, store: Stores, run: RunRecord) -> None:
        """With parameters, tags and microseconds."""
        assert store.runs.get_run(run.id) == run

    def test_run_without_anything_comes_back_empty(self, store: Stores) -> None:
        """Empty mappings and None stay what they are."""
        run = stored_run(store, params={}, tags={}, name="", parent_id=None)
        assert store.runs.get_run(run.id) == run

    def test_run_is_refused_when_its_id_is_taken(self, store: Stores, run: RunRecord) -> None:
        """The first one stays as it is."""
        with pytest.raises(AlreadyExistsError):
            store.runs.create_run(replace(run, name="other", params={"new": "1"}))
        assert store.runs.get_run(run.id) == run

    def test_run_is_refused_when_there_is_no_such_experiment(self, store: Stores) -> None:
        """It says which is missing."""
        with pytest.raises(NotFoundError, match="experiment"):
            store.runs.create_run(sample.run(ExperimentId("0" * 32)))

    def test_unknown_run_is_an_error_everywhere(self, store: Stores) -> None:
        """Reading and writing alike."""
        calls: list[Callable[[], Any]] = [
            lambda: store.runs.get_run(_UNKNOWN),
            lambda: store.runs.finish_run(_UNKNOWN, RunStatus.FINISHED, sample.NOON),
            lambda: store.runs.append_metrics(_UNKNOWN, []),
            lambda: store.runs.put_params(_UNKNOWN, {}),
            lambda: store.runs.put_tags(_UNKNOWN, {}),
            lambda: store.runs.list_history(_UNKNOWN, "loss"),
        ]
        for call in calls:
            with pytest.raises(NotFoundError, match=_UNKNOWN):
                call()

    @pytest.mark.parametrize("status", [RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED])
    def test_run_ends_once(self, store: Stores, run: RunRecord, status: RunStatus) -> None:
        """A final status stays, and so does the time."""
        store.runs.finish_run(run.id, status, sample.moment(5))
        with pytest.raises(StateTransitionError, match=status.value):
            store.runs.finish_run(run.id, RunStatus.FINISHED, sample.moment(9))
        assert store.runs.get_run(run.id) == replace(run, status=status, ended_at=sample.moment(5))

    def test_parameters_are_added_and_kept(self, store: Stores, run: RunRecord) -> None:
        """The same value again is fine."""
        store.runs.put_params(run.id, {"alpha": "0.1", "neu": "ü"})
        store.runs.put_params(run.id, {})
        assert store.runs.get_run(run.id).params == {**run.params, "neu": "ü"}

    def test_parameters_are_all_refused_when_one_has_another_value(self, store: Stores, run: RunRecord) -> None:
        """The message names it; none of the call's parameters is written."""
        with pytest.raises(ConflictError, match=r"alpha.*0\.1.*0\.2"):
            store.runs.put_params(run.id, {"fresh": "1", "alpha": "0.2"})
        assert store.runs.get_run(run.id).params == run.params

    def test_tags_are_replaced(self, store: Stores, run: RunRecord) -> None:
        """Those of the same key; others stay."""
        store.runs.put_tags(run.id, {"team": "b", "neu": ""})
        store.runs.put_tags(run.id, {})
        assert store.runs.get_run(run.id).tags == {"team": "b", "neu": ""}

    def test_record_never_changes_under_its_reader(self, store: Stores, run: RunRecord) -> None:
        """A later write shows only in a later read."""
        before = store.runs.get_run(run.id)
        store.runs.put_tags(run.id, {"team": "b"})
        assert before.tags == run.tags

    def test_runs_are_listed_newest_first(self, store: Stores) -> None:
        """By start, then by the order of creation; limited."""
        experiment = store.experiments.create(sample.experiment())
        runs = [sample.run(experiment.id, started_at=sample.moment(second)) for second in (0, 2, 1, 2)]
        for run in runs:
            store.runs.create_run(run)
        assert store.runs.list_runs() == [runs[3], runs[1], runs[2], runs[0]]
        assert store.runs.list_runs(limit=2) == [runs[3], runs[1]]
        assert store.runs.list_runs(limit=0) == []

    def test_runs_are_listed_of_one_experiment_and_one_parent(self, store: Stores) -> None:
        """Both narrow the list."""
        first = store.experiments.create(sample.experiment())
        other = store.experiments.create(sample.experiment())
        parent = sample.run(first.id)
        child = sample.run(first.id, parent_id=parent.id, started_at=sample.moment(1))
        elsewhere = sample.run(other.id, parent_id=parent.id, started_at=sample.moment(2))
        for run in (parent, child, elsewhere):
            store.runs.create_run(run)
        assert store.runs.list_runs(first.id) == [child, parent]
        assert store.runs.list_runs(parent_id=parent.id) == [elsewhere, child]
        assert store.runs.list_runs(first.id, parent_id=parent.id) == [child]
        assert store.runs.list_runs(ExperimentId("nowhere")) == []

    def test_run_survives_sigkill_once_created(self, shared_opener: Opener) -> None:
        """With its parameters and tags."""
        run_id = in_killed_process(shared_opener, _create_and_tell)
        with shared_opener() as store:
            assert store.runs.get_run(run_id).params == {"alpha": "0.1", "größe": "三"}


class RunChangeConformance(StoreConformance):
    """Changes of runs as MLflow's clients make them, inputs and outputs, removal. The opener gives the `Stores`."""

    @pytest.fixture
    def run(self, store: Stores) -> RunRecord:
        """A run that is stored."""
        return stored_run(store)

    def test_run_with_everything_comes_back(self, store: Stores) -> None:
        """User, place and a status of another system."""
        given = {"user": "ada", "artifact_uri": "mlflow-artifacts:/ä", "status": RunStatus.SCHEDULED}
        run = stored_run(store, ended_at=sample.moment(5), **given)
        assert store.runs.get_run(run.id) == run

    def test_run_is_changed_whatever_its_status(self, store: Stores, run: RunRecord) -> None:
        """Ended runs are taken up again; what is not given stays."""
        store.runs.finish_run(run.id, RunStatus.FAILED, sample.moment(5))
        again = store.runs.update_run(run.id, status=RunStatus.RUNNING, name="again")
        assert (again.status, again.ended_at, again.name) == (RunStatus.RUNNING, sample.moment(5), "again")
        store.runs.update_run(run.id)
        store.runs.update_run(run.id, ended_at=sample.moment(9))
        assert store.runs.get_run(run.id) == replace(run, name="again", ended_at=sample.moment(9))

    def test_deleted_run_is_hidden_and_cannot_be_changed_until_restored(self, store: Stores, run: RunRecord) -> None:
        """It is still there to be read."""
        store.runs.set_lifecycle(run.id, Lifecycle.DELETED, sample.moment(5))
        store.runs.set_lifecycle(run.id, Lifecycle.DELETED, sample.moment(6))
        deleted = replace(run, lifecycle=Lifecycle.DELETED, deleted_at=sample.moment(5))
        assert (store.runs.get_run(run.id), store.runs.list_runs()) == (deleted, [])
        calls: list[Callable[[], Any]] = [
            lambda: store.runs.put_tags(run.id, {"a": "b"}),
            lambda: store.runs.put_batch(run.id, RunBatch()),
            lambda: store.runs.append_metrics(run.id, []),
            lambda: store.runs.update_run(run.id, name="x"),
            lambda: store.runs.finish_run(run.id, RunStatus.FINISHED, sample.NOON),
        ]
        for call in calls:
            with pytest.raises(StateTransitionError, match="deleted") as caught:
                call()
            assert caught.value.details["lifecycle"] == "deleted"
        store.runs.set_lifecycle(run.id, Lifecycle.ACTIVE, sample.moment(7))
        assert store.runs.get_run(run.id) == run

    def test_experiment_takes_its_runs_with_it_when_it_is_deleted(self, store: Stores, run: RunRecord) -> None:
        """And brings them back; a deleted one takes no new runs."""
        store.experiments.set_lifecycle(run.experiment_id, Lifecycle.DELETED, sample.moment(5))
        assert store.runs.get_run(run.id).lifecycle is Lifecycle.DELETED
        with pytest.raises(StateTransitionError, match="deleted"):
            store.runs.create_run(sample.run(run.experiment_id))
        store.experiments.set_lifecycle(run.experiment_id, Lifecycle.ACTIVE, sample.moment(6))
        assert store.runs.get_run(run.id) == run

    def test_batch_is_written_whole_or_not_at_all(self, store: Stores, run: RunRecord) -> None:
        """A parameter that is refused takes points and tags with it."""
        points = (MetricPoint(key="loss", value=1.0, step=3, at=sample.NOON),)
        with pytest.raises(ConflictError) as caught:
            store.runs.put_batch(run.id, RunBatch(points=points, params={"alpha": "9"}, tags={"neu": "1"}))
        assert caught.value.details == {"key": "alpha", "stored": "0.1", "given": "9"}
        assert store.runs.get_run(run.id) == run
        store.runs.put_batch(run.id, RunBatch(points=points, params={"beta": "9"}, tags={"team": "1"}))
        found = store.runs.get_run(run.id)
        assert (found.params["beta"], found.tags, found.latest) == ("9", {"team": "1"}, {"loss": points[0]})

    def test_tag_is_removed(self, store: Stores, run: RunRecord) -> None:
        """Once."""
        store.runs.delete_tag(run.id, "team")
        assert store.runs.get_run(run.id).tags == {}
        with pytest.raises(NotFoundError, match="team"):
            store.runs.delete_tag(run.id, "team")

    def test_inputs_and_outputs_come_back_in_order(self, store: Stores, run: RunRecord) -> None:
        """What is recorded already stays as it was."""
        first = DatasetInput(name="b", digest="1", source_type="code", source="{}", tags={CONTEXT: "train"})
        second = DatasetInput(name="a", digest="1", source_type="s3", source="{}", schema="{}", profile="{}")
        store.runs.add_inputs(run.id, [first, second], [ModelInput(model_id="m-in")])
        store.runs.add_inputs(run.id, [replace(first, source="other", tags={})], [ModelInput(model_id="m-in")])
        store.runs.add_outputs(run.id, [ModelOutput(model_id="m-2", step=7), ModelOutput(model_id="m-1")])
        links = store.runs.list_links([run.id, _UNKNOWN])
        outputs = (ModelOutput(model_id="m-2", step=7), ModelOutput(model_id="m-1"))
        assert links[run.id] == RunLinks(
            datasets=(first, second), models=(ModelInput(model_id="m-in"),), outputs=outputs
        )
        assert links[_UNKNOWN] == RunLinks()
        assert store.runs.list_links([]) == {}

    def test_experiment_counts_its_active_runs_and_knows_the_latest(self, store: Stores, run: RunRecord) -> None:
        """Deleted runs don't count."""
        empty = store.experiments.create(sample.experiment())
        later = [sample.run(run.experiment_id, started_at=sample.moment(seconds)) for seconds in (30, 60)]
        for each in later:
            store.runs.create_run(each)
        store.runs.set_lifecycle(later[-1].id, Lifecycle.DELETED, sample.moment(90))
        asked = [run.experiment_id, empty.id, ExperimentId("nowhere")]
        assert store.experiments.figures(asked) == {
            run.experiment_id: ExperimentFigures(runs=2, last_run_at=sample.moment(30)),
            empty.id: ExperimentFigures(),
        }

    def test_datasets_of_experiments_are_listed_once_for_every_context(self, store: Stores, run: RunRecord) -> None:
        """Whatever number of runs read them."""
        other = sample.run(run.experiment_id)
        store.runs.create_run(other)
        data = DatasetInput(name="a", digest="1", source_type="code", source="{}", tags={CONTEXT: "train"})
        for each in (run, other):
            store.runs.add_inputs(each.id, [data, replace(data, name="b", tags={})])
        found = store.runs.search_datasets([run.experiment_id, ExperimentId("nowhere")])
        assert [(each.experiment_id, each.name, each.digest, each.context) for each in found] == [
            (run.experiment_id, "a", "1", "train"),
            (run.experiment_id, "b", "1", None),
        ]
        assert store.runs.search_datasets([]) == []

    def test_purged_run_is_gone_with_everything_of_it(self, store: Stores, run: RunRecord) -> None:
        """Others stay; so it is when its experiment is purged."""
        other = sample.run(run.experiment_id)
        store.runs.create_run(other)
        for each in (run, other):
            store.runs.append_metrics(each.id, [MetricPoint(key="a", value=1, step=0, at=sample.NOON, model_id="m")])
            data = DatasetInput(name="a", digest="1", source_type="code", source="{}")
            store.runs.add_inputs(each.id, [data], [ModelInput(model_id="m")])
        store.runs.purge(run.id)
        store.runs.purge(run.id)
        assert [each.id for each in store.runs.list_runs()] == [other.id]
        assert [found_in for found_in, _ in store.metrics.of_models(["m"])["m"]] == [other.id]
        store.experiments.purge(run.experiment_id)
        assert (store.runs.list_runs(), store.metrics.of_models(["m"])) == ([], {"m": []})

    def test_deleted_runs_are_listed_by_the_time_of_deletion(self, store: Stores) -> None:
        """Only those from before a moment."""
        runs = [stored_run(store) for _ in range(4)]
        for run, second in zip(runs, (30, 10, 20), strict=False):
            store.runs.set_lifecycle(run.id, Lifecycle.DELETED, sample.moment(second))
        assert store.runs.list_deleted(sample.moment(30)) == [runs[1].id, runs[2].id]


def stored_run(store: Stores, **changes: Any) -> RunRecord:
    """A run of a new experiment."""
    experiment = store.experiments.create(sample.experiment())
    run = sample.run(experiment.id, **changes)
    store.runs.create_run(run)
    return run


def _create_and_tell(store: Stores, acknowledge: Callable[[Any], None]) -> None:
    acknowledge(stored_run(store).id)
