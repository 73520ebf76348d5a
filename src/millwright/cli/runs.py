"""`mw runs`: what was executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli import run_logs, tracked
from millwright.cli.fact import fact_lines
from millwright.cli.option import AsJson, Limit, start
from millwright.cli.tracked_run import show_tracked_run
from millwright.core.errors import NotFoundError
from millwright.core.ids import PipelineRunId

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
    from millwright.core.records.run import RunRecord
    from millwright.workspace.workspace import Workspace

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
    run: Annotated[str, typer.Argument(help="The id of a pipeline run or a tracked run, or its last 8 digits.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show a pipeline run with its steps and everything that they noted, or a tracked run."""
    from millwright.core.records.pipeline import PipelineRunRecord

    workspace, out = start(as_json=as_json)
    with workspace:
        workspace.close_interrupted()
        found = _find(workspace, run)
        if isinstance(found, PipelineRunRecord):
            _show_pipeline_run(workspace, out, found)
        else:
            show_tracked_run(workspace, out, found)


def _find(workspace: Workspace, run: str) -> PipelineRunRecord | RunRecord:
    try:
        return workspace.stores.pipelines.get_pipeline_run(PipelineRunId(run))
    except NotFoundError as no_pipeline_run:
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
        told = [(span.record, _facts(span.record)) for span in spans]
        told += [(item, _facts(item)) for span in spans for item in span.items if item.error]
        rows = [[step.step, step.status.value, facts] for step, facts in told if facts]
        if rows:
            out.table(["step", "status", "facts"], rows)
    versions = [str(step.summary["version"]) for step in steps if "version" in step.summary]
    logged = [f"mw runs logs {record.id[-8:]}"] if any(step.log or step.cached_from for step in steps) else []
    out.next(*(f"mw models show {version}" for version in versions), *logged, f"mw runs trials {record.id[-8:]}")
    out.json({"run": record, "steps": steps})


@app.command("trials")
def list_trials(
    run: Annotated[str, typer.Argument(help="The run's id, or its last 8 digits.")],
    *,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List the tracked trials behind a pipeline run: candidates, parameters, cross-validated metrics, durations."""
    from millwright.steps.training_run import training_run

    workspace, out = start(as_json=as_json)
    with workspace:
        record = workspace.stores.pipelines.get_pipeline_run(PipelineRunId(run))
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
    return step.error or "\n".join(fact_lines(step.summary, 110, most=None))
