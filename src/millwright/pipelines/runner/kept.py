"""Results of earlier executions that may be taken in place of computing them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.pipelines.runner.freshness import is_fresh
from millwright.pipelines.runner.resumption import why_not_taken
from millwright.pipelines.runner.watch import UNSEEN

if TYPE_CHECKING:
    from millwright.core.ids import StepRunId
    from millwright.core.records.pipeline import StepRunRecord
    from millwright.pipelines.runner.pending import Pending
    from millwright.pipelines.runner.run_parts import RunParts


class KeptResults:
    """Looks for kept results of one run's steps.

    Attributes:
        lost: Results that were found and could not be taken.

    Args:
        parts: What the run's steps share.
    """

    def __init__(self, parts: RunParts) -> None:
        self._parts = parts
        self.lost: set[StepRunId] = set()
        self._said: set[str] = set()
        self._not_taken: dict[str, str] = {}

    def say_uncached(self, pending: Pending) -> None:
        """Say, once for a step and all its items, why it is executed each time though nobody wants that."""
        why, step = pending.key.uncached if pending.key else "", pending.base
        options = self._parts.options
        wanted = step in options.force or step in options.resumed
        if why and options.use_cache and not wanted and step not in self._said:
            self._said.add(step)
            self._parts.progress.say(f"Step '{step}' is executed each time: {why}.")

    def find_resumed(self, pending: Pending) -> StepRunRecord | None:
        """The step as the run that is resumed had finished it, where nothing that it depends on has changed."""
        options, name = self._parts.options, pending.node.name
        recorded = options.resumed.get(name)
        if recorded is None or pending.key is None:
            return None
        self._not_taken[name] = why_not_taken(recorded, pending.key, self._parts.shelf, strict=options.strict)
        return None if self._not_taken[name] else recorded

    def say_repeated(self, pending: Pending) -> None:
        """Say why a step is executed again that the run which is resumed had finished."""
        why = self._not_taken.get(pending.node.name)
        if why:
            self._parts.progress.say(f"Step '{pending.node.name}' is executed again: {why}.")

    def may_take(self, pending: Pending) -> bool:
        """Whether a kept result would be taken at all: the step has a key, and nobody wants it executed anew."""
        options = self._parts.options
        forced = pending.base in options.force or pending.node.name in options.force
        return pending.digest is not None and options.use_cache and not forced

    def are_ours_alone(self, pending: Pending) -> bool:
        """Whether nobody else can have recorded a step's result while it was executed."""
        key = pending.digest
        return key is None or not self.may_take(pending) or self._parts.leases.has_surely(key)

    def find(self, pending: Pending) -> StepRunRecord | None:
        """The result that is kept under a step's key and may be taken."""
        if pending.digest is None or not self.may_take(pending):
            return None
        return self.usable(pending, self._parts.pipelines.find_cached(pending.digest))

    def find_many(self, items: list[Pending]) -> dict[str, StepRunRecord]:
        """The same for the items of a mapped step, by the items' names, with one look at the store."""
        keys = [item.digest for item in items if item.digest and self.may_take(item)]
        found = self._parts.pipelines.find_cached_many(keys) if keys else {}
        kept = {item.node.name: self.usable(item, found.get(item.digest)) for item in items if item.digest}
        return {name: record for name, record in kept.items() if record is not None}

    def usable(self, pending: Pending, found: StepRunRecord | None) -> StepRunRecord | None:
        """A kept result, unless it is too old, its artifacts are gone, or it read what a strict run does not allow."""
        if found is None:
            return None
        if self._parts.options.strict and UNSEEN in found.summary:
            self.lost.add(found.id)
            return None
        ttl_s = pending.node.spec.options.cache_ttl_s
        if is_fresh(found, ttl_s, self._parts.clock.now()) and self._parts.shelf.has_all(found.outputs):
            return found
        self.lost.add(found.id)
        return None
