"""Watches one execution of a step."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Self

from millwright.core.errors import MillwrightError
from millwright.pipelines.runner.observation.descriptors import Descriptors
from millwright.pipelines.runner.observation.live import LiveLogs
from millwright.pipelines.runner.observation.meter import Meter
from millwright.pipelines.runner.observation.pulse import PULSE
from millwright.pipelines.runner.observation.recording import Recording
from millwright.pipelines.runner.observation.routing import Routing

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

    from millwright.core.records.pipeline import StepUsage
    from millwright.pipelines.annotations import Resources
    from millwright.pipelines.context import StepContext
    from millwright.pipelines.runner.observation.routing import Target

_OWN_MODULES = "millwright.pipelines."
_ROUTING = Routing()  # a process has one set of standard streams and one log
_DESCRIPTORS = threading.Lock()  # held by the observation that has the descriptors


class Observation:
    """What was seen of one execution; a context manager around it.

    At its end, whatever the execution raises or notes has its secrets masked, the context's temporary folder is gone,
    and what went wrong stands at the end of the log. What it printed can be read after the end, once.

    Args:
        context: The step's.
        descriptors: Whether to capture what is written to file descriptors 1 and 2, by C code and child processes,
            too: for a process that executes one step at a time, and shows nothing itself.
    """

    def __init__(self, context: StepContext, *, descriptors: bool = False) -> None:
        self.pid = os.getpid()
        self.outsiders = frozenset[threading.Thread]()
        self._context = context
        self._masks = context.masks
        self._lock = threading.Lock()
        self._recording = Recording()
        self._wants_descriptors = descriptors
        self._descriptors: Descriptors | None = None
        live = context.services.get(LiveLogs)
        self._live = live if isinstance(live, LiveLogs) else None
        self._fresh = bytearray()  # what the live log lacks
        self._is_live = False
        self._token: Token[Target | None] | None = None
        self._meter: Meter | None = None

    def __enter__(self) -> Self:
        self.outsiders = frozenset(threading.enumerate()) - {threading.current_thread()}
        if self._wants_descriptors and _DESCRIPTORS.acquire(blocking=False):
            self._descriptors = Descriptors()
        self._token = _ROUTING.add(self)
        self._meter = Meter(self._context.services, alone=PULSE.is_idle)
        PULSE.join(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.meter.stop()
        PULSE.leave(self)
        if error is not None:
            self.failed(error)
        if self._token is not None:
            _ROUTING.remove(self, self._token)
        if self._descriptors is not None:
            self._descriptors.restore()
            with self._lock:
                self._drain()
            self._descriptors.close()
            self._descriptors = None
            _DESCRIPTORS.release()
        if self._is_live and self._live is not None:
            self._live.remove(self._context.step_run_id)
        self._context.close()

    def failed(self, error: BaseException) -> None:
        """The execution ended with an error, which is to be handled within the context; the end of it calls this, too.

        What went wrong is written to the log, and secrets are masked in the error itself, its causes included: its
        text may be kept from here on.
        """
        if not isinstance(error, MillwrightError | KeyboardInterrupt):
            self.put(f"{_told(error)}\n".encode(errors="backslashreplace"))
        self._masks.mask_error(error)

    @property
    def meter(self) -> Meter:
        """What measures; there from the beginning of the context on."""
        if self._meter is None:
            raise AssertionError("an observation is used as a context manager")
        return self._meter

    def put(self, data: bytes) -> None:
        """Something was printed by the step; called by whoever captures it."""
        if self._descriptors is not None:
            self._descriptors.write(data)
        else:
            with self._lock:
                self._keep(data)

    def beat(self, memory_bytes: int) -> None:
        """See `pulse.Observed`."""
        if self._meter is not None:
            self._meter.see(memory_bytes)
        with self._lock:
            self._drain()
            self._show()

    def log_bytes(self) -> bytes:
        """What was printed and logged, as UTF-8 text with secrets masked; empty when that was nothing.

        At most 10 MiB: of more, the first and the last 5 MiB, and between them a line that says so.
        """
        return self._recording.text(self._masks).encode() if self._recording.size_bytes else b""

    def usage(self, resources: Resources | None = None) -> StepUsage:
        """What it took, and what that costs if the workspace has a table of prices.

        Args:
            resources: What the step asked for, for the estimate of its cost.
        """
        return self.meter.usage(resources)

    def mask(self, text: str) -> str:
        """A text, such as that of an error, with secrets masked."""
        return self._masks.mask(text)

    def close(self) -> None:
        """Forget what was printed."""
        self._recording.close()

    def _keep(self, data: bytes) -> None:
        self._recording.append(data)
        if self._live is not None:
            self._fresh += data

    def _drain(self) -> None:
        if self._descriptors is not None:
            while data := self._descriptors.read():
                self._keep(data)

    def _show(self) -> None:
        """Hand whole lines to the live log; a secret that is written in two pieces is masked there, too."""
        end = self._fresh.rfind(b"\n") + 1
        if self._live is not None and end:
            text = self._fresh[:end].decode(errors="replace")
            del self._fresh[:end]
            self._is_live = True
            self._live.append(self._context.step_run_id, self._masks.mask(text))


def observe(context: StepContext, *, descriptors: bool = False) -> Observation:
    """Watches one execution: a context manager whose log and usage can be read at its end.

    Args:
        context: The step's. Its services may hold `Prices`, for costs, and `LiveLogs`, for others to follow.
        descriptors: Whether C code and child processes are captured, too; see `Observation`.
    """
    return Observation(context, descriptors=descriptors and sys.platform != "win32")


def _told(error: BaseException) -> str:
    """An exception with its traceback, from the step's first line on."""
    trace = error.__traceback__
    while trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith(_OWN_MODULES):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace or error.__traceback__)).rstrip("\n")
