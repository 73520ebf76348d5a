"""`mw run` as a command whose options are partly those of a pipeline: its help, and what the shell may complete."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.pipelines.pipeline import Pipeline

_SKIPPED = {"__pycache__", "node_modules", "site-packages"}


class RunCommand(TyperCommand):
    """Completes the options of the pipeline that stands on the command line, besides its own."""

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """What could come next."""
        from millwright.cli.pipeline_option import completions

        own = super().shell_complete(ctx, incomplete)
        place = ctx.params.get("pipeline") or ""
        if not place:
            return own
        try:
            loaded = _load(place)
            found = completions(loaded.parameters, ctx.args, incomplete, own_options(ctx))
        except Exception:  # noqa: BLE001 - while somebody types, nothing is an error
            return own
        # Typer brings its own Click; which one is that of the command's base.
        library = TyperCommand.__mro__[1].__module__.rpartition(".")[0]
        item = import_module(f"{library}.shell_completion").CompletionItem
        return [*(item(option, help=told) for option, told in found), *own]


def complete_pipeline(incomplete: str) -> list[str]:
    """Files that may hold pipelines, and behind a file's name the pipelines in it."""
    file, colon, name = incomplete.partition(":")
    if colon:
        return [f"{file}:{each}" for each in _names(Path(file)) if each.startswith(name)]
    folder, _, start = incomplete.rpartition("/")
    at = Path(folder) if folder or incomplete.startswith("/") else Path()
    prefix = incomplete[: len(incomplete) - len(start)]
    found = sorted(each for each in at.glob(f"{start}*") if each.name not in _SKIPPED and each.name[:1] != ".")
    return [
        f"{prefix}{each.name}{'/' if each.is_dir() else ''}" for each in found if each.is_dir() or each.suffix == ".py"
    ]


def own_options(context: typer.Context) -> set[str]:
    """The options of the command itself."""
    return {option for each in context.command.params for option in (*each.opts, *each.secondary_opts)}


def show_help(context: typer.Context, place: str) -> None:
    """Print the command's help, and the options of a pipeline.

    Args:
        context: The command's.
        place: `file.py` or `file.py:name`; empty for the command alone.

    Raises:
        MillwrightError: There is no such pipeline, or its file is wrong.
    """
    from millwright.cli.pipeline_option import option_rows

    loaded = _load(place) if place else None
    typer.echo(context.get_help())
    if loaded is not None:
        _print_options(loaded, option_rows(loaded.parameters, own_options(context)))


def _print_options(loaded: Pipeline, rows: Sequence[tuple[str, str, str, str]]) -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column(overflow="fold", max_width=32)
    table.add_column(overflow="fold", max_width=24)
    table.add_column(ratio=1)
    for star, option, kind, told in rows:
        table.add_row(Text(star, "red"), Text(option, "bold cyan"), Text(kind, "bold yellow"), Text(told))
    body = table if rows else Text("It has none.", "dim")
    Console(highlight=False).print(
        Panel(body, title=f"Parameters of {loaded.name}", title_align="left", border_style="dim")
    )


def _load(place: str) -> Pipeline:
    from millwright.pipelines.source import load_pipeline

    return load_pipeline(place)


def _names(file: Path) -> list[str]:
    """The pipelines in a file, found without running it."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return []
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any("pipeline" in ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list)
    ]
