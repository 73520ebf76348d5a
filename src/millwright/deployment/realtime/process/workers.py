"""The processes of one server: forked before a model is loaded or a connection open, each with its own of both.

They accept from one socket, move to another version together, and leave their numbers where the others find them.
"""

from __future__ import annotations

import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConfigurationError, ServiceUnavailableError
from millwright.core.process import current_owner
from millwright.core.worker import Workers, hear_parent
from millwright.deployment.realtime.process.agreement import Ballot
from millwright.deployment.realtime.process.barrier import all_held
from millwright.deployment.realtime.process.board import Board
from millwright.deployment.realtime.process.overseer import ServingOverseer
from millwright.deployment.realtime.process.parent_metrics import ParentMetrics
from millwright.deployment.realtime.process.scaling import ScalingOptions
from millwright.deployment.realtime.process.shared_metrics import SharedMetrics

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from millwright.core.line import Line
    from millwright.deployment.realtime.process.agreement import Word

_WELCOME_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkersOptions:
    """How the processes of a server are run.

    Attributes:
        scaling: How many.
        swap_s: How long they may take to load and try a version, in seconds.
        drain_s: How long each may take to stop, in seconds.
    """

    scaling: ScalingOptions
    swap_s: float
    drain_s: float


class Share:
    """What a worker has in common with the others; made in the worker.

    Args:
        folder: For what they count.
        owner: See the attributes.
        board: See the attributes.
        place: See the attributes.
        line: To the parent.

    Attributes:
        owner: The process that started them, as endpoints' records name it.
        board: How all stand.
        place: This worker's row there.
        metrics: The metrics of all.
        left: Set when this worker is to end as soon as its callers have left.
        versions: What all serve at present, by endpoint, as `name@3`; empty before the first has loaded any.
    """

    def __init__(self, folder: Path, owner: str, board: Board, place: int, line: Line) -> None:
        self.owner = owner
        self.board = board
        self.place = place
        self.metrics = SharedMetrics(folder)
        self.left = threading.Event()
        self.versions: dict[str, str] = {}
        self._line = line
        self._welcome = threading.Event()
        self._ballots: dict[str, Ballot] = {}

    def ballot(
        self, endpoint: str, wake: Callable[[], None], loop: Callable[[], asyncio.AbstractEventLoop | None]
    ) -> Ballot:
        """An endpoint's agreement with the other workers.

        Args:
            endpoint: Its name.
            wake: See `Ballot`.
            loop: The event loop that answers; None before it does.
        """

        def hold(word: Word) -> AbstractContextManager[None]:
            return all_held(word, self.board, self.place, loop())

        ballot = self._ballots[endpoint] = Ballot(self._line, endpoint, wake, hold)
        return ballot

    def join(self, versions: dict[str, str]) -> dict[str, str]:
        """Tell what was loaded, and become one of those who answer.

        Args:
            versions: By endpoint, as `name@3`.

        Returns:
            What all serve. When it is something else, it is to be loaded and told, too.

        Raises:
            ServiceUnavailableError: The parent does not answer.
        """
        self._welcome.clear()
        self._line.tell(join=versions)
        if not self._welcome.wait(_WELCOME_S):
            raise ServiceUnavailableError("The process that started this worker does not answer.")
        return self.versions

    def heard(self, message: dict[str, Any]) -> None:
        """The parent has said something."""
        if "welcome" in message:
            self.versions = message["welcome"]
            self._welcome.set()
        elif "leave" in message:
            self.left.set()
        else:
            ballot = self._ballots.get(message.get("prepare") or message.get("verdict") or "")
            if ballot is not None:
                ballot.heard(message)

    def close(self) -> None:
        """The worker ends: nobody waits for an agreement any more."""
        for ballot in self._ballots.values():
            ballot.close()


def run_workers(
    options: WorkersOptions,
    listener: socket.socket,
    work: Callable[[Callable[[], None], Share], None],
    *,
    ready: Callable[[], None],
    stop: threading.Event | None,
) -> None:
    """Run several processes until asked to stop; one that dies is replaced.

    Args:
        options: How many, and their limits.
        listener: The socket that they accept from.
        work: What each does until SIGTERM, or until it is to leave; is given what to call once it takes requests.
        ready: Called once, when the first of them takes requests.
        stop: Ends them when set; for a server in a thread, which gets no signals.

    Raises:
        ConfigurationError: This system cannot fork.
        ServiceUnavailableError: They end again and again before one takes requests.
    """
    if not hasattr(os, "fork"):
        raise ConfigurationError(
            "Expected one worker process on this system, found more.", hint="Leave --workers out, or give --workers 1."
        )
    with tempfile.TemporaryDirectory(prefix="millwright-serve-") as name:
        folder, owner, board = Path(name), current_owner(), Board()
        overseer = ServingOverseer(
            options.scaling,
            listener=listener,
            board=board,
            metrics=ParentMetrics(folder),
            prepare_s=options.swap_s,
        )

        def begin(told: Callable[[], None], line: Line, place: int) -> None:
            share = Share(folder, owner, board, place, line)
            share.versions = dict(overseer.rounds.committed)  # as they were when this process was forked
            hear_parent(line, share.heard, drain_s=options.drain_s)
            work(told, share)

        Workers(overseer, begin, drain_s=options.drain_s).run(ready, stop)
