"""One event of ours becomes events of the standard: what our bus says is completed from the stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from millwright.core.ids import Digest, PipelineRunId, StepRunId
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepStatus
from millwright.governance.openlineage.dataset import DataDescriber
from millwright.governance.openlineage.event import Job, Run, RunEvent, present
from millwright.governance.openlineage.facet import (
    ErrorMessageFacet,
    Facet,
    JobRef,
    JobTypeFacet,
    NominalTimeFacet,
    ParentFacet,
    ProcessingEngineFacet,
    RootRef,
    RunRef,
    Tag,
    TagsFacet,
)
from millwright.governance.openlineage.flow import FlowReader
from millwright.governance.openlineage.naming import run_uuid
from millwright.governance.openlineage.origin import code_location, source_code

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.events import Event
    from millwright.core.records.pipeline import StepRunRecord
    from millwright.governance.openlineage.options import OpenLineageOptions
    from millwright.storage.catalog import Stores

_RUN_ENDS = {
    PipelineRunStatus.COMPLETED: "COMPLETE",
    PipelineRunStatus.FAILED: "FAIL",
    PipelineRunStatus.CANCELLED: "ABORT",
    PipelineRunStatus.INTERRUPTED: "ABORT",
}
# A skipped step ran nothing and gave nothing: there is nothing to tell.
_STEP_ENDS = {
    StepStatus.COMPLETED: "COMPLETE",
    StepStatus.CACHED: "COMPLETE",
    StepStatus.FAILED: "FAIL",
    StepStatus.INTERRUPTED: "ABORT",
}
_MOST_STORIES = 100
_SCHEDULED = "schedule:"  # a trigger: `schedule:nightly@2026-03-29T02:00:00+00:00`


@dataclass(kw_only=True, slots=True)
class _Story:
    """A run that is being told.

    Attributes:
        names: What its values are called, by their digest.
        begun: The steps whose start was told.
        mapped: The runs of steps that items are part of, by the steps' names.
    """

    run: PipelineRunRecord
    job_facets: dict[str, Facet]
    names: dict[Digest, str] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    mapped: dict[str, StepRunId] = field(default_factory=dict)


class Narrator:
    """Tells of runs in the standard's words. For one thread.

    Args:
        stores: Where the records are that events name.
        options: Namespace, and what is told.
        tables_url: Where the tables of datasets are.
        bases: Folders where relative paths may begin.
    """

    def __init__(
        self, stores: Stores, options: OpenLineageOptions, *, tables_url: str, bases: tuple[Path, ...]
    ) -> None:
        self._stores, self._options, self._bases = stores, options, bases
        describe = DataDescriber(stores.datasets, tables_url=tables_url, namespace=options.namespace, bases=bases)
        self._flow = FlowReader(stores, describe)
        self._stories: dict[str, _Story] = {}

    def tell(self, event: Event) -> list[RunEvent]:
        """The standard's events for one of ours; none for what is no run of a pipeline or step.

        Raises:
            MillwrightError: The stores cannot be read.
        """
        if event.type.startswith("step."):
            return self._step(event)
        if event.type.startswith("pipeline."):
            return self._pipeline(event)
        return []

    def _pipeline(self, event: Event) -> list[RunEvent]:
        story = self._story(event.subject)
        if event.type == "pipeline.started":
            return [self._of_run(story, "START", event.at, None)]
        record = self._stores.pipelines.get_pipeline_run(PipelineRunId(event.subject))
        end = _RUN_ENDS.get(record.status)
        if end is None:  # not an end: some news on the way
            return []
        # Steps that died with their process, of which nobody could tell.
        told = [
            self._of_step(story, step, "ABORT", record.ended_at or event.at)
            for step in (self._stores.pipelines.list_step_runs(record.id) if event.type.endswith("interrupted") else ())
            if step.status is StepStatus.INTERRUPTED
        ]
        self._stories.pop(event.subject, None)
        return [*told, self._of_run(story, end, record.ended_at or event.at, record.error)]

    def _step(self, event: Event) -> list[RunEvent]:
        step = self._stores.pipelines.get_step_run(StepRunId(event.subject))
        story = self._story(step.pipeline_run_id)
        told = []
        if event.subject not in story.begun:
            story.begun.add(event.subject)
            if not step.part_of:
                story.mapped[step.step] = step.id
            if step.status is not StepStatus.SKIPPED:
                told.append(self._of_step(story, step, "START", step.started_at))
        if event.type == "step.started":
            return told
        end = _STEP_ENDS.get(step.status)
        if end is not None:
            told.append(self._of_step(story, step, end, step.ended_at or event.at))
            for ref in step.outputs:
                story.names.setdefault(ref.digest, f"{_job_name(story.run, step)}.{ref.name}")
        return told

    def _story(self, run_id: str) -> _Story:
        found = self._stories.get(run_id)
        if found is None:
            run = self._stores.pipelines.get_pipeline_run(PipelineRunId(run_id))
            code = source_code(run.code, self._stores.artifacts) if self._options.source_code else None
            facets = present({"sourceCodeLocation": code_location(run.code, self._bases), "sourceCode": code})
            found = self._stories[run_id] = _Story(run=run, job_facets=facets)
            # Steps that are executed because a run has failed come behind its end, and begin its story anew.
            while len(self._stories) > _MOST_STORIES:
                self._stories.pop(next(iter(self._stories)))
            for step in self._stores.pipelines.list_step_runs(run.id):
                for ref in step.outputs:
                    found.names.setdefault(ref.digest, f"{_job_name(run, step)}.{ref.name}")
        return found

    def _of_run(self, story: _Story, kind: str, at: datetime, error: str | None) -> RunEvent:
        run = story.run
        tags = {"trigger": run.trigger, "resumes": run.resumes or ""}
        facets = present(
            {
                "processing_engine": ProcessingEngineFacet(),
                "parent": self._outer(),
                "nominalTime": _nominal_time(run.trigger),
                "errorMessage": _error(error, kind),
                "tags": _tags(tags),
            }
        )
        job_facets = {"jobType": JobTypeFacet(job_type="PIPELINE"), **story.job_facets}
        return RunEvent(
            event_type=kind,
            event_time=_time(at),
            run=Run(run_id=run_uuid(run.id), facets=facets),
            job=Job(namespace=self._options.namespace, name=run.pipeline, facets=job_facets),
        )

    def _of_step(self, story: _Story, step: StepRunRecord, kind: str, at: datetime) -> RunEvent:
        job = _job_name(story.run, step)
        tags = {
            "cached_from": run_uuid(step.cached_from) if step.cached_from else "",
            "executor": step.executor if kind != "START" and step.cached_from is None else "",
            "attempts": str(step.attempts) if step.attempts > 1 else "",
        }
        facets = present(
            {
                "processing_engine": ProcessingEngineFacet(),
                "parent": self._parent(story, step),
                "errorMessage": _error(step.error, kind),
                "tags": _tags(tags),
            }
        )
        # The text of the whole file is told once a run.
        where = {name: facet for name, facet in story.job_facets.items() if name != "sourceCode"}
        flow = self._flow.begun(step, story.names) if kind == "START" else self._flow.ended(step, job, story.names)
        return RunEvent(
            event_type=kind,
            event_time=_time(at),
            run=Run(run_id=run_uuid(step.id), facets=facets),
            job=Job(
                namespace=self._options.namespace,
                name=job,
                facets={"jobType": JobTypeFacet(job_type="STEP"), **where},
            ),
            inputs=flow.inputs,
            outputs=flow.outputs,
        )

    def _parent(self, story: _Story, step: StepRunRecord) -> ParentFacet:
        """The pipeline's run; of an item the run of the mapped step."""
        run, outer = story.run, self._outer()
        ref, job = RunRef(run_id=run_uuid(run.id)), JobRef(namespace=self._options.namespace, name=run.pipeline)
        root = RootRef(run=ref, job=job) if outer is None else outer.root
        if step.part_of and (whole := story.mapped.get(step.part_of)) is not None:
            ref = RunRef(run_id=run_uuid(whole))
            job = JobRef(namespace=self._options.namespace, name=f"{run.pipeline}.{step.part_of}")
        return ParentFacet(run=ref, job=job, root=root)

    def _outer(self) -> ParentFacet | None:
        """The run that ours are part of, such as a task of another orchestrator."""
        parts = self._options.parent.rsplit("/", 2)
        if len(parts) != 3 or not all(parts):
            return None
        namespace, name, run_id = parts
        ref, job = RunRef(run_id=run_uuid(run_id)), JobRef(namespace=namespace, name=name)
        return ParentFacet(run=ref, job=job, root=RootRef(run=ref, job=job))


def _job_name(run: PipelineRunRecord, step: StepRunRecord) -> str:
    """`pipeline.step`; items of a mapped step are runs of one job, `pipeline.step.item`."""
    return f"{run.pipeline}.{step.part_of}.item" if step.part_of else f"{run.pipeline}.{step.step}"


def _nominal_time(trigger: str) -> NominalTimeFacet | None:
    if not trigger.startswith(_SCHEDULED):
        return None
    try:
        due = datetime.fromisoformat(trigger.rpartition("@")[2])
    except ValueError:
        return None
    return NominalTimeFacet(nominal_start_time=_time(due))


def _error(error: str | None, kind: str) -> ErrorMessageFacet | None:
    return ErrorMessageFacet(message=error) if error and kind in {"FAIL", "ABORT"} else None


def _tags(tags: dict[str, str]) -> TagsFacet | None:
    found = tuple(Tag(key=key, value=value) for key, value in tags.items() if value)
    return TagsFacet(tags=found) if found else None


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
