"""A step that has ended, as a line."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from millwright.cli.fact import fact_lines
from millwright.core.records.pipeline import StepStatus

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.records.pipeline import StepRunRecord

MARKS = {
    StepStatus.COMPLETED: ("✓", "green"),
    StepStatus.CACHED: ("=", "blue"),
    StepStatus.FAILED: ("✗", "red"),
    StepStatus.SKIPPED: ("-", "dim"),
    StepStatus.INTERRUPTED: ("!", "yellow"),
}
_INDENT = 29  # columns before a step's facts: mark, name, seconds


def print_step(out: Output, record: StepRunRecord) -> None:
    """What became of a step: mark, name, seconds, and the most telling of the facts that it noted."""
    mark = MARKS.get(record.status)
    if mark is None:
        return
    cached = record.status is StepStatus.CACHED
    took = duration(record)
    head = f"{mark[0]} {record.step:<16} {took:>8}  "
    facts = told(record, max(out.width - _INDENT, 30), most=1 if cached else 3)
    if record.attempts > 1:
        facts.insert(0, f"{record.attempts} attempts")
    # A name that is longer than its column moves the facts to the next line, so that they stand below each other.
    if len(head) > _INDENT:
        facts.insert(0, "")
    gap = "  " if any(facts[:1]) else ""
    out.line(mark, " ", (f"{record.step:<16} ", "bold"), (f"{took:>8}{gap}", "dim"), *facts[:1])
    for line in facts[1:] if not cached else ():
        out.line(" " * _INDENT + line)


def told(record: StepRunRecord, width: int, *, most: int | None = 3) -> list[str]:
    """What a step noted, as lines: of one that was skipped the reason alone.

    Args:
        record: The step.
        width: Of a line, in characters.
        most: Lines that one group of facts may take; None for all of them.
    """
    if record.status is StepStatus.SKIPPED and isinstance(reason := record.summary.get("skipped"), str):
        return textwrap.wrap(reason, width)
    facts = dict(record.summary)
    if record.status is StepStatus.CACHED and "items" in facts:
        facts.pop("cached", None)  # how many items were cached when they were gathered
    return fact_lines(facts, width, most=most)


def duration(record: StepRunRecord) -> str:
    """How long a step took, or the word for why it took no time."""
    if record.status in {StepStatus.CACHED, StepStatus.SKIPPED}:
        return record.status.value
    seconds = (record.ended_at - record.started_at).total_seconds() if record.ended_at else 0.0
    return f"{seconds:.1f} s"
