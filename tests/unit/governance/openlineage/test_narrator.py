from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.ids import StepRunId
from millwright.core.records.audit import NodeKind
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from tiny.lineage_specification import check_event
from unit.governance.openlineage.conftest import NOW, begin

if TYPE_CHECKING:
    from millwright.governance.openlineage.narrator import Narrator
    from unit.governance.openlineage.conftest import Chronicle


def told(narrator: Narrator, event: Any) -> list[dict[str, Any]]:
    """What is told, checked against the specification."""
    return [check_event(each.encoded()) for each in narrator.tell(event)]


def test_run_is_told_at_its_start_and_end(chronicle: Chronicle) -> None:
    narrator = chronicle.narrator()
    [start] = told(narrator, chronicle.event("pipeline.started", chronicle.run.id))
    assert (start["eventType"], start["eventTime"]) == ("START", "2026-03-29T02:00:01.500Z")
    assert (start["job"]["namespace"], start["job"]["name"]) == ("mill", "delays")
    assert start["run"]["runId"].replace("-", "") == chronicle.run.id
    assert start["run"]["facets"]["processing_engine"]["name"] == "Millwright"
    assert start["run"]["facets"]["tags"]["tags"][0]["value"] == "user:ada"
    assert "nominalTime" not in start["run"]["facets"]
    assert start["job"]["facets"]["jobType"]["jobType"] == "PIPELINE"
    [end] = told(narrator, chronicle.end(PipelineRunStatus.COMPLETED))
    assert (end["eventType"], end["eventTime"]) == ("COMPLETE", "2026-03-29T02:00:10.500Z")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (PipelineRunStatus.FAILED, "FAIL"),
        (PipelineRunStatus.CANCELLED, "ABORT"),
        (PipelineRunStatus.INTERRUPTED, "ABORT"),
    ],
)
def test_run_that_did_not_end_well_is_told_with_its_reason(
    chronicle: Chronicle, status: PipelineRunStatus, kind: str
) -> None:
    [end] = told(chronicle.narrator(), chronicle.end(status, "no good"))
    assert end["eventType"] == kind
    assert end["run"]["facets"]["errorMessage"]["message"] == "no good"


