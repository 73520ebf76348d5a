from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import ManualClock
from millwright.core.digest import digest_bytes
from millwright.core.errors import ConflictError
from millwright.core.events import EventBus
from millwright.core.ids import PipelineRunId, new_id
from millwright.core.records.audit import NodeKind
from millwright.core.records.code import CodeRecord
from millwright.core.records.pipeline import (
    PipelineRunRecord,
    PipelineRunStatus,
    StepRunRecord,
    StepStatus,
    ValueRef,
)
from millwright.pipelines.runner.external import ExternalFile
from millwright.pipelines.runner.journal import Journal, new_step_run_id, value_edges

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN = PipelineRunRecord(
    id=PipelineRunId(new_id()),
    pipeline="demo",
    status=PipelineRunStatus.RUNNING,
    started_at=NOW,
    code=CodeRecord(entrypoint="x", snapshot=None, source_digest=digest_bytes(b"")),
    owner="host:1:1",
    trigger="user",
)


def step(name: str) -> StepRunRecord:
    return StepRunRecord(
        id=new_step_run_id(),
        pipeline_run_id=RUN.id,
        step=name,
        function=name,
        status=StepStatus.RUNNING,
        started_at=NOW,
    )


def unexpected(other: StepRunRecord) -> None:
    pytest.fail(f"somebody else is said to have recorded {other.step}")


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def journal(stores: Stores, heard: list[str]) -> Journal:
    events = EventBus()
    events.subscribe("*", lambda event: heard.append(event.type))
    made = Journal(stores, ManualClock(NOW), events, None)
    made.begin(RUN)
    return made


def stored(stores: Stores) -> dict[str, str]:
    return {record.step: record.status.value for record in stores.pipelines.list_step_runs(RUN.id)}


def test_cached_steps_are_written_with_the_next_change(journal: Journal, stores: Stores, heard: list[str]) -> None:
    source = replace(step("a"), status=StepStatus.COMPLETED, summary={"rows": 1})
    taken = journal.cached(step("a"), source)
    assert (taken.cached_from, taken.summary) == (source.id, {"rows": 1})
    assert stored(stores) == {}
    journal.start(step("b"), lambda: None)
    assert stored(stores) == {"a": "cached", "b": "running"}
    journal.cached(step("c"), source)
    journal.finish()
    assert stored(stores) == {"a": "cached", "b": "running", "c": "cached"}
    assert heard == ["pipeline.started", "step.cached", "step.started", "step.cached", "pipeline.completed"]
    assert [record.step for record in journal.steps] == ["a", "b", "c"]


