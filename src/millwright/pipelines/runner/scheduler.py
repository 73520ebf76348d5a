"""Decides which step comes next, and waits for those that are executing."""

from __future__ import annotations

import heapq
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from millwright.pipelines.runner.attempt import wait_before
from millwright.pipelines.runner.attempt_log import AttemptLog
from millwright.pipelines.runner.coordinator import Claim
from millwright.pipelines.runner.executors.base import Outcome
from millwright.pipelines.runner.failure import StepFailure
from millwright.pipelines.runner.mapped import MappedStep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.pipelines.graph.node import Node
    from millwright.pipelines.runner.cancellation import Cancellation
    from millwright.pipelines.runner.coordinator import Coordinator
    from millwright.pipelines.runner.executors.base import Executor, Job
    from millwright.pipelines.runner.limits import Limits
    from millwright.pipelines.runner.pending import Pending
    from millwright.pipelines.runner.run_parts import RunParts

_POLL_S = 0.02  # another run's lease, a resource that is taken
_LONGEST_POLL_S = 0.5
_MANY = 1 << 30


class Scheduler:
    """Has the steps of one run executed, each as soon as those that it needs have ended.

    After a failure nothing new begins; what is executing ends and is kept.

    Args:
        nodes: The steps, each after those that it needs.
        coordinator: Finds and records results.
        parts: What the steps share.
        executors: Gives the executor of a name.
        limits: Resources that several steps share.
        cancellation: Tells whether the run is to be stopped.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        coordinator: Coordinator,
        parts: RunParts,
        *,
        executors: Callable[[str], Executor],
        limits: Limits,
        cancellation: Cancellation,
    ) -> None:
        self._coordinator, self._endings, self._parts = coordinator, coordinator.endings, parts
        self._endings.on_trouble = self._note
        self._executors, self._limits, self._cancellation = executors, limits, cancellation
        self._nodes = {node.name: node for node in nodes}
        self._order = {name: (-node.spec.options.priority, at) for at, (name, node) in enumerate(self._nodes.items())}
        self._lacking = {node.name: {name for name in node.needs if name in self._nodes} for node in nodes}
        self._dependents: dict[str, list[str]] = defaultdict(list)
        for name, needs in self._lacking.items():
            for need in needs:
                self._dependents[need].append(name)
        self._ready = [(self._order[name], name) for name, needs in self._lacking.items() if not needs]
        heapq.heapify(self._ready)
        self._prepared: list[tuple[tuple[int, int], int, Pending]] = []
        self._later: list[Pending] = []
        self._running: dict[Job, Pending] = {}
        self._used: dict[Executor, list[Node]] = defaultdict(list)
        self._mapped: dict[str, MappedStep] = {}
        self._attempts = AttemptLog(parts.shelf.artifacts, parts.services)
        self._failed: tuple[Pending, StepFailure, Outcome | None] | None = None
        self._number = 0
        self._said: set[str] = set()
        given = [most for most in (parts.options.max_parallel, parts.graph.max_parallel) if most]
        self._most = min(given, default=_MANY)

    @property
    def failed(self) -> tuple[Pending, StepFailure] | None:
        """The step that failed, and how."""
        return self._failed and self._failed[:2]

    def run(self) -> None:
        """Bring every step to its end, or to the first failure, which is recorded.

        Raises:
            KeyboardInterrupt: The run was stopped; so do other exceptions that are no errors. It is recorded.
        """
        try:
            while self._ready or self._prepared or self._later or self._running:
                self._cancellation.check()
                if self._failed is None:
                    self._prepare_ready()
                    self._start_prepared()
                elif not self._running:
                    break
                self._endings.write()
                self._collect()
            self._endings.write()
        except BaseException as error:
            self._stop(error)
            raise
        if self._failed is not None:
            pending, failure, outcome = self._failed
            for mapped in self._begun():
                mapped.flush()
            for other in [*(mapped.pending for mapped in self._begun()), *self._waiting_again()]:
                if other is not pending:
                    self._endings.fail_late(other, f"step '{pending.node.name}' failed: {failure.text}")
            self._endings.fail(pending, failure, outcome)

    def _prepare_ready(self) -> None:
        """Look for the results of steps that could begin."""
        while self._ready and self._failed is None:
            node = self._nodes[heapq.heappop(self._ready)[1]]
            pending: Pending | None = None
            try:
                pending = self._coordinator.prepare(node)
                if pending is None:
                    self._settled(node.name)
                elif node.mapped:
                    self._spread(MappedStep(pending, self._coordinator, self._parts))
                else:
                    self._push(pending)
            except Exception as error:  # noqa: BLE001 - what keeps a step from starting is its failure
                self._note(pending or self._coordinator.pending(node, node.name, {}), error)

    def _spread(self, mapped: MappedStep) -> None:
        """Begin a mapped step."""
        pending = mapped.pending
        if self._coordinator.take_cached(pending):
            self._settled(pending.base)
            return
        self._mapped[pending.base] = mapped
        self._push(pending)

    def _push(self, pending: Pending) -> None:
        self._number += 1
        heapq.heappush(self._prepared, (self._order[pending.base], self._number, pending))

    def _start_prepared(self) -> None:
        """Begin as many steps as there is room for."""
        now = time.monotonic()
        for pending in [each for each in self._later if each.due <= now]:
            self._later.remove(pending)
            self._push(pending)
        waiting = []
        while self._prepared and self._failed is None and len(self._running) < self._most:
            entry = heapq.heappop(self._prepared)
            pending = entry[2]
            try:
                if not self._start(pending):
                    waiting.append(entry)
                    if len(self._used) == 1:  # there is one executor, and it is full
                        break
            except Exception as error:  # noqa: BLE001 - as above
                self._note(pending, error)
        for entry in waiting:
            heapq.heappush(self._prepared, entry)

    def _start(self, pending: Pending) -> bool:
        """Begin a step; False when there is no room for it."""
        executor = self._executors(pending.record.executor)
        if not executor.takes(pending.node, self._used[executor]):
            return False
        if pending.node.mapped:
            self._start_mapped(pending)
            return True
        if not self._limits.take(pending.node, pending.record.id):
            self._wait(pending)
            return True
        if pending.attempts == 0 and not pending.record.part_of:
            claim = self._coordinator.claim(pending)
            if claim is not Claim.OURS:
                self._limits.give_back(pending.record.id)
                if claim is Claim.THEIRS:
                    self._wait(pending)
                else:
                    self._settled(pending.base)
                return True
        pending.attempts += 1
        if pending.record.part_of:
            self._coordinator.begin_now(pending)
        if not self._endings.write():
            self._wait(pending)
            return True
        job = self._coordinator.job(pending)
        self._running[job] = pending
        self._used[executor].append(pending.node)
        try:
            executor.submit(job)
        except Exception:
            del self._running[job]
            self._used[executor].remove(pending.node)
            raise
        return True

    def _start_mapped(self, pending: Pending) -> None:
        mapped = self._mapped[pending.base]
        claim = Claim.OURS if mapped.has_begun else self._coordinator.claim(pending)
        if claim is Claim.SETTLED:
            del self._mapped[pending.base]
            self._settled(pending.base)
            return
        if claim is Claim.OURS:
            mapped.has_begun = True
            for item in mapped.to_execute():
                self._push(item)
        if claim is Claim.THEIRS or mapped.waits:
            self._wait(pending)
        else:
            self._finish_mapped(pending.base)

    def _wait(self, pending: Pending, seconds: float = 0.0) -> None:
        """Try a step again later."""
        pending.waited_s = min(_LONGEST_POLL_S, pending.waited_s * 2 or _POLL_S)
        pending.due = time.monotonic() + (seconds or pending.waited_s)
        self._later.append(pending)

    def _collect(self) -> None:
        """Take in what has ended."""
        wait_s = _LONGEST_POLL_S
        if self._ready or (self._prepared and not self._running):
            wait_s = 0.0
        if self._later:
            wait_s = max(0.0, min(wait_s, min(each.due for each in self._later) - time.monotonic()))
        ended = False
        for executor in list(self._used):
            for job, outcome in executor.wait(0.0):
                ended = True
                self._ended(executor, job, outcome)
        busy = [executor for executor, nodes in self._used.items() if nodes]
        if ended or not wait_s or not (busy or self._later):
            return
        if len(busy) == 1:
            for job, outcome in busy[0].wait(wait_s):
                self._ended(busy[0], job, outcome)
        else:
            time.sleep(min(wait_s, _POLL_S) if busy else wait_s)

    def _ended(self, executor: Executor, job: Job, outcome: Outcome) -> None:
        pending = self._running.pop(job)
        self._used[executor].remove(pending.node)
        self._limits.give_back(pending.record.id)
        for text in outcome.warnings:
            if text not in self._said:
                self._said.add(text)
                self._parts.progress.say(text)
        failure = outcome.failure
        if failure is not None:
            options = pending.node.spec.options
            if self._failed is not None:
                self._endings.fail_late(pending, failure.text, self._attempts.whole(pending, outcome))
            elif pending.attempts <= options.retries and failure.is_worth_retrying(options):
                name, rest_s = pending.node.name, wait_before(options, pending.attempts)
                said = f"Step '{name}', attempt {pending.attempts}: {failure.text}. Trying again in {rest_s:g} s."
                self._parts.progress.say(said)
                self._attempts.keep(pending, outcome)
                self._wait(pending, rest_s)
            else:
                self._failed = (pending, failure, self._attempts.whole(pending, outcome))
            return
        outcome = self._attempts.whole(pending, outcome)
        try:
            if pending.record.part_of:
                self._mapped[pending.base].add(pending, outcome)
                self._finish_mapped(pending.base)
            else:
                self._complete(pending, outcome)
        except Exception as error:  # noqa: BLE001 - a result that cannot be recorded is a failure
            self._note(pending, error)

    def _complete(self, pending: Pending, outcome: Outcome) -> None:
        """Write down a step's result with the beginning of the next one, which may be one that was lacking it."""
        if not self._coordinator.kept.are_ours_alone(pending):  # its result may be somebody else's, who was quicker
            self._endings.complete(pending, outcome)
            if self._endings.write():
                self._settled(pending.base)
            return
        self._coordinator.place_new(pending, outcome)
        self._settled(pending.base)
        self._prepare_ready()
        self._endings.complete(pending, outcome, is_ours=True)

    def _finish_mapped(self, name: str) -> None:
        """Gather what the items gave when all have ended."""
        mapped = self._mapped[name]
        if mapped.unfinished:
            return
        outputs, facts = mapped.outputs()
        self._endings.complete(mapped.pending, Outcome(outputs=outputs, facts=facts))
        del self._mapped[name]
        if self._endings.write():
            self._settled(name)

    def _settled(self, name: str) -> None:
        """A step has ended: those that waited for it alone can begin."""
        self._parts.shelf.release(self._nodes[name].sources)
        for dependent in self._dependents[name]:
            lacking = self._lacking[dependent]
            lacking.discard(name)
            if not lacking:
                heapq.heappush(self._ready, (self._order[dependent], dependent))

    def _note(self, pending: Pending, error: Exception) -> None:
        if self._failed is None:
            self._failed = (pending, StepFailure.of(error, self._parts.project_dir), None)

    def _waiting_again(self) -> list[Pending]:
        """Steps that have been tried, and would be again."""
        later = [*self._later, *(entry[2] for entry in self._prepared)]
        return [pending for pending in later if pending.attempts and not pending.record.part_of]

    def _begun(self) -> list[MappedStep]:
        return [mapped for mapped in self._mapped.values() if mapped.has_begun]

    def _stop(self, error: BaseException) -> None:
        """Write down that the run was stopped in the middle of what it was executing."""
        text = "stopped by the user" if isinstance(error, KeyboardInterrupt) else type(error).__name__
        for mapped in self._begun():
            mapped.flush()
        whole = [mapped.pending for mapped in self._begun()]
        for pending in [*self._running.values(), *whole, *self._waiting_again()]:
            self._endings.stop(pending, self._cancellation.reason or text)
