"""The time line of a pipeline run, drawn in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.cli.step_line import MARKS
from millwright.core.plain_text import visible
from millwright.core.records.pipeline import StepStatus
from millwright.pipelines.runner.observation.timeline import total_usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.cli.console import Output
    from millwright.pipelines.runner.observation.timeline import StepSpan

_NAME_WIDTH = 28
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_WIDEST = 120  # columns; more of them would only make the bars longer
_STYLES = {
    StepStatus.COMPLETED: "green",
    StepStatus.FAILED: "red",
    StepStatus.INTERRUPTED: "yellow",
    StepStatus.RUNNING: "cyan",
}


def print_timeline(out: Output, spans: Sequence[StepSpan], currency: str) -> None:
    """A row for each step: when it was executed, how long, and what it took.

    Columns that would say nothing (tries when every step had one, cost without prices, the executor when it was
    `inline`) are left out, and the bars take the width that is left.

    Args:
        out: Where it goes.
        spans: The steps.
        currency: Of the costs.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    columns = _columns(spans, currency)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="bold", width=min(out.console.width, _WIDEST))
    table.add_column("step", max_width=_NAME_WIDTH, overflow="fold", no_wrap=False)
    table.add_column("when", ratio=1, min_width=10, no_wrap=True)
    for name, cells in columns:
        is_text = not any(cell[:1].isdigit() or cell[:1] == "<" for cell in cells)
        table.add_column(name, justify="left" if is_text else "right", no_wrap=True)
    for index, span in enumerate(spans):
        mark, style = MARKS.get(span.record.status, ("…", "cyan"))
        label = Text.assemble((f"{mark} ", style), visible(span.record.step))
        table.add_row(label, SpanBar(span), *(Text(cells[index]) for _, cells in columns))
    out.draw(table)
    total = total_usage(spans)
    if total is not None and len(spans) > 1:
        cost = "" if total.cost is None else f", estimated cost {money(total.cost)} {currency}"
        out.line(f"In all {total.cpu_s:.2f} CPU s, peak memory {memory(total.peak_memory_bytes)}{cost}.")


class SpanBar:
    """A bar that stands where the step was executed, as wide as its cell allows; to an eighth of a column."""

    def __init__(self, span: StepSpan) -> None:
        self._span = span

    def __rich_console__(self, console: Any, options: Any) -> Any:
        from rich.segment import Segment
        from rich.style import Style

        del console
        span, width = self._span, options.max_width
        style = Style.parse(_STYLES.get(span.record.status, "blue"))
        if span.record.status in {StepStatus.CACHED, StepStatus.SKIPPED}:
            at = min(width - 1, int(span.start * width))
            yield Segment(f"{' ' * at}·{' ' * (width - at - 1)}", style)
            return
        text = bar_text(span.start, span.width, width)
        yield Segment(text, style)


def bar_text(start: float, share: float, width: int) -> str:
    """A bar in a line of so many columns: full blocks, and a part of one at its end; never empty.

    Args:
        start: Where it begins, 0 to 1.
        share: How long it is, 0 to 1.
        width: Columns, at least 1.
    """
    first = min(width - 1, int(start * width))
    eighths = min(round(share * width * 8), (width - first) * 8)
    full, rest = divmod(max(1, eighths), 8)
    bar = f"{' ' * first}{'█' * full}{_EIGHTHS[rest] if rest else ''}"
    return f"{bar:<{width}}"


def memory(size_bytes: float) -> str:
    """Bytes for people: `1.2 GB`, `340 MB`."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= factor:
            amount = size_bytes / factor
            return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:.0f} {unit}"
    return f"{size_bytes:.0f} B"


def money(amount: float) -> str:
    """An amount with two decimals, or four when it is less than ten cents."""
    if amount >= 0.1 or not amount:
        return f"{amount:,.2f}"
    return f"{amount:.4f}" if amount >= 0.0001 else "<0.0001"


def _columns(spans: Sequence[StepSpan], currency: str) -> list[tuple[str, list[str]]]:
    columns = [("seconds", [_seconds(span) for span in spans])]
    usages = [span.usage for span in spans]
    if any(span.items for span in spans):
        columns.append(("items", [_items(span) for span in spans]))
    if any(usages):
        columns.append(("CPU s", [f"{usage.cpu_s:.2f}" if usage else "" for usage in usages]))
        columns.append(("memory", [memory(usage.peak_memory_bytes) if usage else "" for usage in usages]))
    if any(usage is not None and usage.cost is not None for usage in usages):
        costs = [money(usage.cost) if usage and usage.cost is not None else "" for usage in usages]
        columns.append((currency, costs))
    if any(span.record.attempts > 1 for span in spans):
        columns.append(("tries", [str(span.record.attempts) for span in spans]))
    if any(span.record.executor != "inline" for span in spans):
        columns.append(("where", [span.record.executor for span in spans]))
    return columns


def _seconds(span: StepSpan) -> str:
    status = span.record.status
    return status.value if status in {StepStatus.CACHED, StepStatus.SKIPPED} else f"{span.seconds:.2f}"


def _items(span: StepSpan) -> str:
    if not span.items:
        return ""
    cached, failed = span.count(StepStatus.CACHED), span.count(StepStatus.FAILED)
    told = [*([f"{cached:,} ="] if cached else []), *([f"{failed:,} ✗"] if failed else [])]
    return f"{len(span.items):,} ({', '.join(told)})" if told else f"{len(span.items):,}"
