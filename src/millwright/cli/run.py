"""`mw run`: run a pipeline from a file."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.given import repeated
from millwright.cli.option import AsJson, start
from millwright.cli.run_command import RunCommand, complete_pipeline, own_options, show_help
from millwright.core.errors import InvalidInputError, MillwrightError, closest
from millwright.core.ids import PipelineRunId

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from millwright.cli.console import Output
    from millwright.core.records.pipeline import StepRunRecord
    from millwright.pipelines.runner import PipelineRunResult, RunOptions, StepForecast
    from millwright.workspace.workspace import Workspace

_PLANS = {True: "cached", False: "will run", None: "depends"}
_SKIPPED = "skipped"


def register(app: typer.Typer) -> None:
    """Add the command."""
    # The pipeline's own parameters become options, so that --help must wait until the file is known.
    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command("run", cls=RunCommand, context_settings=settings)(run)


def run(
    context: typer.Context,
    pipeline: Annotated[
        str,
        typer.Argument(help="file.py, or file.py:name when the file holds several.", autocompletion=complete_pipeline),
    ] = "",
    *,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Execute every step, whatever is cached.")] = False,
    force: Annotated[list[str] | None, typer.Option(help="Execute this step even if cached; may be repeated.")] = None,
    until: Annotated[str, typer.Option(help="Stop after this step.")] = "",
    executor: Annotated[str, typer.Option(help="What executes the steps: inline, processes or ray.")] = "",
    max_parallel: Annotated[
        int | None, typer.Option("--max-parallel", min=1, help="Most steps that are executed at once.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Let a step fail that reads what its cache key does not see.")
    ] = False,
    resume: Annotated[
        str, typer.Option("--resume", metavar="RUN", help="Go on from where this failed run failed.")
    ] = "",
    show_output: Annotated[
        bool, typer.Option("--show-output", help="Show what steps print and log; it is kept in any case.")
    ] = False,
    queue: Annotated[bool, typer.Option("--queue", help="Leave it to a worker, and return at once.")] = False,
    priority: Annotated[int, typer.Option(help="In the queue: higher ones go first.")] = 0,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="In the queue: not before, such as 2026-11-30T02:00 or 90m.")
    ] = "",
    explain: Annotated[
        bool, typer.Option("--explain", help="Say which steps would be executed and why, and execute nothing.")
    ] = False,
    show_parameters: Annotated[
        bool, typer.Option("--help", help="Show this, and the parameters of the pipeline.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a pipeline; the parameters of the pipeline are options: --source data.csv."""
    if show_parameters or not pipeline:
        show_help(context, pipeline)
        raise typer.Exit(0 if show_parameters else 2)
    workspace, out = start(as_json=as_json)
    with workspace:
        from millwright.cli.pipeline_option import parse_parameters
        from millwright.pipelines.runner import RunOptions

        loaded = workspace.launcher.load(pipeline)
        params: dict[str, Any] = parse_parameters(context.args, loaded.parameters, own_options(context))
        failed = workspace.stores.pipelines.get_pipeline_run(PipelineRunId(resume)) if resume else None
        options = RunOptions(
            trigger=f"user:{workspace.actor}",
            use_cache=not no_cache,
            force=frozenset(force or ()),
            until=until or None,
            max_parallel=max_parallel,
            strict=strict,
            resumes=failed.id if failed is not None else None,
        )
        if executor:
            options = replace(options, executor=_executor(executor))
        if explain:
            print_forecast(out, workspace.launcher.explain(pipeline, params, options))
            flags = [*(["--no-cache"] if no_cache else []), *(f"--force={step}" for step in options.force)]
            flags += [*([f"--until={until}"] if until else []), *(["--strict"] if strict else [])]
            flags += [f"--resume={resume}"] if resume else []
            out.next(shlex.join(["mw", "run", pipeline, *flags, *context.args]))
        elif queue or at or priority:
            from millwright.cli.run_queue import Waiting, enqueue

            waiting = Waiting(options=options, at=at, priority=priority)
            enqueue(workspace, out, loaded, workspace.launcher.bind(loaded, params, options), waiting)
        else:
            result = perform(workspace, out, (pipeline, params, options), show_output=show_output)
            print_result(out, result)
            out.json({"run": result.record, "steps": result.steps})


