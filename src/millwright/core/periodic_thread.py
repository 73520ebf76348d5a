"""Something done over and over, beside the rest of a process."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Self

from millwright.core.errors import MillwrightError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

logger = logging.getLogger(__name__)


class PeriodicThread:
    """Calls something at an interval from a daemon thread of its own, from `start` to `stop` or as long as the context.

    The interval is counted from the end of a call, so that two never overlap. A call that raises is said in the log,
    an error of ours in one line and any other with its traceback, and the next call comes as if nothing had happened.

    Args:
        work: What to call.
        interval_s: Seconds before each call.
        name: The thread's.
        trouble: What does not happen while calls raise; said before the error.
        at_once: Whether the first call comes without waiting.
        patience_s: So long `stop` waits for a call that goes on; None for as long as it takes.
    """

    def __init__(
        self,
        work: Callable[[], object],
        interval_s: float,
        *,
        name: str,
        trouble: str,
        at_once: bool = False,
        patience_s: float | None = None,
    ) -> None:
        self._work, self._interval_s, self._trouble = work, interval_s, trouble
        self._at_once, self._patience_s = at_once, patience_s
        self._stopped = threading.Event()
        self._turn = threading.Lock()  # held while a call goes on
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_stopped(self) -> bool:
        """Whether it was told to stop; a call may still go on."""
        return self._stopped.is_set()

    def start(self) -> None:
        """Begin; nothing happens when it has begun already.

        Raises:
            RuntimeError: It was begun and stopped before.
        """
        if self._thread.ident is not None and self._stopped.is_set():
            raise RuntimeError("a thread that was stopped is not begun again")
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """Call no more, and wait for a call that goes on; what is called may say it, too, and is not waited for."""
        self._stopped.set()
        # Not for the thread itself, which ends when the system lets it: after this nothing is called any more.
        is_other = self._thread is not threading.current_thread()
        if is_other and self._turn.acquire(timeout=-1 if self._patience_s is None else self._patience_s):
            self._turn.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        if not self._at_once:
            self._stopped.wait(self._interval_s)
        while self._call():
            self._stopped.wait(self._interval_s)

    def _call(self) -> bool:
        """Call once, unless it was told to stop; whether it did."""
        with self._turn:
            if self._stopped.is_set():
                return False
            try:
                self._work()
            except MillwrightError as error:
                logger.warning("%s: %s", self._trouble, error)
            except Exception:
                logger.exception("%s", self._trouble)
        return True
