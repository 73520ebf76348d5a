"""What is seen of a pipeline run in the terminal while it lasts."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from millwright.cli.step_line import print_step
from millwright.core.plain_text import visible
from millwright.core.records.pipeline import StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from rich.console import RenderableType
    from rich.live import Live
    from rich.spinner import Spinner

    from millwright.cli.console import Output
    from millwright.core.progress import ProgressTask
    from millwright.core.records.pipeline import StepRunRecord

_REFRESHES = 10  # a second
_MOST_ROWS = 12  # of steps that are executing; the others are counted
_BAR = 24  # columns
_ENDED = frozenset(StepStatus) - {StepStatus.RUNNING}


@dataclass(kw_only=True, slots=True)
class _Row:
    """A step, or a piece of work of one, that goes on."""

    label: str
    began: float
    total: int | None = None
    done: int = 0
    cached: int = 0
    failed: int = 0
    note: str = ""
    counted: bool = False  # whether it goes forward in pieces


class RunDisplay:
    """A line for each step that has ended, and below them, in a terminal, those that go on: spinner, time, bars.

    Items of a mapped step are counted on the step's line, and an item that failed has a line of its own. What is no
    terminal gets the lines of steps that have ended, and nothing that moves. Thread-safe.

    Args:
        out: Where lines go.
        show: Told of each record, too, before its line is printed: shows what the step printed, for example.
    """

    def __init__(self, out: Output, show: Callable[[StepRunRecord], None] | None = None) -> None:
        self._out = out
        self._show = show
        self._lock = threading.RLock()
        self._rows: dict[object, _Row] = {}
        self._live: Live | None = None
        self._spinner: Spinner | None = None
        self.failed = ""  # the run in which a step failed

    def __enter__(self) -> Self:
        if self._out.is_live:
            from rich.live import Live
            from rich.spinner import Spinner

            self._spinner = Spinner("dots", style="cyan")
            self._live = Live(
                console=self._out.console,
                get_renderable=self._render,
                refresh_per_second=_REFRESHES,
                transient=True,
                redirect_stdout=False,  # what a step prints goes to its log
                redirect_stderr=False,
            )
            self._live.start()
            self._out.progress.shown_by(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._out.progress.shown_by(None)
            self._live.stop()
            self._live = None

    def on_step(self, record: StepRunRecord) -> None:
        """A step or an item has begun or ended."""
        if self._show is not None:
            self._show(record)
        if record.status is StepStatus.FAILED:
            self.failed = record.pipeline_run_id
        with self._lock:
            if record.part_of:
                self._count(record)
            elif record.status in _ENDED:
                self._rows.pop(record.id, None)
                print_step(self._out, record)
            elif self._live is not None:
                self._rows[record.id] = _Row(
                    label=record.step, began=time.monotonic(), total=record.key_parts.get("items")
                )

    @contextmanager
    def task(self, label: str, *, total: int | None = None) -> Iterator[ProgressTask]:
        """See `core.progress.Progress`."""
        key = object()
        with self._lock:
            self._rows[key] = _Row(label=label, began=time.monotonic(), total=total, counted=True)
        try:
            yield _Task(self._rows[key])
        finally:
            with self._lock:
                self._rows.pop(key, None)

    def say(self, message: str) -> None:
        """See `core.progress.Progress`."""
        self._out.line((visible(message), "yellow"))

    def _count(self, record: StepRunRecord) -> None:
        if record.status is StepStatus.FAILED:
            print_step(self._out, record)
        row = next((row for row in self._rows.values() if row.label == record.part_of), None)
        if row is not None and record.status in _ENDED:
            row.counted = True
            row.done += 1
            row.cached += record.status is StepStatus.CACHED
            row.failed += record.status is StepStatus.FAILED

    def _render(self) -> RenderableType:
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            rows = list(self._rows.values())
        now = time.monotonic()
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(min_width=16, no_wrap=True, overflow="ellipsis")
        table.add_column(justify="right", min_width=8, no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        spin: Any = self._spinner.render(now) if self._spinner is not None else ""
        for row in rows[:_MOST_ROWS]:
            table.add_row(spin, Text(visible(row.label), "bold"), Text(_elapsed(now - row.began), "dim"), _forward(row))
        if len(rows) > _MOST_ROWS:
            table.add_row("", Text(f"and {len(rows) - _MOST_ROWS} more", "dim"), "", "")
        return table


class _Task:
    def __init__(self, row: _Row) -> None:
        self._row = row

    def advance(self, amount: int = 1, *, note: str = "") -> None:
        self._row.done += amount
        self._row.note = note or self._row.note


def _forward(row: _Row) -> Any:
    """How far something is: a bar with counts, and what is to be noted."""
    from rich.text import Text

    if not row.counted and row.total is None:
        return Text(visible(row.note), "dim")
    text = Text()
    if row.total:
        filled = min(_BAR, _BAR * row.done // row.total)
        text.append("━" * filled, "cyan")
        text.append("━" * (_BAR - filled), "bright_black")
        text.append(f" {row.done:,}/{row.total:,}")
    else:
        text.append(f"{row.done:,}")
    for count, word, style in ((row.cached, "cached", "blue"), (row.failed, "failed", "red")):
        if count:
            text.append(f" · {count:,} {word}", style)
    if row.note:
        text.append(f"  {visible(row.note)}", "dim")
    return text


def _elapsed(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02} h"
