"""Conformance of `PipelineStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError, StateTransitionError
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.storage.base.pipelines import PipelineStore
    from millwright.testing.conformance import Opener

_UNKNOWN = "0" * 32
_ENDS = [status for status in PipelineRunStatus if status is not PipelineRunStatus.RUNNING]


class PipelineStoreConformance(StoreConformance):
    """Pipeline runs, step runs and cached results."""

    @pytest.fixture
    def run(self, store: PipelineStore) -> PipelineRunRecord:
        """A pipeline run that is stored."""
        record = sample.pipeline_run()
        store.create_pipeline_run(record)
        return record

    def test_pipeline_run_comes_back_as_it_was_stored(self, store: PipelineStore, run: PipelineRunRecord) -> None:
        """With every field."""
        assert store.get_pipeline_run(run.id) == run

    def test_pipeline_run_is_refused_when_its_id_is_taken(self, store: PipelineStore, run: PipelineRunRecord) -> None:
        """The first one stays."""
        with pytest.raises(AlreadyExistsError, match=run.id):
            store.create_pipeline_run(replace(run, pipeline="other"))
        assert store.list_pipeline_runs() == [run]

    @pytest.mark.parametrize("part", [slice(None, 20), slice(-6, None), slice(-12, None), slice(None, 31)])
    def test_pipeline_run_is_found_by_the_beginning_or_end_of_its_id(
        self, store: PipelineStore, run: PipelineRunRecord, part: slice
    ) -> None:
        """Six digits are enough if they are the only ones."""
        store.create_pipeline_run(sample.pipeline_run(id=PipelineRunId("f" * 32)))
        assert store.get_pipeline_run(PipelineRunId(run.id[part])) == run

    def test_pipeline_run_is_not_found_by_a_part_that_is_short_or_shared(self, store: PipelineStore) -> None:
        """The message says what to do."""
        for end in ("1", "2"):
            store.create_pipeline_run(sample.pipeline_run(id=PipelineRunId("abcdef" + end * 26)))
        with pytest.raises(NotFoundError, match=r"Several.*Write more"):
            store.get_pipeline_run(PipelineRunId("abcdef"))
        for part in ("abcde", "1" * 5, "", "%bcdef", "zzzzzzzz", _UNKNOWN):
            with pytest.raises(NotFoundError, match="no pipeline run"):
                store.get_pipeline_run(PipelineRunId(part))

    @pytest.mark.parametrize("status", _ENDS)
    def test_pipeline_run_ends_once(
        self, store: PipelineStore, run: PipelineRunRecord, status: PipelineRunStatus
    ) -> None:
        """An update that keeps the status is fine; leaving a final one is not."""
        ended = replace(run, status=status, ended_at=sample.moment(3), error="größer")
        store.update_pipeline_run(replace(run, tracking_run_id=None))
        store.update_pipeline_run(ended)
        for other in PipelineRunStatus:
            if other is not status:
                with pytest.raises(StateTransitionError, match=status.value):
                    store.update_pipeline_run(replace(ended, status=other))
        assert store.get_pipeline_run(run.id) == ended

    def test_run_is_asked_to_stop_while_it_runs(self, store: PipelineStore, run: PipelineRunRecord) -> None:
        """Who asked first is kept, whatever is written of the run; one that has ended is not asked."""
        assert store.cancel_requested(run.id) is None
        for by in ("größe", "bob"):
            assert store.request_cancel(run.id, by=by, at=sample.moment(1))
        store.update_pipeline_run(replace(run, tracking_run_id=None))
        assert store.cancel_requested(run.id) == "größe"
        other = sample.pipeline_run()
        store.create_pipeline_run(other)
        store.update_pipeline_run(replace(other, status=PipelineRunStatus.COMPLETED))
        assert not store.request_cancel(other.id, by="ada", at=sample.moment(1))
        assert store.cancel_requested(other.id) is None
        assert store.cancel_requested(PipelineRunId(_UNKNOWN)) is None

    def test_unknown_run_is_an_error_everywhere(self, store: PipelineStore) -> None:
        """Reading and writing alike."""
        unknown = PipelineRunId(_UNKNOWN)
        calls: list[Callable[[], Any]] = [
            lambda: store.get_pipeline_run(unknown),
            lambda: store.update_pipeline_run(sample.pipeline_run(id=unknown)),
            lambda: store.put_step_run(sample.step_run(unknown)),
            lambda: store.get_step_run(StepRunId(_UNKNOWN)),
            lambda: store.request_cancel(unknown, by="ada", at=sample.NOON),
        ]
        for call in calls:
            with pytest.raises(NotFoundError, match=_UNKNOWN):
                call()
        assert store.list_step_runs(unknown) == []

    def test_pipeline_runs_are_listed_newest_first(self, store: PipelineStore) -> None:
        """Of one pipeline, running only, and limited when asked for."""
        names = ("a", "b", "a")
        runs = [sample.pipeline_run(pipeline=name, started_at=sample.moment(n)) for n, name in enumerate(names)]
        for run in runs:
            store.create_pipeline_run(run)
        ended = replace(runs[2], status=PipelineRunStatus.FAILED)
        store.update_pipeline_run(ended)
        assert store.list_pipeline_runs() == [ended, runs[1], runs[0]]
        assert store.list_pipeline_runs(pipeline="a") == [ended, runs[0]]
        assert store.list_pipeline_runs(running_only=True) == [runs[1], runs[0]]
        assert store.list_pipeline_runs(pipeline="a", running_only=True) == [runs[0]]
        assert store.list_pipeline_runs(limit=1) == [ended]
        assert store.list_pipeline_runs(pipeline="nowhere") == []

    def test_step_run_comes_back_as_it_was_stored(self, store: PipelineStore, run: PipelineRunRecord) -> None:
        """With every field, filled or empty."""
        full = sample.step_run(run.id)
        empty = sample.step_run(
            run.id, cache_key=None, ended_at=None, params={}, inputs={}, outputs=(), summary={}, cached_from=full.id
        )
        for step in (full, empty):
            store.put_step_run(step)
            assert store.get_step_run(step.id) == step

    def test_step_run_is_replaced_by_one_with_its_id(self, store: PipelineStore, run: PipelineRunRecord) -> None:
        """From running to its end, in its place."""
        first = sample.step_run(run.id, status=StepStatus.RUNNING, outputs=())
        second = sample.step_run(run.id, step="second")
        for step in (first, second):
            store.put_step_run(step)
        done = replace(first, status=StepStatus.FAILED, error="größer", cache_key=None)
        store.put_step_run(done)
        assert store.list_step_runs(run.id) == [done, second]

    def test_step_runs_are_listed_in_the_order_they_started(self, store: PipelineStore, run: PipelineRunRecord) -> None:
        """By time, then in the order they came; of that run only."""
        other = sample.pipeline_run()
        store.create_pipeline_run(other)
        store.put_step_run(sample.step_run(other.id))
        steps = [sample.step_run(run.id, started_at=sample.moment(second)) for second in (1, 0, 1, 1)]
        for step in steps:
            store.put_step_run(step)
        assert store.list_step_runs(run.id) == [steps[1], steps[0], steps[2], steps[3]]

    def test_cached_result_is_the_newest_completed_one(self, store: PipelineStore, run: PipelineRunRecord) -> None:
        """Not a hit, a failure or one that runs."""
        key = sample.digest()
        assert store.find_cached(key) is None
        for second, status in enumerate((StepStatus.CACHED, StepStatus.FAILED, StepStatus.RUNNING)):
            store.put_step_run(
                sample.step_run(run.id, cache_key=key, status=status, started_at=sample.moment(second + 9))
            )
        assert store.find_cached(key) is None
        newest = sample.step_run(run.id, cache_key=key, started_at=sample.moment(2))
        store.put_step_run(newest)
        store.put_step_run(sample.step_run(run.id, cache_key=key, started_at=sample.moment(1)))
        store.put_step_run(sample.step_run(run.id, started_at=sample.moment(5)))
        assert store.find_cached(key) == newest

    def test_many_step_runs_are_put_as_one_change(self, store: PipelineStore, run: PipelineRunRecord) -> None:
        """New ones and replaced ones; none when a run is unknown."""
        first = sample.step_run(run.id, status=StepStatus.RUNNING)
        store.put_step_run(first)
        done, new = replace(first, status=StepStatus.FAILED), sample.step_run(run.id, step="second")
        store.put_step_runs([done, new])
        store.put_step_runs([])
        assert store.list_step_runs(run.id) == [done, new]
        with pytest.raises(NotFoundError):
            store.put_step_runs([sample.step_run(run.id), sample.step_run(sample.pipeline_run().id)])
        assert store.list_step_runs(run.id) == [done, new]

    def test_cached_results_of_many_keys_are_the_newest_of_each(
        self, store: PipelineStore, run: PipelineRunRecord
    ) -> None:
        """Of those that have one."""
        keys = [sample.digest() for _ in range(700)]
        steps = [sample.step_run(run.id, cache_key=key, started_at=sample.moment(2)) for key in keys[:699]]
        store.put_step_runs([*steps, sample.step_run(run.id, cache_key=keys[0], started_at=sample.moment(1))])
        store.put_step_run(sample.step_run(run.id, cache_key=keys[699], status=StepStatus.FAILED))
        assert store.find_cached_many(keys) == dict(zip(keys[:699], steps, strict=True))
        assert store.find_cached_many([]) == {}

    def test_step_run_survives_sigkill_once_put(self, shared_opener: Opener) -> None:
        """So that the work need not be done again."""
        key = in_killed_process(shared_opener, _put_step_and_tell)
        with shared_opener() as store:
            assert store.find_cached(key) is not None


def _put_step_and_tell(store: PipelineStore, acknowledge: Callable[[Any], None]) -> None:
    run = sample.pipeline_run()
    store.create_pipeline_run(run)
    step = sample.step_run(run.id)
    store.put_step_run(step)
    acknowledge(step.cache_key)
