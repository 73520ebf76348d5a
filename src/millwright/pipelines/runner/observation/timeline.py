"""When the steps of a run were executed, one beside the other, and what they took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.records.pipeline import StepRunRecord, StepStatus, StepUsage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.core.records.pipeline import PipelineRunRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class StepSpan:
    """A step on the time line of its run.

    Attributes:
        record: The step; of a mapped one, the whole.
        start: When it began, as a share of the run's duration, 0 to 1.
        width: How long it took, likewise; `start + width` ≤ 1.
        seconds: How long it took.
        usage: What it took of the machine; of a mapped step, its items together (the largest memory of one).
        items: Of a mapped step, its items; empty for others.
    """

    record: StepRunRecord
    start: float
    width: float
    seconds: float
    usage: StepUsage | None
    items: tuple[StepRunRecord, ...] = ()

    def count(self, status: StepStatus) -> int:
        """How many items have a status."""
        return sum(item.status is status for item in self.items)


def timeline(run: PipelineRunRecord, steps: Sequence[StepRunRecord], *, now: datetime) -> list[StepSpan]:
    """The steps of a run in the order in which they began, items with the step that they are part of.

    Args:
        run: The run.
        steps: Its steps and items, in any order.
        now: Until when those last that have not ended.
    """
    ends = [step.ended_at for step in steps if step.ended_at is not None]
    end = run.ended_at or max([now, *ends])
    # A run that was taken up again has steps of before.
    begin = min([run.started_at, *(step.started_at for step in steps)])
    whole = max((max([end, *ends]) - begin).total_seconds(), 1e-9)
    items: dict[str, list[StepRunRecord]] = {}
    for step in steps:
        if step.part_of:
            items.setdefault(step.part_of, []).append(step)
    spans = []
    for step in sorted((step for step in steps if not step.part_of), key=lambda each: each.started_at):
        last = step.ended_at or end
        seconds = max(0.0, (last - step.started_at).total_seconds())
        start = min(1.0, max(0.0, (step.started_at - begin).total_seconds() / whole))
        mine = tuple(items.get(step.step, ()))
        spans.append(
            StepSpan(
                record=step,
                start=start,
                width=min(1.0 - start, seconds / whole),
                seconds=seconds,
                usage=step.usage or _together(mine),
                items=mine,
            )
        )
    return spans


def total_usage(spans: Sequence[StepSpan]) -> StepUsage | None:
    """What a run took: processor time and cost of all steps, and the largest memory of one; None if none is known."""
    return _sum([span.usage for span in spans if span.usage is not None])


def _together(items: Sequence[StepRunRecord]) -> StepUsage | None:
    return _sum([item.usage for item in items if item.usage is not None])


def _sum(usages: Sequence[StepUsage]) -> StepUsage | None:
    if not usages:
        return None
    costs = [usage.cost for usage in usages if usage.cost is not None]
    return StepUsage(
        cpu_s=sum(usage.cpu_s for usage in usages),
        peak_memory_bytes=max(usage.peak_memory_bytes for usage in usages),
        cost=sum(costs) if costs else None,
    )
