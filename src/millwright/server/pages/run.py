"""Pipeline runs: what was executed, with what, giving what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.ids import PipelineRunId
from millwright.core.records.pipeline import StepStatus
from millwright.pipelines.runner.observation.timeline import timeline, total_usage
from millwright.server.api.listing import Name
from millwright.server.injection import FromApp
from millwright.server.pages.element import Code, Link, Page, Section, Several, Table, Timespan, Tone
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import asked, digest, facts, route, run_link, seconds, status, version_link, words
from millwright.steps.training_run import training_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
    from millwright.core.records.run import RunRecord
    from millwright.pipelines.runner.observation.timeline import StepSpan
    from millwright.server.pages.element import Cell

_SHOWN = 200
_TRIALS = 500
_GB = 1_000_000_000
_TONES = {StepStatus.FAILED: Tone.BAD, StepStatus.INTERRUPTED: Tone.WARN, StepStatus.RUNNING: Tone.WARN}
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
    spans = timeline(run, steps, now=services.clock.now())
    sections = [Section(title="Result", text=[run.error] if run.error else [], facts=_facts(run, spans))]
    sections.append(Section(title="Steps", tables=[step_table(run, spans)]))
    failed = [item for span in spans for item in span.items if item.error]
    if failed:
        sections.append(Section(title="Items that failed", tables=[_failed_items(run, failed)]))
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


def step_table(run: PipelineRunRecord, spans: Sequence[StepSpan]) -> Table:
    """Steps along the time of their run, and what they took; columns that would say nothing are left out."""
    has_usage = any(span.usage for span in spans)
    has_cost = any(span.usage is not None and span.usage.cost is not None for span in spans)
    several = any(span.record.attempts > 1 for span in spans)
    headers = ["Step", "Status", "When", *(["CPU seconds", "Memory"] if has_usage else [])]
    headers += [*(["Estimated cost"] if has_cost else []), *(["Tries"] if several else []), "Facts"]
    rows: list[list[Cell]] = []
    for span in spans:
        usage = span.usage
        row: list[Cell] = [_step_cell(run, span), _status_cell(span), _when(span)]
        if has_usage:
            row += [round(usage.cpu_s, 2), _memory(usage.peak_memory_bytes)] if usage else [None, None]
        if has_cost:
            row.append(_cost(usage.cost) if usage and usage.cost is not None else None)
        if several:
            row.append(span.record.attempts)
        rows.append([*row, _noted(span.record)])
    return Table(headers=headers, rows=rows, empty="No step has begun.")


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


def _facts(run: PipelineRunRecord, spans: Sequence[StepSpan]) -> list[tuple[str, Cell]]:
    steps = [span.record for span in spans]
    cached = sum(step.status is StepStatus.CACHED for step in steps)
    made = [version_link(str(step.summary["version"])) for step in steps if "version" in step.summary]
    used = total_usage(spans)
    told: list[tuple[str, Cell]] = [
        ("Started", run.started_at),
        ("Seconds", _took(run)),
        ("Steps", len(steps)),
        ("Of them cached", cached),
    ]
    if made:
        told.append(("Model version", Several(tuple(made))))
    if used is not None:
        told += [("CPU seconds", round(used.cpu_s, 2)), ("Peak memory", _memory(used.peak_memory_bytes))]
        told += [("Estimated cost", _cost(used.cost))] if used.cost is not None else []
    if run.resumes is not None:
        told.append(("Goes on from", run_link(run.resumes)))
    if any(step.log or step.cached_from for step in steps):
        told.append(("Logs", Link("of all steps", route("runs", run.id, "logs"))))
    return told


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


def _step_cell(run: PipelineRunRecord, span: StepSpan) -> Cell:
    """A step's name, which leads to what it printed if it printed something."""
    step = span.record
    if step.log is None and step.cached_from is None and not any(item.log for item in span.items):
        return step.step
    return Link(step.step, asked(route("runs", run.id, "logs"), ("step", step.step)))


def _status_cell(span: StepSpan) -> Cell:
    told: list[Cell] = [status(span.record.status)]
    if failed := span.count(StepStatus.FAILED):
        told.append(f"{failed:,} items failed")
    if span.record.executor != "inline":
        told.append(span.record.executor)
    return Several(tuple(told)) if len(told) > 1 else told[0]


def _when(span: StepSpan) -> Cell:
    step = span.record
    if step.status in {StepStatus.CACHED, StepStatus.SKIPPED}:
        return None
    tone = _TONES.get(step.status, Tone.NEUTRAL)
    return Timespan(span.start, span.width, f"{span.seconds:.2f} s", tone)


def _failed_items(run: PipelineRunRecord, items: Sequence[StepRunRecord]) -> Table:
    rows: list[list[Cell]] = [
        [Link(item.step, asked(route("runs", run.id, "logs"), ("step", item.step))), item.error]
        for item in items[:_SHOWN]
    ]
    return Table(headers=["Item", "Error"], rows=rows)


def _cost(amount: float) -> str:
    """In the currency of the settings; never in powers of ten."""
    return f"{amount:,.2f}" if amount >= 0.1 or not amount else f"{amount:.4f}" if amount >= 0.0001 else "<0.0001"


def _memory(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.2f} GB" if size_bytes >= _GB else f"{size_bytes / 1e6:.0f} MB"


def _took(record: PipelineRunRecord | StepRunRecord) -> float | None:
    return seconds(record.started_at, record.ended_at)
