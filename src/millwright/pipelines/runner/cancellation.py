"""Notices that somebody wants a run stopped, while it is executing."""

from __future__ import annotations

import logging
import signal
import threading
from typing import TYPE_CHECKING, Self

from millwright.core.errors import MillwrightError

if TYPE_CHECKING:
    from types import TracebackType

    from millwright.core.ids import PipelineRunId
    from millwright.storage.base import PipelineStore

logger = logging.getLogger(__name__)

POLL_S = 1.0


class Cancellation:
    """Looks every second, from a thread of its own, whether a run was asked to stop.

    When it was and the run's thread is the process's main one, that is interrupted like by Ctrl-C; elsewhere the run
    stops before its next step.

    Args:
        store: Where runs are.
        run_id: The run.
    """

    def __init__(self, store: PipelineStore, run_id: PipelineRunId) -> None:
        self._store, self._run_id = store, run_id
        self._is_main = threading.current_thread() is threading.main_thread()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="millwright-cancellation", daemon=True)
        self.by = ""

    def check(self) -> None:
        """Stop here when somebody asked for it.

        Raises:
            KeyboardInterrupt: Somebody did.
        """
        if self.by:
            raise KeyboardInterrupt(self.reason)

    @property
    def reason(self) -> str:
        """What is written down as the error; empty when nobody asked."""
        return f"cancelled by {self.by}" if self.by else ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(POLL_S):
            try:
                self.by = self._store.cancel_requested(self._run_id) or ""
            except MillwrightError as error:  # the store may be back the next time
                logger.warning("Cannot see whether run %s was cancelled: %s", self._run_id, error)
            if self.by:
                if self._is_main and not self._ended.is_set():
                    _interrupt()
                return


def _interrupt() -> None:
    """Interrupt the main thread, a call that it waits in included where the system can do that."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
