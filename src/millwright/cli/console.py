"""What commands print: lines, tables, progress bars; or JSON."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from millwright.cli.given import repeated
from millwright.core.plain_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, RenderableType
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from millwright.core.progress import Progress, ProgressTask

_UNBOUNDED_WIDTH = 160  # of tables that go to a file or a pipe
_READING_WIDTH = 100  # of running text, in a file or on a wide screen


class Output:
    """Where a command's result goes.

    Human output goes to standard output, progress to standard error. With `--json`, standard output holds one JSON
    document and nothing else. Texts are never read as Rich markup: file names and people's data may hold brackets.
    Their control characters are written out: what somebody named a run moves no cursor and sets no title.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        from rich.console import Console

        self.as_json = as_json
        # Rich takes 80 columns where there is no terminal; whoever wants another width there sets COLUMNS.
        width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _UNBOUNDED_WIDTH
        # The stream as it is now: while a step executes, the name leads to its log.
        self._out = Console(
            file=sys.stdout, highlight=False, soft_wrap=True, quiet=as_json, markup=False, emoji=False, width=width
        )
        self.progress = TerminalProgress(silent=as_json)

    @property
    def console(self) -> Console:
        """Rich's console on standard output, for what is drawn."""
        return self._out

    @property
    def is_live(self) -> bool:
        """Whether somebody looks on in a terminal where lines can be drawn again."""
        return self._out.is_terminal and not self._out.is_dumb_terminal and not self.as_json

    @property
    def width(self) -> int:
        """Columns that running text takes, at most 100."""
        return min(self._out.width, _READING_WIDTH)

    def line(self, *parts: str | tuple[str, str]) -> None:
        """One line of parts: texts, or pairs of a text and its Rich style."""
        from rich.text import Text

        harmless = ((visible(part), "") if isinstance(part, str) else (visible(part[0]), part[1]) for part in parts)
        self._out.print(Text.assemble(*harmless))

    def items(self, texts: Sequence[str]) -> None:
        """A list of sentences, each wrapped between words behind its dot."""
        for text in texts:
            wrapped = textwrap.wrap(text, self.width - 4, break_long_words=False, break_on_hyphens=False)
            self.line("\n".join(f"  {'·' if row == 0 else ' '} {part}" for row, part in enumerate(wrapped)))

    def done(self, text: str) -> None:
        """What was done."""
        self.line(("✓ ", "green"), text)

    def warn(self, text: str) -> None:
        """What deserves attention, without being an error."""
        self.line(("! ", "yellow"), text)

    def next(self, *commands: str) -> None:
        """What to type next; in the workspace that this call named, too."""
        for index, command in enumerate(commands):
            self.line(("Next: " if index == 0 else "      ", "dim"), (repeated(command), "cyan"))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str = "") -> None:
        """A table; numbers are aligned to the right, and texts are folded between words when it is too wide."""
        from rich import box
        from rich.table import Table

        from millwright.cli.table import column_shape, fitted_widths

        table = Table(title=visible(title) or None, title_justify="left", title_style="bold", header_style="bold")
        table.box, table.padding = box.SIMPLE_HEAD, (0, 1, 0, 0)
        cells = [[visible(cell(value)) for value in row] for row in rows]
        values = [[row[index] for row in rows] for index in range(len(columns))]
        shapes = [
            column_shape(column, [line[index] for line in cells], values[index], first=index == 0)
            for index, column in enumerate(columns)
        ]
        # Two blanks stand behind each column, and one before the first.
        widths = fitted_widths(shapes, self._out.width - 2 * len(columns) - 1)
        for index, column in enumerate(columns):
            numeric = bool(rows) and all(isinstance(value, int | float) for value in values[index] if value is not None)
            justify: Any = "right" if numeric else "left"
            table.add_column(column, justify=justify, overflow="fold", width=widths[index])
        for line in cells:
            table.add_row(*line)
        self._out.print(table)

    def draw(self, thing: RenderableType) -> None:
        """Something that Rich draws, whose texts are harmless."""
        self._out.print(thing)

    def json(self, value: Any) -> None:
        """The result as one JSON document; only with `--json`."""
        if self.as_json:
            sys.stdout.write(json_text(value) + "\n")


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


def json_text(value: Any) -> str:
    """Records, and lists and dictionaries of them, as indented JSON; NaN and infinities become null."""
    import msgspec

    return visible(msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=2).decode())


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def print_error(error: Mapping[str, Any], *, as_json: bool) -> None:
    """One clear line on standard error: what is wrong, then what to do; with `--json` the error shape on output."""
    if as_json:
        sys.stdout.write(json_text({"error": error}) + "\n")
        return
    from rich.console import Console
    from rich.text import Text

    hint = f" {error['hint']}" if error.get("hint") else ""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("Error: ", "bold red"), visible(str(error["message"])), (visible(hint), "yellow")))


class TerminalProgress:
    """Bars on standard error; plain lines when it is no terminal, so that logs stay readable."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._live: RichProgress | None = None
        self._display: Progress | None = None
        self._stream = sys.stderr  # kept: while a step executes, the name leads to its log

    def shown_by(self, display: Progress | None) -> None:
        """Let something that draws in the terminal already show it, until this is called with None."""
        self._display = display

    @contextmanager
    def task(self, label: str, *, total: int | None = None) -> Iterator[ProgressTask]:
        """A bar as long as the context lasts."""
        if self._display is not None:
            with self._display.task(label, total=total) as shown:
                yield shown
            return
        if self._silent or not self._stream.isatty():
            yield _Muted()
            return
        live, own = self._live, self._live is None
        if live is None:
            live = self._live = _rich_progress(self._stream)
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
        if self._display is not None:
            self._display.say(message)
        elif self._live is not None:
            self._live.console.print(visible(message), markup=False, highlight=False)
        else:
            self._stream.write(visible(message) + "\n")


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


def _rich_progress(stream: TextIO) -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", markup=False, style="dim"),
        console=Console(file=stream),
        redirect_stdout=False,
        redirect_stderr=False,
        transient=True,
    )
