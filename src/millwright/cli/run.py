"""`mw run`: run a pipeline from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError, closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.cli.console import Output
    from millwright.core.records.pipeline import StepRunRecord
    from millwright.pipelines.pipeline import Pipeline
    from millwright.pipelines.runner import PipelineRunResult

_MARKS = {"completed": "[green]✓[/green]", "cached": "[blue]=[/blue]", "failed": "[red]✗[/red]"}


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
        result = workspace.launcher.run(pipeline, params, options)
        print_result(out, result)


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
    """One line per step: mark, name, seconds, and the facts that it noted."""
    mark = _MARKS.get(record.status.value)
    if mark is None:
        return
    seconds = (record.ended_at - record.started_at).total_seconds() if record.ended_at else 0.0
    took = "cached" if record.status.value == "cached" else f"{seconds:.1f} s"
    facts = "  ".join(f"{key}={_short(value)}" for key, value in record.summary.items())
    out.line(f"{mark} [bold]{record.step:<16}[/bold] [dim]{took:>8}[/dim]  {facts[:220].replace('[', chr(92) + '[')}")


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(_short(inner) for inner in value) or "none"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_short(inner)}" for key, inner in value.items()) + "}"
    return str(value)


def print_result(out: Output, result: PipelineRunResult) -> None:
    """The last lines: what was executed, what came of it, what to do next."""
    cached = sum(step.status.value == "cached" for step in result.steps)
    executed = len(result.steps) - cached
    record = result.record
    seconds = (record.ended_at - record.started_at).total_seconds() if record.ended_at else 0.0
    out.line(
        f"[green]Completed[/green] {record.pipeline} in {seconds:.1f} s: "
        f"{executed} step{'s' * (executed != 1)} executed, {cached} cached. Run {record.id[-8:]}."
    )
    trained = [step.step for step in result.steps if step.function.endswith("tune") and step.status.value != "cached"]
    if not trained and any(step.function.endswith("tune") for step in result.steps):
        out.line("No training step was executed: neither data nor code that it depends on changed.")
    out.next(f"mw runs show {record.id[-8:]}")
    out.json({"run": record, "steps": result.steps})


def _show_parameters(pipeline: str) -> None:
    workspace, _ = start()
    with workspace:
        loaded: Pipeline = workspace.launcher.load(pipeline)
        typer.echo(f"\n Parameters of {loaded.name}:\n")
        for line in loaded.describe_parameters():
            typer.echo(f"   {line}")
