"""`mw graph`: draw a pipeline before anything runs."""

from __future__ import annotations

import os
import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.file import write_file
from millwright.cli.option import AsJson, start
from millwright.cli.run_command import own_options
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.pipelines.graph.drawing import Sketch

_PAPER_WIDTH = 80  # columns where there is no terminal


class DrawingFormat(StrEnum):
    """What a graph is drawn as."""

    TERMINAL = "terminal"
    SVG = "svg"
    MERMAID = "mermaid"
    JSON = "json"


_BY_SUFFIX = {
    ".svg": DrawingFormat.SVG,
    ".mmd": DrawingFormat.MERMAID,
    ".md": DrawingFormat.MERMAID,
    ".json": DrawingFormat.JSON,
    ".txt": DrawingFormat.TERMINAL,
    "": DrawingFormat.TERMINAL,
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    # The pipeline's own parameters are options, as they are of `mw run`.
    app.command("graph", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(graph)


def graph(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(help="file.py, or file.py:name when the file holds several.")],
    *,
    format_: Annotated[
        DrawingFormat | None,
        typer.Option("--format", help="What to draw; by default what the name of the output says, else terminal."),
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="Write to this file, such as graph.svg.")] = "",
    as_json: AsJson = False,
) -> None:
    """Draw the steps of a pipeline and what they hand on; nothing is executed.

    The parameters of the pipeline are options: --source data.csv.
    """
    workspace, out = start(as_json=as_json)
    with workspace:
        from millwright.cli.pipeline_option import parse_parameters
        from millwright.pipelines.graph.drawing import document, sketch

        loaded = workspace.launcher.load(pipeline)
        params = parse_parameters(context.args, loaded.parameters, own_options(context))
        built = loaded.bind(params, types=workspace.runner.types)
        chosen = format_ or _named(output)
        found = document(built)
        drawn = sketch(built)
        text = "" if chosen is DrawingFormat.TERMINAL and not output else _text(chosen, drawn, found)
        if output:
            write_file(output, text.encode("utf-8", "replace"))
            out.done(f"Drew {len(built.nodes)} steps of {built.pipeline} to {output}.")
            out.next(shlex.join(["mw", "run", pipeline, *context.args]))
        elif text and not as_json:
            sys.stdout.write(text)
        elif not text:
            _print(out, drawn)
        out.json(found)


def _named(output: str) -> DrawingFormat:
    """The format that a file's name says."""
    suffix = Path(output).suffix.lower()
    if suffix not in _BY_SUFFIX:
        known = ", ".join(each for each in _BY_SUFFIX if each)
        raise InvalidInputError(
            f"A drawing is not written as '{suffix}', as '{output}' asks.", hint=f"Use {known}, or say --format."
        )
    return _BY_SUFFIX[suffix]


def _text(chosen: DrawingFormat, drawn: Sketch, found: object) -> str:
    """The drawing as it goes to a file or a pipe."""
    from millwright.cli.console import json_text
    from millwright.pipelines.graph.drawing import mermaid, svg, terminal

    if chosen is DrawingFormat.SVG:
        return svg(drawn)
    if chosen is DrawingFormat.MERMAID:
        return mermaid(drawn)
    if chosen is DrawingFormat.JSON:
        return json_text(found) + "\n"
    rows = terminal(drawn, _PAPER_WIDTH)
    return "".join("".join(part for part, _ in row).rstrip() + "\n" for row in rows)


def _print(out: Output, drawn: Sketch) -> None:
    from millwright.pipelines.graph.drawing import terminal

    has_width = sys.stdout.isatty() or "COLUMNS" in os.environ
    for row in terminal(drawn, out.width if has_width else _PAPER_WIDTH):
        out.line(*row)
