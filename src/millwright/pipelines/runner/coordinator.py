"""Brings one step to its result: from the cache, from another run that computes it, or by having it executed."""

from __future__ import annotations

import logging
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from millwright.core.errors import IntegrityError, MillwrightError
from millwright.core.records.pipeline import PipelineRunStatus, StepRunRecord, StepStatus, ValueRef
from millwright.pipelines.runner.executors.base import Job, Watched
from millwright.pipelines.runner.executors.inline import InlineExecutor
from millwright.pipelines.runner.failure import TRANSIENT
from millwright.pipelines.runner.journal import value_edges
from millwright.pipelines.runner.kept import KeptResults
from millwright.pipelines.runner.pending import Pending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.ids import PipelineRunId
    from millwright.pipelines.graph.node import Link, Node
    from millwright.pipelines.runner.executors.base import Outcome
    from millwright.pipelines.runner.failure import StepFailure
    from millwright.pipelines.runner.run_parts import RunParts

logger = logging.getLogger(__name__)


class Claim(Enum):
    """What became of the wish to compute a result."""

    OURS = "ours"  # it is for us to compute
    THEIRS = "theirs"  # another run computes it, or has what it needs
    SETTLED = "settled"  # it is there


class Coordinator:
    """Looks for the results of one run's steps, and writes down what became of them.

    Args:
        run_id: The run.
        parts: What its steps share.
        done: Finished steps of this very run, which another process began, by name; items of mapped ones, too.

    Attributes:
        ended: The step that `complete_soon` was told of last.
    """

    def __init__(self, run_id: PipelineRunId, parts: RunParts, done: Mapping[str, StepRunRecord]) -> None:
        self._run_id = run_id
        self._parts = parts
        self._shelf = parts.shelf
        self._journal = parts.journal
        self.done = dict(done)
        self._computed: set[str] = set()
        self.ended: Pending | None = None
        self.kept = KeptResults(parts)

    def prepare(self, node: Node) -> Pending | None:
        """Look for a step's result, as far as that is possible without computing it; None when it is settled.

        Raises:
            MillwrightError: Its key cannot be made, or a pinned result is not there any more.
        """
        links = self._shelf.links(node)
        pending = self.pending(node, node.name, links or {})
        reason = self._reason_to_skip(node, has_links=links is not None)
        if reason:
            self._journal.skipped(pending.record, reason)
            return None
        if self._take_recorded(pending):
            return None
        if node.mapped:
            return pending
        self.make_key(pending)
        if self._is_likely_new(pending):
            return pending
        return None if self.take_cached(pending) else pending

    def _is_likely_new(self, pending: Pending) -> bool:
        """Whether a step has a new input, and begins at once: `claim` looks for its result then, which is soon enough.

        Where steps wait for their turn, one whose result is there must not wait along.
        """
        if pending.record.executor != InlineExecutor.name or pending.node.spec.options.limits:
            return False
        return not self._parts.options.resumed and any(link.step in self._computed for link in pending.links.values())

    def pending(self, node: Node, base: str, links: Mapping[str, Link]) -> Pending:
        """A step that is on its way."""
        parts = self._parts
        context = parts.context(self._run_id, node.name)
        record = StepRunRecord(
            id=context.step_run_id,
            pipeline_run_id=self._run_id,
            step=node.name,
            function=node.spec.label,
            status=StepStatus.RUNNING,
            started_at=parts.clock.now(),
            params=node.plain,
            inputs={name: self._shelf.ref(link) for name, link in links.items()},
            part_of=base if base != node.name else "",
            executor=self.executor_name(node),
        )
        return Pending(node=node, base=base, links=links, context=context, record=record)

    def executor_name(self, node: Node) -> str:
        """What executes a step."""
        return node.spec.options.executor or self._parts.options.executor

    def make_key(self, pending: Pending) -> None:
        """Find out what a step's result depends on."""
        node = pending.node
        linked = {name: self._shelf.fetch(link, Any) for name, link in pending.links.items() if _names_file(node, name)}
        inputs = dict(pending.record.inputs)
        for name, link in pending.links.items():
            if link.field:
                kind, digest = self._shelf.identity(link)
                inputs[name] = replace(inputs[name], serializer=kind, digest=digest)
        pending.key = self._parts.keys.key(node, inputs, pending.context, linked)
        self.kept.say_uncached(pending)
        parts = {} if pending.record.part_of else pending.key.parts
        pending.record = replace(pending.record, cache_key=pending.key.digest, key_parts=parts)

    def job(self, pending: Pending) -> Job:
        """The execution of a step."""
        return Job(
            node=pending.node,
            base=pending.base,
            context=pending.context,
            links=pending.links,
            refs=pending.record.inputs,
            files=pending.key.files if pending.key else {},
            is_item=bool(pending.record.part_of),
            watched=self._watched(pending) if pending.digest is not None else None,
        )

    def _watched(self, pending: Pending) -> Watched:
        keys = self._parts.keys
        return Watched(
            modules=keys.modules,
            named=tuple(str(path) for path in keys.named_files(pending.node)),
            ignored=self._parts.ignored,
            strict=self._parts.options.strict,
        )

    def take_cached(self, pending: Pending) -> bool:
        """Take the result of the run that is resumed, or the one that is kept under the step's key, if there is one."""
        found = self.kept.find_resumed(pending)
        if found is not None and found.cache_key != pending.digest:  # it was never cached, and is not from now on
            pending.record = replace(pending.record, cache_key=None)
        found = found or self.kept.find(pending)
        if found is None:
            self.kept.say_repeated(pending)
            return False
        self.accept(pending, found)
        return True

    def accept(self, pending: Pending, source: StepRunRecord) -> None:
        """Take the result of an earlier execution."""
        self._shelf.place(pending.node.name, source.outputs)
        self._journal.cached(pending.record, source)

    def begin_now(self, pending: Pending) -> None:
        """A step that was found to be wanted earlier begins at this moment."""
        pending.record = replace(pending.record, started_at=self._parts.clock.now())

    def claim(self, pending: Pending) -> Claim:
        """Begin computing a result, unless it is there by now or another run computes it.

        The step that has ended is written down in the same transaction; when that fails, neither has happened.
        """
        self.begin_now(pending)
        if not self.kept.may_take(pending):
            self._journal.start(pending.record, lambda: None)
            self.ended = None
            return Claim.OURS
        key, claimed = pending.digest, False

        def take() -> StepRunRecord | None:
            nonlocal claimed
            claimed = self._parts.leases.acquire(key) if key else True
            # Whoever had the lease before may have recorded the result since we looked.
            found = self.kept.find(pending)
            if found is not None and claimed and key:
                self._parts.leases.release(key)
            return found if found is not None or claimed else pending.record

        found = self._journal.start(pending.record, take)
        self.ended = None
        if found is None:
            return Claim.OURS
        if found is not pending.record:
            self.accept(pending, found)
            return Claim.SETTLED
        if not pending.waits:
            pending.waits = True
            name = pending.node.name
            self._parts.progress.say(f"Another run is executing step '{name}'; waiting for its result.")
        return Claim.THEIRS

    def place_new(self, pending: Pending, outcome: Outcome) -> None:
        """A step was executed: those that need its outputs can be prepared."""
        self._shelf.place_new(pending.node.name, outcome.outputs)
        self._computed.add(pending.node.name)

    def complete(self, pending: Pending, outcome: Outcome, *, is_ours: bool = False) -> None:
        """Write down a step's result.

        Args:
            pending: The step.
            outcome: What came of it.
            is_ours: Whether `KeptResults.are_ours_alone` said so.
        """
        self.complete_soon(pending, outcome, is_ours=is_ours)
        self.write_ended()

    def complete_soon(self, pending: Pending, outcome: Outcome, *, is_ours: bool = False) -> None:
        """Like `complete`, together with the beginning of the next step; or when `write_ended` is called."""
        done = pending.recorded(outcome)
        self._shelf.place_new(done.step, done.outputs)
        self._journal.complete_soon(
            done,
            [*value_edges(done, pending.files), *outcome.edges],
            lambda: self._settle(pending, done.outputs, is_ours=is_ours),
            lambda other: self.accept(pending, other),
        )
        self.ended = pending

    def write_ended(self) -> None:
        """Write down the step that has ended, unless that was done; what cannot be written is not tried again."""
        self.ended = None
        self._journal.write_ended()

    def fail(self, pending: Pending, failure: StepFailure, outcome: Outcome | None = None) -> None:
        """Write down that a step failed, and the run with it."""
        record = pending.recorded(outcome)
        if failure.is_transient:
            record = replace(record, summary={**record.summary, TRANSIENT: True})
        self._end(pending, record, failure.text, PipelineRunStatus.FAILED)

    def fail_late(self, pending: Pending, text: str, outcome: Outcome | None = None) -> None:
        """Write down that a step failed besides the one that the run fails with, or because of it."""
        self._journal.fail_late(pending.recorded(outcome), text)
        self.release(pending)

    def stop(self, pending: Pending, reason: str) -> None:
        """Write down that somebody stopped a step, and the run with it."""
        self._end(pending, pending.record, reason, PipelineRunStatus.CANCELLED)

    def release(self, pending: Pending) -> None:
        """Give a lease back."""
        if pending.digest is not None:
            self._parts.leases.release(pending.digest)

    def _end(self, pending: Pending, record: StepRunRecord, text: str, status: PipelineRunStatus) -> None:
        try:
            self._journal.fail(record, text, status=status, release=lambda: self.release(pending))
        except MillwrightError:  # the store is away, too; what went wrong first is what the user needs to know
            logger.exception("The failure of step '%s' could not be recorded", pending.node.name)

    def _settle(self, pending: Pending, outputs: tuple[ValueRef, ...], *, is_ours: bool) -> StepRunRecord | None:
        """Whether somebody else recorded this result while our lease had run out; the lease ends in any case."""
        key = pending.digest
        if key is None or not self.kept.may_take(pending):
            return None
        self._parts.leases.confirm(key)
        found = self.kept.find(pending)
        self._parts.leases.release(key)
        # Clocks are far apart. Who needs our outputs has looked for results by them already: they stay what they are.
        if is_ours and found is not None and found.outputs != outputs:
            return None
        # A result whose artifacts were lost is whole again now that we have stored the same; it is not somebody else's.
        return found if found is not None and found.id not in self.kept.lost else None

    def _reason_to_skip(self, node: Node, *, has_links: bool) -> str:
        for condition in node.conditions:
            if not self._shelf.has(condition.link.step):
                return f"step '{condition.link.step}', on which it depends, was skipped"
            if not condition.holds(self._shelf.fetch(condition.link, Any)):
                return f"the condition does not hold: {condition.describe()}"
        if has_links:
            return ""
        lacking = [link.step for link in node.links.values() if not self._shelf.has(link.step)]
        return f"step '{lacking[0]}', whose output it needs, was skipped"

    def _take_recorded(self, pending: Pending) -> bool:
        """Take a result that is settled whatever the key: of this very run, or a pinned one."""
        name = pending.node.name
        done = self.done.get(name)
        if done is not None and self._shelf.has_all(done.outputs):
            self._shelf.place(name, done.outputs)
            self._journal.known(done)
            return True
        pinned = self._parts.options.pinned.get(name)
        if pinned is None:
            return False
        if not self._shelf.has_all(pinned.outputs):
            raise IntegrityError(
                f"The recorded outputs of step '{pinned.step}' are not in the artifact store any more.",
                hint="Restore the artifacts from a backup, or run the step again without pinning it.",
            )
        pending.record = replace(pending.record, cache_key=pinned.cache_key)
        self.accept(pending, pinned)
        return True


def _names_file(node: Node, link: str) -> bool:
    return node.spec.parameters[link.partition("[")[0]].external
