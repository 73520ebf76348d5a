"""Pipeline runs: what was executed, with what, giving what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.ids import PipelineRunId
from millwright.core.records.pipeline import StepStatus
from millwright.server.api.listing import Name
from millwright.server.injection import FromApp
from millwright.server.pages.element import Bar, Code, Link, Page, Section, Several, Table, Tone
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import digest, facts, run_link, seconds, status, version_link, words
from millwright.steps.training_run import training_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
    from millwright.core.records.run import RunRecord
    from millwright.server.pages.element import Cell

_SHOWN = 200
_TRIALS = 500
_TRIAL_METRICS = ("roc_auc", "accuracy", "log_loss", "rmse", "r2")


@get("/runs", sync_to_thread=True, include_in_schema=False)
def show_runs(services: FromApp) -> Template:
    """Show pipeline runs, newest first."""
    runs = services.stores.pipelines.list_pipeline_runs(limit=_SHOWN)
    told = [f"The newest {_SHOWN} runs."] if len(runs) == _SHOWN else []
    return show(
        Page(
            title="Runs", place="/runs", sections=[Section(title="Pipeline runs", text=told, tables=[run_table(runs)])]
        )
    )


@get("/runs/{run_id:str}", sync_to_thread=True, include_in_schema=False)
def show_run(services: FromApp, run_id: Name) -> Template:
    """Show a pipeline run: steps with durations and facts, trials, parameters, code."""
    stores = services.stores
    run = stores.pipelines.get_pipeline_run(PipelineRunId(run_id))
    steps = stores.pipelines.list_step_runs(run.id)
    sections = [Section(title="Result", text=[run.error] if run.error else [], facts=_facts(run, steps))]
    sections.append(Section(title="Steps", tables=[step_table(steps)]))
    parent = training_run(stores.pipelines, steps, run.tracking_run_id)
    trials = stores.runs.list_runs(parent_id=parent, limit=_TRIALS) if parent else []
    if trials:
        sections.append(Section(title="Trials", tables=[trial_table(trials)]))
    sections.append(Section(title="Called with", details=_call(run)))
    return show(
        Page(
            title=f"{run.pipeline} run …{run.id[-8:]}",
            place="/runs",
            badges=[status(run.status)],
            subtitle=f"Started by {run.trigger}.",
            trail=[Link("Runs", "/runs")],
            sections=sections,
        )
    )


def run_table(runs: Sequence[PipelineRunRecord]) -> Table:
    """Runs in a table."""
    rows: list[list[Cell]] = [
        [run_link(run.id), run.pipeline, status(run.status), run.started_at, _took(run), run.trigger] for run in runs
    ]
    headers = ["Run", "Pipeline", "Status", "Started", "Seconds", "Started by"]
    return Table(headers=headers, rows=rows, empty="No pipeline has run yet.")


def step_table(steps: Sequence[StepRunRecord]) -> Table:
    """Steps with their durations drawn to the longest."""
    longest = max((_took(step) or 0.0 for step in steps), default=0.0)
    rows: list[list[Cell]] = [
        [step.step, status(step.status), _duration(step, longest), _noted(step)] for step in steps
    ]
    return Table(headers=["Step", "Status", "Duration", "Facts"], rows=rows, empty="No step has begun.")


def trial_table(trials: Sequence[RunRecord]) -> Table:
    """Trials with their cross-validated metrics."""
    names = [name for name in _TRIAL_METRICS if any(name in trial.metrics for trial in trials)]
    rows: list[list[Cell]] = [
        [
            trial.name,
            status(trial.status),
            *(trial.metrics.get(name) for name in names),
            trial.metrics.get("duration_s"),
            ", ".join(f"{name} {value}" for name, value in trial.params.items() if name != "candidate") or None,
        ]
        for trial in trials
    ]
    headers = ["Trial", "Status", *names, "Seconds", "Parameters"]
    return Table(headers=headers, rows=rows, caption="What tuning tried, newest first; metrics are cross-validated.")


def _facts(run: PipelineRunRecord, steps: Sequence[StepRunRecord]) -> list[tuple[str, Cell]]:
    cached = sum(step.status is StepStatus.CACHED for step in steps)
    made = [version_link(str(step.summary["version"])) for step in steps if "version" in step.summary]
    return [
        ("Started", run.started_at),
        ("Seconds", _took(run)),
        ("Steps", len(steps)),
        ("Of them cached", cached),
        ("Model version", Several(tuple(made)) if made else None),
    ]


def _call(run: PipelineRunRecord) -> list[tuple[str, Cell]]:
    code = run.code
    revision = f"{code.git_commit}{', with uncommitted changes' if code.git_dirty else ''}" if code.git_commit else None
    return [
        *((name, words(value)) for name, value in run.params.items()),
        ("Run id", Code(run.id)),
        ("Code", Code(code.entrypoint)),
        ("Sources", digest(code.source_digest)),
        ("Git commit", revision),
    ]


def _noted(step: StepRunRecord) -> Cell:
    if step.error:
        return step.error
    return facts(step.summary)


def _duration(step: StepRunRecord, longest: float) -> Cell:
    took = _took(step)
    if took is None:
        return None
    return Bar(took / longest if longest else 0.0, f"{took:.2f} s", Tone.NEUTRAL)


def _took(record: PipelineRunRecord | StepRunRecord) -> float | None:
    return seconds(record.started_at, record.ended_at)
