"""Notices that somebody wants a run stopped, while it is executing."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from millwright.core.periodic_thread import PeriodicThread

if TYPE_CHECKING:
    from types import TracebackType

    from millwright.core.ids import PipelineRunId
    from millwright.storage.base import PipelineStore

POLL_S = 1.0


class Cancellation(PeriodicThread):
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
        super().__init__(
            self._look,
            POLL_S,
            name="millwright-cancellation",
            trouble=f"Cannot see whether run {run_id} was cancelled",
            patience_s=0,  # a run's end does not wait for the store
        )
        self.by = ""
        # Shells have the background jobs of scripts ignore Ctrl-C, and with it what `_interrupt` sends.
        self._is_ignored = self._is_main and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        if self._is_ignored:
            signal.signal(signal.SIGINT, lambda *_: self.check())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if self._is_ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

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

    def _look(self) -> None:
        self.by = self._store.cancel_requested(self._run_id) or ""
        if self.by:
            if self._is_main and not self.is_stopped:
                _interrupt()
            self.stop()


def _interrupt() -> None:
    """Interrupt the main thread, a call that it waits in included where the system can do that."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
