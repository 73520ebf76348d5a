"""Writes down what became of the steps that a run executed."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import MillwrightError
from millwright.core.records.pipeline import PipelineRunStatus, StepRunRecord, ValueRef
from millwright.pipelines.runner.failure import TRANSIENT
from millwright.pipelines.runner.journal import value_edges

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.pipelines.runner.executors.base import Outcome
    from millwright.pipelines.runner.failure import StepFailure
    from millwright.pipelines.runner.kept import KeptResults
    from millwright.pipelines.runner.pending import Pending
    from millwright.pipelines.runner.run_parts import RunParts

logger = logging.getLogger(__name__)


class Endings:
    """How the steps of one run end.

    Args:
        parts: What its steps share.
        kept: Results of earlier executions.
        accept: Takes the result of another execution for a step's.

    Attributes:
        on_trouble: Told of a step whose result cannot be written down, and why.
    """

    def __init__(self, parts: RunParts, kept: KeptResults, accept: Callable[[Pending, StepRunRecord], None]) -> None:
        self._journal, self._leases, self._shelf = parts.journal, parts.leases, parts.shelf
        self._kept, self._accept = kept, accept
        self._waiting: Pending | None = None
        self.on_trouble: Callable[[Pending, Exception], None] = lambda *_: None

    @property
    def waits(self) -> bool:
        """Whether a step has ended that is not written down yet."""
        return self._waiting is not None

    def complete(self, pending: Pending, outcome: Outcome, *, is_ours: bool = False) -> None:
        """Write down a step's result with the beginning of the next step, or when `write` is called.

        Args:
            pending: The step.
            outcome: What came of it.
            is_ours: Whether `KeptResults.are_ours_alone` said so.
        """
        self.write()
        done = pending.recorded(outcome)
        self._shelf.place_new(done.step, done.outputs)
        self._journal.complete(
            done,
            [*value_edges(done, pending.files), *outcome.edges],
            lambda: self._settle(pending, done.outputs, is_ours=is_ours),
            lambda other: self._accept(pending, other),
        )
        self._waiting = pending

    def write(self) -> bool:
        """Write down the step that has ended, unless that was done; False when it could not be, which is told."""
        pending, self._waiting = self._waiting, None
        if pending is not None:
            try:
                self._journal.write_ended()
            except Exception as error:  # noqa: BLE001 - a result that cannot be recorded is a failure
                self.on_trouble(pending, error)
                return False
        return True

    def written(self) -> None:
        """The step that had ended was written down with the beginning of another one."""
        self._waiting = None

    def fail(self, pending: Pending, failure: StepFailure, outcome: Outcome | None = None) -> None:
        """Write down that a step failed, and the run with it."""
        record = pending.recorded(outcome)
        if failure.is_transient:
            record = replace(record, summary={**record.summary, TRANSIENT: True})
        self._end(pending, record, failure.text, PipelineRunStatus.FAILED)

    def fail_late(self, pending: Pending, text: str, outcome: Outcome | None = None) -> None:
        """Write down that a step failed besides the one that the run fails with, or because of it."""
        self._journal.fail_late(pending.recorded(outcome), text)
        self._release(pending)

    def stop(self, pending: Pending, reason: str) -> None:
        """Write down that somebody stopped a step, and the run with it."""
        self._end(pending, pending.record, reason, PipelineRunStatus.CANCELLED)

    def _release(self, pending: Pending) -> None:
        if pending.digest is not None:
            self._leases.release(pending.digest)

    def _end(self, pending: Pending, record: StepRunRecord, text: str, status: PipelineRunStatus) -> None:
        try:
            self._journal.fail(record, text, status=status, release=lambda: self._release(pending))
        except MillwrightError:  # the store is away, too; what went wrong first is what the user needs to know
            logger.exception("The failure of step '%s' could not be recorded", pending.node.name)

    def _settle(self, pending: Pending, outputs: tuple[ValueRef, ...], *, is_ours: bool) -> StepRunRecord | None:
        """Whether somebody else recorded this result while our lease had run out; the lease ends in any case."""
        key = pending.digest
        if key is None or not self._kept.may_take(pending):
            return None
        self._leases.confirm(key)
        found = self._kept.find(pending)
        self._leases.release(key)
        # Clocks are far apart. Who needs our outputs has looked for results by them already: they stay what they are.
        if is_ours and found is not None and found.outputs != outputs:
            return None
        # A result whose artifacts were lost is whole again now that we have stored the same; it is not somebody else's.
        return found if found is not None and found.id not in self._kept.lost else None