def test_scheduled_run_is_told_with_the_time_it_was_due(stores, tmp_path) -> None:
    due = begin(stores, tmp_path, trigger="schedule:nightly@2026-03-29T04:00:00+02:00")
    [start] = told(due.narrator(), due.event("pipeline.started", due.run.id))
    assert start["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2026-03-29T02:00:00.000Z"


def test_trigger_that_only_looks_scheduled_has_no_time(stores, tmp_path) -> None:
    odd = begin(stores, tmp_path, trigger="schedule:nightly")
    [start] = told(odd.narrator(), odd.event("pipeline.started", odd.run.id))
    assert "nominalTime" not in start["run"]["facets"]


def test_steps_hand_values_on_under_one_name(chronicle: Chronicle) -> None:
    narrator = chronicle.narrator()
    value = chronicle.value(b"[1]")
    first = chronicle.step("load", StepStatus.COMPLETED, outputs=(value,), attempts=3)
    start, end = told(narrator, chronicle.event("step.completed", first.id))
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["facets"]["parent"]["run"]["runId"].replace("-", "") == chronicle.run.id
    assert start["run"]["facets"]["parent"]["job"] == {"namespace": "mill", "name": "delays"}
    assert end["job"]["name"] == "delays.load"
    [output] = end["outputs"]
    assert (output["namespace"], output["name"]) == ("mill", "delays.load.result")
    assert output["facets"]["version"]["datasetVersion"] == value.digest
    assert output["facets"]["datasetType"]["datasetType"] == "JOB_OUTPUT"
    assert output["outputFacets"]["outputStatistics"]["size"] == 3
    assert {tag["key"]: tag["value"] for tag in end["run"]["facets"]["tags"]["tags"]} == {
        "executor": "inline",
        "attempts": "3",
    }
    second = chronicle.step("fit", inputs={"rows": value})
    [start] = told(narrator, chronicle.event("step.started", second.id))
    assert [each["name"] for each in start["inputs"]] == ["delays.load.result"]
    assert start["outputs"] == []


def test_step_is_started_once_and_then_ended(chronicle: Chronicle) -> None:
    narrator = chronicle.narrator()
    step = chronicle.step("fit")
    assert [each["eventType"] for each in told(narrator, chronicle.event("step.started", step.id))] == ["START"]
    chronicle.step("fit", StepStatus.FAILED, id=step.id, error="ValueError: no")
    [end] = told(narrator, chronicle.event("step.failed", step.id))
    assert (end["eventType"], end["run"]["facets"]["errorMessage"]["message"]) == ("FAIL", "ValueError: no")
    assert end["run"]["facets"]["errorMessage"]["programmingLanguage"] == "PYTHON"


def test_stopped_step_is_aborted(chronicle: Chronicle) -> None:
    step = chronicle.step("fit", StepStatus.INTERRUPTED, error="stopped by the user")
    kinds = [each["eventType"] for each in told(chronicle.narrator(), chronicle.event("step.failed", step.id))]
    assert kinds == ["START", "ABORT"]


def test_skipped_step_is_not_told(chronicle: Chronicle) -> None:
    step = chronicle.step("fit", StepStatus.SKIPPED)
    assert told(chronicle.narrator(), chronicle.event("step.skipped", step.id)) == []


def test_cached_step_tells_of_what_the_first_one_read_and_wrote(chronicle: Chronicle) -> None:
    first = chronicle.step("ingest", StepStatus.COMPLETED)
    chronicle.edge((NodeKind.SOURCE, "visits.csv#abc"), "read", (NodeKind.STEP_RUN, first.id))
    record = chronicle.dataset("visits", first)
    again = chronicle.step("ingest", StepStatus.CACHED, cached_from=first.id)
    _, end = told(chronicle.narrator(), chronicle.event("step.cached", again.id))
    assert [each["name"] for each in end["inputs"]] == [str(chronicle.folder / "visits.csv")]
    assert [each["name"] for each in end["outputs"]] == [str(chronicle.folder / "tables" / record.table_uri)]
    [tag] = end["run"]["facets"]["tags"]["tags"]
    assert (tag["key"], tag["value"].replace("-", "")) == ("cached_from", first.id)


def test_items_of_a_mapped_step_are_runs_of_one_job(chronicle: Chronicle) -> None:
    narrator = chronicle.narrator()
    whole = chronicle.step("fit")
    told(narrator, chronicle.event("step.started", whole.id))
    for number in range(2):
        item = chronicle.step(f"fit[{number}]", StepStatus.COMPLETED, part_of="fit")
        start, _ = told(narrator, chronicle.event("step.completed", item.id))
        assert start["job"]["name"] == "delays.fit.item"
        parent = start["run"]["facets"]["parent"]
        assert (parent["job"]["name"], parent["run"]["runId"].replace("-", "")) == ("delays.fit", whole.id)
        assert parent["root"]["run"]["runId"].replace("-", "") == chronicle.run.id


def test_item_of_a_step_that_nobody_heard_of_belongs_to_the_run(chronicle: Chronicle) -> None:
    item = chronicle.step("fit[0]", StepStatus.COMPLETED, part_of="fit")
    start, _ = told(chronicle.narrator(), chronicle.event("step.completed", item.id))
    assert start["run"]["facets"]["parent"]["job"]["name"] == "delays"


def test_step_after_the_end_of_a_failed_run_is_told(chronicle: Chronicle) -> None:
    narrator = chronicle.narrator()
    told(narrator, chronicle.end(PipelineRunStatus.FAILED, "no"))
    step = chronicle.step("alarm", StepStatus.COMPLETED)
    kinds = [each["eventType"] for each in told(narrator, chronicle.event("step.completed", step.id))]
    assert kinds == ["START", "COMPLETE"]


def test_dead_run_is_told_with_the_steps_that_died_with_it(chronicle: Chronicle) -> None:
    chronicle.step("load", StepStatus.COMPLETED)
    chronicle.step("fit", StepStatus.INTERRUPTED, error="its process ended")
    chronicle.end(PipelineRunStatus.INTERRUPTED, "its process ended")
    events = told(chronicle.narrator(), chronicle.event("pipeline.interrupted", chronicle.run.id))
    assert [(each["job"]["name"], each["eventType"]) for each in events] == [
        ("delays.fit", "ABORT"),
        ("delays", "ABORT"),
    ]


def test_run_inside_another_orchestrators_run_names_it(chronicle: Chronicle) -> None:
    outer = "01a1ff5d-3b7c-7107-86f3-7ebdd868e45c"
    narrator = chronicle.narrator(parent=f"airflow://prod/nightly.mill/{outer}")
    [start] = told(narrator, chronicle.event("pipeline.started", chronicle.run.id))
    parent = start["run"]["facets"]["parent"]
    assert (parent["run"]["runId"], parent["job"]) == (outer, {"namespace": "airflow://prod", "name": "nightly.mill"})
    step = chronicle.step("fit")
    [start] = told(narrator, chronicle.event("step.started", step.id))
    assert start["run"]["facets"]["parent"]["job"]["name"] == "delays"
    assert start["run"]["facets"]["parent"]["root"]["run"]["runId"] == outer


def test_parent_that_names_no_run_is_left_out(chronicle: Chronicle) -> None:
    [start] = told(chronicle.narrator(parent="x//"), chronicle.event("pipeline.started", chronicle.run.id))
    assert "parent" not in start["run"]["facets"]


def test_events_of_other_things_are_not_told(chronicle: Chronicle) -> None:
    narrator = chronicle.narrator()
    assert narrator.tell(chronicle.event("model.promoted", "m@1")) == []
    # News of a run that goes on: neither its start nor its end.
    assert narrator.tell(chronicle.event("pipeline.taken", chronicle.run.id)) == []


def test_event_without_a_record_is_an_error_for_the_listener(chronicle: Chronicle) -> None:
    with pytest.raises(NotFoundError):
        chronicle.narrator().tell(chronicle.event("step.completed", StepRunId("nobody")))


def test_times_are_those_of_the_records(chronicle: Chronicle) -> None:
    step = chronicle.step("fit", StepStatus.COMPLETED)
    start, end = told(chronicle.narrator(), chronicle.event("step.completed", step.id))
    assert (start["eventTime"][17:23], end["eventTime"][17:23]) == ("01.500", "02.500")
    assert NOW.second == 1
