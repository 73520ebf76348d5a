"""Brings one step to its result: from the cache, from another run that computes it, or by having it executed."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from millwright.core.errors import IntegrityError, MillwrightError
from millwright.core.records.pipeline import StepRunRecord, StepStatus
from millwright.pipelines.runner.endings import Endings
from millwright.pipelines.runner.executors.base import Job, Watched
from millwright.pipelines.runner.executors.inline import InlineExecutor
from millwright.pipelines.runner.kept import KeptResults
from millwright.pipelines.runner.pending import Pending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.ids import PipelineRunId
    from millwright.pipelines.graph.node import Link, Node
    from millwright.pipelines.runner.executors.base import Outcome
    from millwright.pipelines.runner.run_parts import RunParts


class Claim(Enum):
    """What became of the wish to compute a result."""

    OURS = "ours"  # it is for us to compute
    THEIRS = "theirs"  # another run computes it, or has what it needs
    SETTLED = "settled"  # it is there


class Coordinator:
    """Looks for the results of one run's steps, and claims to compute those that are not there.

    Args:
        run_id: The run.
        parts: What its steps share.
        done: Finished steps of this very run, which another process began, by name; items of mapped ones, too.

    Attributes:
        kept: Results of earlier executions.
        endings: What becomes of steps that are executed.
    """

    def __init__(self, run_id: PipelineRunId, parts: RunParts, done: Mapping[str, StepRunRecord]) -> None:
        self._run_id = run_id
        self._parts = parts
        self._shelf = parts.shelf
        self._journal = parts.journal
        self.done = dict(done)
        self._computed: set[str] = set()
        self.kept = KeptResults(parts)
        self.endings = Endings(parts, self.kept, self.accept)

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

        The step that has ended is written down in the same transaction. `THEIRS`, too, when that one cannot be.
        """
        self.begin_now(pending)
        try:
            claim = self._claim(pending)
        except MillwrightError:
            # Either step may be to blame; or a run that ends and begins the same two, the other way round, waited for
            # us while we waited for it.
            if not self.endings.waits:
                raise
            return self._claim(pending) if self.endings.write() else Claim.THEIRS
        self.endings.written()
        return claim

    def _claim(self, pending: Pending) -> Claim:
        if not self.kept.may_take(pending):
            self._journal.start(pending.record, lambda: None)
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
