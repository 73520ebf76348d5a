"""Tells those who listen what a run does."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from millwright.core.events import Event
from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord, StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus

logger = logging.getLogger(__name__)


class Telling:
    """Tells of one run and its steps what has been recorded.

    Args:
        clock: The time.
        events: Who listens.
        on_step: Told each step's record.
    """

    def __init__(self, clock: Clock, events: EventBus, on_step: Callable[[StepRunRecord], None] | None) -> None:
        self._clock, self._events, self._on_step = clock, events, on_step

    def step(self, record: StepRunRecord) -> None:
        """A step has begun or ended."""
        kind = "started" if record.status is StepStatus.RUNNING else record.status.value
        data = {"step": record.step, "pipeline_run_id": record.pipeline_run_id, "error": record.error}
        self._emit(f"step.{'failed' if record.status is StepStatus.INTERRUPTED else kind}", record.id, data)
        if self._on_step is not None:
            try:
                self._on_step(record)
            except Exception:  # what has happened has happened, whether it can be shown or not
                logger.exception("Showing step '%s' failed", record.step)

    def run(self, record: PipelineRunRecord | None, kind: str) -> None:
        """The run has begun or ended; nothing of one that has not begun."""
        if record is not None:
            data = {
                "pipeline": record.pipeline,
                "trigger": record.trigger,
                "status": record.status.value,
                "error": record.error,
            }
            self._emit(kind, record.id, data)

    def _emit(self, kind: str, subject: str, data: dict[str, Any]) -> None:
        self._events.emit(Event(type=kind, subject=subject, at=self._clock.now(), data=data))