def test_disk_is_waited_for_now_and_then_and_at_the_end(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[dict[str, str]] = []
    journal = Journal(stores, ManualClock(NOW), EventBus(), None, lambda: flushed.append(stored(stores)))
    journal.begin(RUN)
    for name in "abc":
        record = step(name)
        journal.start(record, lambda: None)
        if name == "c":
            monkeypatch.setattr("millwright.pipelines.runner.journal._DURABLE_EVERY_S", 0.0)
        journal.complete(record, [], lambda: None, unexpected)
        journal.write_ended()
    # Before c was recorded, whose blobs it names, and before the run's end was.
    assert flushed == [{"a": "completed", "b": "completed", "c": "running"}]
    journal.finish()
    assert flushed[1:] == [{"a": "completed", "b": "completed", "c": "completed"}]


def test_step_whose_result_somebody_else_has_is_not_begun(journal: Journal, stores: Stores) -> None:
    found = step("z")
    assert journal.start(step("a"), lambda: found) is found
    assert stored(stores) == {}


def test_completion_lineage_and_what_settles_are_one_change(journal: Journal, stores: Stores) -> None:
    record = step("a")
    ref = ValueRef(name="result", serializer="json", digest=digest_bytes(b"1"), size_bytes=1)
    done = replace(record, outputs=(ref,))
    journal.start(record, lambda: None)

    def fail() -> None:
        raise ValueError("the lease store is away")

    journal.complete(done, value_edges(done, []), fail, unexpected)
    with pytest.raises(ValueError, match="away"):
        journal.write_ended()
    assert stored(stores) == {"a": "running"}
    assert stores.lineage.upstream(NodeKind.VALUE, ref.digest) == []
    journal.complete(done, value_edges(done, []), lambda: None, unexpected)
    journal.write_ended()
    assert stored(stores) == {"a": "completed"}
    assert [edge.source_id for edge in stores.lineage.upstream(NodeKind.VALUE, ref.digest)] == [record.id]


def test_step_that_has_ended_is_written_with_the_beginning_of_the_next(
    journal: Journal, stores: Stores, heard: list[str]
) -> None:
    first, second = step("a"), step("b")
    journal.start(first, lambda: None)
    journal.complete(first, [], lambda: None, unexpected)
    assert stored(stores) == {"a": "running"}
    seen = []

    def claim() -> None:
        seen.append(stored(stores))

    journal.start(second, claim)
    assert seen == [{"a": "completed"}]
    assert stored(stores) == {"a": "completed", "b": "running"}
    assert heard[-3:] == ["step.started", "step.completed", "step.started"]
    journal.write_ended()  # nothing is left to write
    assert heard[-3:] == ["step.started", "step.completed", "step.started"]


def test_neither_step_is_written_when_the_next_cannot_be_claimed(journal: Journal, stores: Stores) -> None:
    first, second = step("a"), step("b")
    journal.start(first, lambda: None)
    journal.complete(first, [], lambda: None, unexpected)

    def refuse() -> None:
        raise ConflictError("taken")

    with pytest.raises(ConflictError):
        journal.start(second, refuse)
    assert stored(stores) == {"a": "running"}
    journal.write_ended()
    assert stored(stores) == {"a": "completed"}


def test_result_of_somebody_elses_takes_the_place_of_one_that_waits_to_be_written(
    journal: Journal, stores: Stores
) -> None:
    first, other, accepted = step("a"), step("z"), []
    journal.start(first, lambda: None)
    journal.complete(first, [], lambda: other, accepted.append)
    journal.start(step("b"), lambda: None)
    assert accepted == [other]
    assert stored(stores) == {"a": "running", "b": "running"}


def test_result_that_cannot_be_written_is_a_failure_when_the_run_ends(journal: Journal, stores: Stores) -> None:
    def refuse() -> None:
        raise ConflictError("the lease was lost")

    record = step("a")
    journal.start(record, lambda: None)
    journal.complete(record, [], refuse, unexpected)
    journal.abort(PipelineRunStatus.CANCELLED, "stopped by the user")
    (found,) = stores.pipelines.list_step_runs(RUN.id)
    assert (found.status, found.error) == (
        StepStatus.FAILED, "its result could not be recorded: the lease was lost"
    )  # fmt: skip
    assert stores.pipelines.get_pipeline_run(RUN.id).status is PipelineRunStatus.CANCELLED


def test_run_ends_with_what_else_is_to_end_as_one_change(journal: Journal, stores: Stores) -> None:
    def fail() -> None:
        raise ConflictError("away")

    with pytest.raises(ConflictError):
        journal.finish(fail)
    assert stores.pipelines.get_pipeline_run(RUN.id).status is PipelineRunStatus.RUNNING


def test_failure_ends_step_and_run_as_one_change(journal: Journal, stores: Stores, heard: list[str]) -> None:
    record = step("a")
    journal.start(record, lambda: None)
    journal.fail(record, "no luck", status=PipelineRunStatus.FAILED, release=lambda: None)
    run = stores.pipelines.get_pipeline_run(RUN.id)
    assert (run.status, run.error, run.ended_at) == (PipelineRunStatus.FAILED, "Step 'a': no luck", NOW)
    assert heard[-2:] == ["step.failed", "pipeline.failed"]


def test_run_that_ends_between_steps_says_why(journal: Journal, stores: Stores) -> None:
    journal.abort(PipelineRunStatus.CANCELLED, "stopped by the user")
    assert stores.pipelines.get_pipeline_run(RUN.id).error == "stopped by the user"


def test_edges_lead_from_what_was_read_to_what_was_written() -> None:
    one, other = (
        ValueRef(name="result", serializer="json", digest=digest_bytes(text), size_bytes=1) for text in (b"1", b"2")
    )
    record = replace(step("a"), inputs={"x": one, "y": one}, outputs=(other,), ended_at=NOW)
    files = [ExternalFile("a.csv", Path("a.csv"), digest_bytes(b"3")), ExternalFile("s3://x", None, None)]
    edges = value_edges(record, files)
    assert [(edge.source_kind, edge.relation, edge.target_kind) for edge in edges] == [
        (NodeKind.VALUE, "read", NodeKind.STEP_RUN),
        (NodeKind.SOURCE, "read", NodeKind.STEP_RUN),
        (NodeKind.STEP_RUN, "wrote", NodeKind.VALUE),
    ]
    assert edges[1].source_id == f"a.csv#{digest_bytes(b'3')}"


def test_listener_that_fails_does_not_touch_what_happened(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    def show(record: StepRunRecord) -> None:
        raise BrokenPipeError(record.step)

    journal = Journal(stores, ManualClock(NOW), EventBus(), show)
    journal.begin(replace(RUN, id=PipelineRunId(new_id())))
    assert journal.run is not None
    record = replace(step("a"), pipeline_run_id=journal.run.id)
    journal.start(record, lambda: None)
    journal.complete(record, [], lambda: None, unexpected)
    journal.write_ended()
    (stored_record,) = stores.pipelines.list_step_runs(journal.run.id)
    assert stored_record.status is StepStatus.COMPLETED
    assert "Showing step 'a' failed" in caplog.text
