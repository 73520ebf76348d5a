"""`mw run`: run a pipeline from a file."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.fact import fact_lines
from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.cli.console import Output
    from millwright.core.records.pipeline import StepRunRecord
    from millwright.pipelines.pipeline import Pipeline
    from millwright.pipelines.runner import PipelineRunResult, StepForecast

_MARKS = {"completed": ("✓", "green"), "cached": ("=", "blue"), "failed": ("✗", "red")}
_INDENT = 29  # columns before a step's facts: mark, name, seconds
_PLANS = {True: "cached", False: "will run", None: "depends"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    # The pipeline's own parameters become options, so that --help must wait until the file is known.
    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command("run", context_settings=settings)(run)


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(help="file.py, or file.py:name when the file holds several.")] = "",
    *,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Execute every step, whatever is cached.")] = False,
    force: Annotated[list[str] | None, typer.Option(help="Execute this step even if cached; may be repeated.")] = None,
    until: Annotated[str, typer.Option(help="Stop after this step.")] = "",
    explain: Annotated[
        bool, typer.Option("--explain", help="Say which steps would be executed and why, and execute nothing.")
    ] = False,
    show_help: Annotated[bool, typer.Option("--help", help="Show this, and the options of the pipeline.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a pipeline; the parameters of the pipeline are options: --source data.csv."""
    if show_help or not pipeline:
        typer.echo(context.get_help())
        if pipeline:
            _show_parameters(pipeline)
        raise typer.Exit(0 if show_help else 2)
    workspace, out = start(as_json=as_json)
    with workspace:
        from millwright.pipelines.runner import RunOptions

        loaded = workspace.launcher.load(pipeline)
        params = parse_parameters(context.args, known=loaded.parameter_names)
        options = RunOptions(
            trigger=f"user:{workspace.actor}",
            use_cache=not no_cache,
            force=frozenset(force or ()),
            until=until or None,
            on_step=lambda record: print_step(out, record),
        )
        if explain:
            print_forecast(out, workspace.launcher.explain(pipeline, params, options))
            flags = [*(["--no-cache"] if no_cache else []), *(f"--force={step}" for step in options.force)]
            flags += [f"--until={until}"] if until else []
            out.next(shlex.join(["mw", "run", pipeline, *flags, *context.args]))
            return
        result = workspace.launcher.run(pipeline, params, options)
        print_result(out, result)
        out.json({"run": result.record, "steps": result.steps})


def parse_parameters(words: Sequence[str], *, known: Sequence[str]) -> dict[str, str]:
    """`--name value` and `--name=value` pairs; dashes in names stand for underscores.

    Raises:
        InvalidInputError: A word is no option, an option has no value, or the pipeline has no such parameter.
    """
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            raise InvalidInputError(
                f"Unexpected argument '{word}'.", hint="Parameters of the pipeline are written --name value."
            )
        name, has_value, value = word[2:].partition("=")
        name = name.replace("-", "_")
        if name not in known:
            hint = closest(name, known) or "It has no parameters."
            raise InvalidInputError(f"The pipeline has no parameter '{name}'.", hint=hint)
        if not has_value:
            if not rest or rest[0].startswith("--"):
                raise InvalidInputError(f"Option --{name} has no value.", hint=f"Write --{name} VALUE.")
            value = rest.pop(0)
        found[name] = value
    return found


def print_step(out: Output, record: StepRunRecord) -> None:
    """What became of a step: mark, name, seconds, and the most telling of the facts that it noted."""
    mark = _MARKS.get(record.status.value)
    if mark is None:
        return
    cached = record.status.value == "cached"
    seconds = (record.ended_at - record.started_at).total_seconds() if record.ended_at else 0.0
    took = "cached" if cached else f"{seconds:.1f} s"
    head = f"{mark[0]} {record.step:<16} {took:>8}  "
    # A name that is longer than its column moves the facts to the next line, so that they stand below each other.
    facts = fact_lines(record.summary, max(out.width - _INDENT, 30), most=1 if cached else 3)
    if len(head) > _INDENT:
        facts.insert(0, "")
    out.line(mark, " ", (f"{record.step:<16} ", "bold"), (f"{took:>8}  ", "dim"), *facts[:1])
    for line in facts[1:] if not cached else ():
        out.line(" " * _INDENT + line)


def print_result(out: Output, result: PipelineRunResult, *more: str) -> None:
    """The last lines: what was executed, what came of it, what to do next, and `more` of that."""
    cached = sum(step.status.value == "cached" for step in result.steps)
    executed = len(result.steps) - cached
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
    out.table(["step", "now", "why"], [[step.step, _PLANS[step.cached], step.reason] for step in steps])
    executed = sum(step.cached is not True for step in steps)
    out.line(f"{executed} of {len(steps)} steps would be executed, or may be; nothing was.")
    out.json({"steps": steps})


def _show_parameters(pipeline: str) -> None:
    workspace, _ = start()
    with workspace:
        loaded: Pipeline = workspace.launcher.load(pipeline)
        typer.echo(f"\n Parameters of {loaded.name}:\n")
        for line in loaded.describe_parameters():
            typer.echo(f"   {line}")
