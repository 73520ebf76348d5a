"""The parent of serving workers: how many there are, which versions they serve, and what it counts itself."""

from __future__ import annotations

import logging
from time import monotonic
from typing import TYPE_CHECKING, Any

from millwright.core.worker import Overseer, Worker
from millwright.deployment.realtime.process.scaling import Scaler, ScalingOptions
from millwright.deployment.realtime.process.swap_rounds import SwapRounds

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

    from millwright.deployment.realtime.process.board import Board
    from millwright.deployment.realtime.process.parent_metrics import ParentMetrics

logger = logging.getLogger(__name__)

_LOOK_S = 0.2
_WRITE_S = 1.0


class ServingOverseer(Overseer):
    """Joins scaling and swaps.

    Args:
        options: How many workers there may be.
        listener: The socket that they accept from; with no worker it is watched here.
        board: Where they tell how they stand.
        metrics: Where the parent's numbers go.
        prepare_s: How long workers may take to load and try a version, in seconds.
    """

    def __init__(
        self,
        options: ScalingOptions,
        *,
        listener: socket.socket,
        board: Board,
        metrics: ParentMetrics,
        prepare_s: float,
    ) -> None:
        super().__init__(options.most)
        self._options = options
        self._listener = listener
        self._board = board
        self._metrics = metrics
        self._lines: dict[int, Worker] = {}
        self._scaler = Scaler(options, monotonic())
        self._is_empty = False
        self._called_at: float | None = None
        self._look_at = self._write_at = 0.0
        self.rounds = SwapRounds(self._tell, prepare_s)

    def wanted(self, workers: Iterable[Worker]) -> int:
        """How many there are to be; asks those that are too many to leave."""
        now = monotonic()
        self.rounds.look(now)
        self._metrics.take(self.rounds, self._scaler.wanted)
        if now >= self._write_at:
            self._write_at = now + _WRITE_S
            self._metrics.write()
        if self._options.is_fixed:
            return self._options.most
        staying = [each for each in workers if not each.is_leaving]
        # A leaving worker takes no more once it has said so: until then a connection that waits is its own.
        self._is_empty = not staying and not any(each.accepts for each in self._board.all())
        if self._is_empty and self._scaler.wanted == 0 and self._is_waited_for():
            self._called_at = now
            self._scaler.is_called()
        if now >= self._look_at:
            self._look_at = now + _LOOK_S
            self._look(staying, now)
        return self._scaler.wanted

    def watched(self) -> Iterable[socket.socket]:
        """The socket, while nobody else would see who waits there."""
        return (self._listener,) if self._is_empty and self._scaler.wanted == 0 else ()

    def starting(self, place: int) -> None:
        """A worker is about to be forked."""
        self._board.clear(place)

    def heard(self, worker: Worker, message: dict[str, Any]) -> None:
        """A worker takes part in a swap."""
        if "join" in message:
            self._lines[worker.pid] = worker
            self.rounds.join(worker.pid, message["join"], worker.place)
        elif "propose" in message:
            self.rounds.propose(worker.pid, message["propose"], message["ref"], monotonic())
        elif "vote" in message:
            self.rounds.vote(worker.pid, message["vote"], message["round"], message["error"], monotonic())

    def became_ready(self, worker: Worker) -> None:
        """A worker takes requests; of a start from zero it is told how long it took."""
        if self._called_at is not None:
            seconds = monotonic() - self._called_at
            self._called_at = None
            self._metrics.cold_start(seconds)
            logger.info("worker process %d answers after a cold start of %.2f s", worker.pid, seconds)

    def ended(self, worker: Worker) -> None:
        """A worker is gone."""
        self._board.clear(worker.place)
        self._lines.pop(worker.pid, None)
        self.rounds.leave(worker.pid, monotonic())
        self._metrics.keep(worker.pid)

    def _look(self, staying: list[Worker], now: float) -> None:
        before = self._scaler.wanted
        wanted = self._scaler.look(self._board.all(), now)
        if wanted != before:
            logger.info("%d workers are wanted in place of %d", wanted, before)
        # Who is not ready yet has nothing to lose; else the one with the fewest callers.
        order = sorted(staying, key=lambda each: (each.is_ready, self._board.read(each.place).connections))
        for worker in [each for each in order if each.is_ready][: max(0, len(staying) - wanted)]:
            worker.is_leaving = True
            worker.line.tell(leave=True)

    def _is_waited_for(self) -> bool:
        from select import select

        readable, _, _ = select([self._listener], [], [], 0)
        return bool(readable)

    def _tell(self, pid: int, message: dict[str, Any]) -> None:
        worker = self._lines.get(pid)
        if worker is not None:
            worker.line.tell(**message)
