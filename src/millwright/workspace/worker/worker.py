"""The loop: claims runs, executes each in its process, ends them."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from millwright.automation.triggers import Answers
from millwright.core.errors import MillwrightError
from millwright.core.ids import new_id
from millwright.core.process import current_owner
from millwright.core.records.queue import Claim, RequestState
from millwright.workspace.retraining import build_limits
from millwright.workspace.worker.account import Account
from millwright.workspace.worker.chores import Chores, chores_of
from millwright.workspace.worker.code import CodeWatch
from millwright.workspace.worker.duties import Duties
from millwright.workspace.worker.heartbeat import Heartbeat
from millwright.workspace.worker.options import Until
from millwright.workspace.worker.order import Order, Task
from millwright.workspace.worker.settling import Settling
from millwright.workspace.worker.slot import Slot, run_forker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from millwright.core.ids import PipelineRunId
    from millwright.core.records.queue import RunRequest
    from millwright.workspace.worker.options import WorkerOptions
    from millwright.workspace.workspace import Workspace

logger = logging.getLogger(__name__)

_REST_AFTER_ERROR_S = 2.0


class WorkerListener(Protocol):
    """Told what a worker does, from its own thread."""

    def began(self, request: RunRequest) -> None:
        """A run was taken."""
        ...

    def ended(self, request: RunRequest) -> None:
        """A run ended, or waits for another attempt."""
        ...


class Worker:
    """Executes queued runs. One thread calls `run`; any other may call `stop`.

    Args:
        workspace: Whose queue.
        options: How.
        overrides: Settings of the workspace that were given by hand, for the processes of runs.
        listener: Told what it does.
    """

    def __init__(
        self,
        workspace: Workspace,
        options: WorkerOptions,
        *,
        overrides: Mapping[str, Any] | None = None,
        listener: WorkerListener | None = None,
    ) -> None:
        self._workspace = workspace
        self._stores, self._clock = workspace.stores, workspace.clock
        self._options = options
        self._overrides = dict(overrides or {})
        self._listener = listener
        self.owner = f"{current_owner()}/{new_id()[-8:]}"
        self.account = Account()  # of what it does beside runs
        self._slots: dict[str, Slot] = {}
        self._forker = run_forker()
        self._answers = Answers(
            stores=self._stores,
            clock=self._clock,
            events=workspace.events,
            limits=build_limits(workspace.settings),
            registry=workspace.registry,
        )
        self._settling = Settling(
            stores=self._stores, clock=self._clock, owner=self.owner, options=options, ended=self._answers.end
        )
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._taken = 0
        self._handed_back: set[PipelineRunId] = set()  # taken here before, and to be taken again by whoever is first
        self._again_at: datetime | None = None

    def stop(self) -> None:
        """Claim nothing more, let runs end within the grace, hand back the others; asked twice, hand back at once."""
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()
        self._wake.set()

    def run(self) -> int:
        """Work until stopped, or until what the options say.

        Returns:
            How many runs were taken, each counted once however often it was tried.
        """
        heartbeat = Heartbeat(
            stores=self._stores,
            clock=self._clock,
            owner=self.owner,
            lease_s=self._options.lease_s,
            slots=lambda: list(self._slots.values()),
        )
        duties = Duties(
            stores=self._stores,
            clock=self._clock,
            options=self._options,
            answers=self._answers,
            code_of=CodeWatch(self._workspace.folder, self._overrides, self._forker).digest_of,
            wake=self._wake.set,
        )
        with ExitStack() as stack:
            stack.callback(self._forker.close)
            stack.enter_context(heartbeat)
            if self._options.until is not Until.ONE_RUN:
                self._workspace.events.subscribe("*", self.account.hear)
                chores = Chores(chores_of(self._workspace, self.account), self._options, self._wake.set)
                if self._options.until is Until.DRAINED:
                    self._attempt(duties.perform)
                    self._attempt(chores.perform)
                stack.enter_context(duties)
                stack.enter_context(chores)
                stack.enter_context(self._workspace.notifications.running())
            stack.callback(self._end_all)
            self._prepare()
            while not self._stopping.is_set() and self._step():
                self._wake.wait(self._options.poll_s)
                self._wake.clear()
            self._leave()
        return self._taken

    def _prepare(self) -> None:
        """Load what runs need before one is taken: its lease is renewed only once it has a process."""
        try:
            self._forker.prepare()
        except OSError as error:  # a run that cannot be started is given back
            logger.warning("Processes of runs cannot be prepared: %s", error)

    def _step(self) -> bool:
        """Do what can be done now; whether to go on."""
        self._settle()
        looked_at = self._clock.now()
        while self._has_room() and not self._stopping.is_set():
            request = self._claim()
            if request is None:
                break
            self._start(request)
        if self._options.until is Until.STOPPED or self._slots:
            return True
        # Another attempt at a run of ours is due soon, or has become due since we looked.
        return self._options.until is Until.DRAINED and self._again_at is not None and looked_at <= self._again_at

    def _has_room(self) -> bool:
        one = self._options.until is Until.ONE_RUN
        return len(self._slots) < self._options.concurrency and not (one and self._taken)

    def _claim(self) -> RunRequest | None:
        now = self._clock.now()
        claim = Claim(
            owner=self.owner,
            now=now,
            until=now + timedelta(seconds=self._options.lease_s),
            max_attempts=self._options.max_attempts,
            limits=self._options.limits,
        )
        try:
            return self._stores.queue.claim(claim)
        except MillwrightError as error:
            logger.warning("Nothing can be taken from the queue: %s", error)
            self._stopping.wait(_REST_AFTER_ERROR_S)
            return None

    def _start(self, request: RunRequest) -> None:
        self._taken += request.id not in self._handed_back
        self._handed_back.discard(request.id)
        order = Order(
            task=Task.RUN,
            folder=str(self._workspace.folder),
            overrides=self._overrides,
            run_id=request.id,
            lease_until=request.lease_until.timestamp() if request.lease_until else None,
        )
        try:
            self._slots[request.id] = Slot(request, order, self._wake.set, self._forker)
        except OSError as error:  # no more processes, or no memory
            logger.warning("The run %s cannot be started here: %s", request.id, error)
            self._attempt(self._settling.give_back, request, f"{self.owner} could not start it: {error}")
            self._handed_back.add(request.id)
            self._stopping.wait(_REST_AFTER_ERROR_S)
            return
        if self._listener is not None:
            self._listener.began(request)

    def _settle(self) -> None:
        """End what has ended, and what was to be stopped and did not."""
        for request_id, slot in list(self._slots.items()):
            if not slot.ended.is_set():
                self._press(slot)
                continue
            ended: RunRequest | None = None
            if not slot.lost:
                try:
                    ended = self._settling.end(slot)
                except MillwrightError as error:
                    logger.warning("The end of the run %s cannot be written yet: %s", request_id, error)
                    continue
            slot.close()
            del self._slots[request_id]
            if ended is None:
                continue
            if ended.state is RequestState.QUEUED:
                self._again_at = max(self._again_at or ended.not_before, ended.not_before)
                self._handed_back.add(ended.id)
            if self._listener is not None:
                self._listener.ended(ended)

    def _press(self, slot: Slot) -> None:
        grace = timedelta(seconds=self._options.cancel_grace_s)
        if slot.cancelled_at is not None and self._clock.now() - slot.cancelled_at > grace:
            slot.kill()

    def _leave(self) -> None:
        """Wait for the runs that go on, as long as the grace lasts."""
        give_up = time.monotonic() + self._options.grace_s
        while self._slots and not self._hurry.is_set() and time.monotonic() < give_up:
            self._wake.wait(min(self._options.poll_s, max(0.0, give_up - time.monotonic())))
            self._wake.clear()
            self._settle()

    def _end_all(self) -> None:
        """Hand back what still runs."""
        for slot in self._slots.values():
            slot.kill()
        for request_id, slot in list(self._slots.items()):
            slot.ended.wait()
            if slot.outcome is not None:  # it ended just now
                self._attempt(self._settling.end, slot)
            elif not slot.lost:
                self._attempt(self._settling.give_back, slot.request, f"{self.owner} was stopped")
            slot.close()
            del self._slots[request_id]

    @staticmethod
    def _attempt(work: Callable[..., object], *args: Any) -> None:
        try:
            work(*args)
        except MillwrightError as error:
            logger.warning("%s", error)
