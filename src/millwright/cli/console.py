"""What commands print: lines, tables, progress bars; or JSON."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from millwright.core.progress import ProgressTask


class Output:
    """Where a command's result goes.

    Human output goes to standard output, progress to standard error. With `--json`, standard output holds one JSON
    document and nothing else.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        from rich.console import Console

        self.as_json = as_json
        self._out = Console(highlight=False, soft_wrap=True, quiet=as_json)
        self.progress = TerminalProgress(silent=as_json)

    def line(self, text: str = "") -> None:
        """One line, with Rich markup."""
        self._out.print(text)

    def next(self, *commands: str) -> None:
        """What to type next."""
        for index, command in enumerate(commands):
            self._out.print(f"[dim]{'Next:' if index == 0 else '     '}[/dim] [cyan]{_escaped(command)}[/cyan]")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str = "") -> None:
        """A table; numbers are aligned to the right."""
        from rich.table import Table

        table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold", box=_box())
        for index, column in enumerate(columns):
            numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows if row[index] is not None)
            table.add_column(column, justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(_escaped(cell(value)) for value in row))
        self._out.print(table)

    def json(self, value: Any) -> None:
        """The result as one JSON document; only with `--json`."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n")


def cell(value: Any) -> str:
    """A value as it stands in a table: floats to four digits, times to the second in local time."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def print_error(error: Mapping[str, Any], *, as_json: bool) -> None:
    """One clear line on standard error: what is wrong, then what to do; with `--json` the error shape on output."""
    if as_json:
        sys.stdout.write(json.dumps({"error": error}, indent=2, ensure_ascii=False, default=_plain) + "\n")
        return
    from rich.console import Console

    hint = f" {error['hint']}" if error.get("hint") else ""
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"[bold red]Error:[/bold red] {_escaped(str(error['message']))}[yellow]{_escaped(hint)}[/yellow]"
    )


class TerminalProgress:
    """Bars on standard error; plain lines when it is no terminal, so that logs stay readable."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._live: RichProgress | None = None

    @contextmanager
    def task(self, label: str, *, total: int | None = None) -> Iterator[ProgressTask]:
        """A bar as long as the context lasts."""
        if self._silent or not sys.stderr.isatty():
            yield _Muted()
            return
        live, own = self._live, self._live is None
        if live is None:
            live = self._live = _rich_progress()
            live.start()
        task = live.add_task(label, total=total, note="")
        try:
            yield _Bar(live, task)
        finally:
            live.remove_task(task)
            if own:
                live.stop()
                self._live = None

    def say(self, message: str) -> None:
        """A line above the bars."""
        if self._silent:
            return
        if self._live is not None:
            self._live.console.print(message)
        else:
            sys.stderr.write(message + "\n")


class _Muted:
    def advance(self, amount: int = 1, *, note: str = "") -> None:
        del amount, note


class _Bar:
    def __init__(self, live: RichProgress, task: TaskID) -> None:
        self._live, self._task = live, task

    def advance(self, amount: int = 1, *, note: str = "") -> None:
        if note:
            self._live.update(self._task, advance=amount, note=note)
        else:
            self._live.advance(self._task, amount)


def _rich_progress() -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[note]}"),
        console=Console(stderr=True),
        transient=True,
    )


def _box() -> Any:
    from rich import box

    return box.SIMPLE_HEAD


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    import msgspec

    return msgspec.to_builtins(value, str_keys=True)
