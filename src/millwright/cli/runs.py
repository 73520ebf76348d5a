"""`mw runs`: what was executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli import run_logs, tracked
from millwright.cli.option import AsJson, Limit, start
from millwright.cli.pipeline_run import RunOrLatest, pipeline_run, queued_run
from millwright.cli.queue import print_request
from millwright.cli.step_line import told
from millwright.cli.tracked_run import show_tracked_run
from millwright.core.errors import NotFoundError
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import OPEN_STATES, RunRequest

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
    from millwright.core.records.run import RunRecord
    from millwright.workspace.workspace import Workspace

_RESUMABLE = (PipelineRunStatus.FAILED, PipelineRunStatus.CANCELLED, PipelineRunStatus.INTERRUPTED)

app = typer.Typer(no_args_is_help=True, help="Pipeline runs and their steps; tracked runs.")
tracked.register(app)
run_logs.register(app)


@app.command("list")
def list_runs(
    *,
    pipeline: Annotated[str, typer.Option(help="Only runs of this pipeline.")] = "",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List pipeline runs, newest first."""
    workspace, out = start(as_json=as_json)
    with workspace:
        workspace.close_interrupted()
        records = workspace.stores.pipelines.list_pipeline_runs(pipeline=pipeline or None, limit=limit)
        rows = [
            [run.id[-8:], run.pipeline, run.status.value, run.started_at, _seconds(run), run.trigger] for run in records
        ]
        if records:
            out.table(["run", "pipeline", "status", "started", "seconds", "trigger"], rows)
            out.next(f"mw runs show {records[0].id[-8:]}")
        else:
            out.line(f"No pipeline {f'{pipeline!r} ' if pipeline else ''}has run in this workspace.")
            out.next("mw run pipeline.py", "mw demo")
        out.json(records)


@app.command("show")
def show_run(
    run: Annotated[
        str,
        typer.Argument(
            help="The id of a pipeline run or a tracked run, or its last 8 digits; by default the latest pipeline run."
        ),
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Show a pipeline run with its steps and everything that they noted, a queued run, or a tracked run."""
    from millwright.core.records.pipeline import PipelineRunRecord

    workspace, out = start(as_json=as_json)
    with workspace:
        workspace.close_interrupted()
        found = _find(workspace, run)
        if isinstance(found, PipelineRunRecord):
            _show_pipeline_run(workspace, out, found)
        elif isinstance(found, RunRequest):
            print_request(out, found)
            if found.state in OPEN_STATES:
                out.next("mw worker", f"mw runs cancel {found.id[-8:]}")
            out.json({"request": found})
        else:
            show_tracked_run(workspace, out, found)


def _find(workspace: Workspace, run: str) -> PipelineRunRecord | RunRequest | RunRecord:
    try:
        return pipeline_run(workspace, run)
    except NotFoundError as no_pipeline_run:
        if not run:
            raise
        request = queued_run(workspace, run)
        if request is not None:
            return request
        try:
            return workspace.tracker.resolve(run)
        except NotFoundError as error:
            raise NotFoundError(
                f"{no_pipeline_run.message} {error.message}", hint="List them: mw runs list, or mw runs search."
            ) from error


def _show_pipeline_run(workspace: Workspace, out: Output, record: PipelineRunRecord) -> None:
    from millwright.cli.run_timeline import print_timeline
    from millwright.pipelines.runner.observation.timeline import timeline

    steps = workspace.stores.pipelines.list_step_runs(record.id)
    out.line((record.pipeline, "bold"), f"  {record.status.value}  run {record.id}")
    out.line(f"started {record.started_at:%Y-%m-%d %H:%M:%S} UTC by {record.trigger}; code {record.code.entrypoint}")
    if record.resumes:
        out.line(f"goes on from run {record.resumes[-8:]}")
    if record.error:
        out.line((record.error, "red"))
    if steps and not out.as_json:
        spans = timeline(record, steps, now=workspace.clock.now())
        print_timeline(out, spans, workspace.settings.prices.currency)
        facts = [(span.record, _facts(span.record)) for span in spans]
        facts += [(item, _facts(item)) for span in spans for item in span.items if item.error]
        rows = [[step.step, step.status.value, said] for step, said in facts if said]
        if rows:
            out.table(["step", "status", "facts"], rows)
    versions = [str(step.summary["version"]) for step in steps if "version" in step.summary]
    logged = [f"mw runs logs {record.id[-8:]}"] if any(step.log or step.cached_from for step in steps) else []
    trained = [f"mw runs trials {record.id[-8:]}"] if any(step.function.endswith("tune") for step in steps) else []
    again = [f"mw run {record.code.entrypoint} --resume {record.id[-8:]}"] if record.status in _RESUMABLE else []
    out.next(*(f"mw models show {version}" for version in versions), *logged, *trained, *again)
    out.json({"run": record, "steps": steps})


@app.command("trials")
def list_trials(
    run: RunOrLatest = "",
    *,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List the tracked trials behind a pipeline run: candidates, parameters, cross-validated metrics, durations."""
    from millwright.steps.training_run import training_run

    workspace, out = start(as_json=as_json)
    with workspace:
        record = pipeline_run(workspace, run)
        steps = workspace.stores.pipelines.list_step_runs(record.id)
        parent = training_run(workspace.stores.pipelines, steps, record.tracking_run_id)
        trials = workspace.tracker.list_runs(parent_id=parent, limit=limit) if parent else []
        if not trials:
            out.line(f"Run {record.id[-8:]} trained nothing.")
        names = [
            name for name in ("roc_auc", "accuracy", "log_loss", "rmse", "r2") if any(name in t.metrics for t in trials)
        ]
        rows = [
            [t.name, t.status.value, *(t.metrics.get(name) for name in (*names, "duration_s")), _params(t)]
            for t in trials
        ]
        out.table(["trial", "status", *names, "seconds", "parameters"], rows)
        out.next(f"mw runs show {record.id[-8:]}")
        out.json(trials)


def _params(trial: RunRecord) -> str:
    return ", ".join(f"{name} {value}" for name, value in trial.params.items() if name != "candidate")


def _seconds(record: PipelineRunRecord | StepRunRecord) -> float | None:
    return round((record.ended_at - record.started_at).total_seconds(), 2) if record.ended_at else None


def _facts(step: StepRunRecord) -> str:
    return step.error or "\n".join(told(step, 110, most=None))