def perform(
    workspace: Workspace, out: Output, run: tuple[str, Mapping[str, Any], RunOptions], *, show_output: bool = False
) -> PipelineRunResult:
    """Run a pipeline, and show how it goes.

    Args:
        workspace: Where.
        out: Where lines go.
        run: The pipeline as `file.py:name`, its parameters, and how it is run.
        show_output: Whether to show what steps print, too.

    Raises:
        MillwrightError: A step or the definition is wrong.
    """
    from millwright.cli.run_display import RunDisplay

    pipeline, params, options = run
    with ExitStack() as stack:
        show: Callable[[StepRunRecord], None] | None = None
        if show_output:
            from millwright.cli.step_output import OutputDisplay, StepOutput
            from millwright.workspace.step_service import live_logs

            output = StepOutput(workspace.stores, live_logs(workspace.folder))
            show = stack.enter_context(
                OutputDisplay(output, lambda step, line: out.line((f"{step} │ ", "dim"), line))
            ).on_step
        display = stack.enter_context(RunDisplay(out, show))
        try:
            return workspace.launcher.run(pipeline, params, replace(options, on_step=display.on_step))
        except MillwrightError as error:
            if display.failed:
                error.details.setdefault("run", display.failed)
                error.hint = f"{error.hint} See: {repeated(f'mw runs logs {display.failed[-8:]}')}".lstrip()
            raise


def _executor(name: str) -> str:
    from millwright.pipelines.step import EXECUTORS

    known = [each for each in EXECUTORS if each]
    if name not in known:
        raise InvalidInputError(f"There is no executor '{name}'.", hint=closest(name, known))
    return name


def print_result(out: Output, result: PipelineRunResult, *more: str) -> None:
    """The last lines: what was executed, what came of it, what to do next, and `more` of that."""
    steps = [step for step in result.steps if not step.part_of and step.status.value != "skipped"]
    cached = sum(step.status.value == "cached" for step in steps)
    executed = len(steps) - cached
    record = result.record
    seconds = (record.ended_at - record.started_at).total_seconds() if record.ended_at else 0.0
    out.line(
        ("Completed", "green"),
        f" {record.pipeline} in {seconds:.1f} s: "
        f"{executed} step{'s' * (executed != 1)} executed, {cached} cached. Run {record.id[-8:]}.",
    )
    trained = [step.step for step in result.steps if step.function.endswith("tune") and step.status.value != "cached"]
    if not trained and any(step.function.endswith("tune") for step in result.steps):
        out.line("No training step was executed: neither data nor code that it depends on changed.")
    versions = [str(step.summary["version"]) for step in result.steps if "version" in step.summary]
    out.next(f"mw runs show {record.id[-8:]}", *(f"mw models show {version}" for version in versions), *more)


def print_forecast(out: Output, steps: Sequence[StepForecast]) -> None:
    """Which steps would be executed and why."""
    plans = [_SKIPPED if step.skipped else _PLANS[step.cached] for step in steps]
    out.table(["step", "now", "why"], [[step.step, plan, step.reason] for step, plan in zip(steps, plans, strict=True)])
    counts = {plan: plans.count(plan) for plan in (*_PLANS.values(), _SKIPPED)}
    more = f", {may_be} more may be" if (may_be := counts[_PLANS[None]]) else ""
    more += f", {counts[_SKIPPED]} would be skipped" if counts[_SKIPPED] else ""
    out.line(f"{counts[_PLANS[False]]} of {len(steps)} steps would be executed{more}; nothing was.")
    out.json({"steps": steps, "counts": {plan.replace(" ", "_"): count for plan, count in counts.items()}})
