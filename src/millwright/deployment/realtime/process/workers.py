"""The processes of one server: forked before a model is loaded or a connection open, each with its own of both.

They accept from one socket, follow the alias each for itself, and leave their numbers where the others find them.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import ConfigurationError
from millwright.core.process import current_owner
from millwright.core.worker import Workers
from millwright.deployment.realtime.process.shared_metrics import SharedMetrics

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """What the processes of a server have in common.

    Attributes:
        folder: For what they tell one another.
        owner: The process that started them, as endpoints' records name it.
    """

    folder: Path
    owner: str

    def metrics(self) -> SharedMetrics:
        """The metrics of all; to be made in each process."""
        return SharedMetrics(self.folder)


def run_workers(
    count: int,
    work: Callable[[Callable[[str], None], Share], None],
    *,
    drain_s: float,
    ready: Callable[[], None],
    stop: threading.Event | None,
) -> None:
    """Run several processes until asked to stop; one that dies is replaced.

    Args:
        count: How many, ≥ 2.
        work: What each does until SIGTERM; is given what to call with the URL once it takes requests.
        drain_s: How long each may take to stop, in seconds.
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
    with tempfile.TemporaryDirectory(prefix="millwright-serve-") as folder:
        share = Share(folder=Path(folder), owner=current_owner())
        Workers(count, lambda told: work(lambda _url: told(), share), drain_s=drain_s).run(ready, stop)
