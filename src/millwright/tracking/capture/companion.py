"""What works beside a live run, each on a thread of its own: noting what the run is, and measuring the machine."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.records.run import MetricPoint
from millwright.tracking.capture.code import code_state
from millwright.tracking.capture.hardware import hardware
from millwright.tracking.capture.system import SystemMetrics
from millwright.tracking.change import FileLogged, PointsLogged, TagsSet
from millwright.tracking.environment import capture_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.tracking.change import Change

DIFF_PATH = "captured/uncommitted.diff"
ENVIRONMENT_PATH = "captured/environment.json"
_LOG = logging.getLogger(__name__)
_STOP_TIMEOUT_S = 30.0


class Origin:
    """Notes the code revision, the environment and the machine, once.

    Args:
        keep: Keeps bytes.
        clock: The time.
        code: Whether to note the Git revision and what was changed since.
        environment: Whether to note the interpreter, packages and machine.
    """

    def __init__(
        self, *, keep: Callable[[bytes], Digest], clock: Clock, code: bool = True, environment: bool = True
    ) -> None:
        self._keep = keep
        self._clock = clock
        self._code = code
        self._environment = environment
        self._folder = Path.cwd()
        self._thread: threading.Thread | None = None

    def start(self, log: Callable[[Change], None]) -> None:
        """See `Companion.start`."""
        self._thread = threading.Thread(target=self._note, args=(log,), name="millwright-origin", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """See `Companion.stop`."""
        if self._thread is not None:
            self._thread.join(timeout=_STOP_TIMEOUT_S)

    def _note(self, log: Callable[[Change], None]) -> None:
        for wanted, note in ((self._code, self._note_code), (self._environment, self._note_environment)):
            if wanted:
                try:
                    note(log)
                except Exception as error:  # noqa: BLE001 - nobody asked for it, so it must not break what they asked for
                    _LOG.warning("Part of where a run came from could not be noted: %s", error)

    def _note_code(self, log: Callable[[Change], None]) -> None:
        state = code_state(self._folder)
        if state is None:
            return
        tags = {"mlflow.source.git.commit": state.commit, "mlflow.source.git.dirty": str(state.dirty).lower()}
        if state.branch:
            tags["mlflow.source.git.branch"] = state.branch
        if state.remote:
            tags["mlflow.source.git.repoURL"] = state.remote
        log(TagsSet(tags=tags))
        if state.diff:
            self._file(log, DIFF_PATH, state.diff)

    def _note_environment(self, log: Callable[[Change], None]) -> None:
        machine, software = hardware(), capture_environment()
        tags = {
            "millwright.host": machine.host,
            "millwright.cpu": machine.cpu,
            "millwright.cores": str(machine.cores),
            "millwright.memory_gb": f"{machine.memory_bytes / 1e9:.1f}",
            "millwright.python": software.python,
            "millwright.platform": software.platform,
            "millwright.version": software.millwright,
        }
        if machine.gpus:
            tags["millwright.gpus"] = ", ".join(machine.gpus)[:5000]
        log(TagsSet(tags=tags))
        facts = {
            "python": software.python,
            "platform": software.platform,
            "millwright": software.millwright,
            "hardware": machine.as_dict(),
            "packages": list(software.packages),
        }
        self._file(log, ENVIRONMENT_PATH, json.dumps(facts, indent=2, ensure_ascii=False))

    def _file(self, log: Callable[[Change], None], path: str, text: str) -> None:
        data = text.encode(errors="replace")
        log(FileLogged(path=path, digest=self._keep(data), size_bytes=len(data), at=self._clock.now()))


class SystemSampler:
    """Logs how busy the machine is, at an interval; once at the end when the run was shorter than that.

    Args:
        clock: The time.
        interval_s: Seconds between two readings.
    """

    def __init__(self, *, clock: Clock, interval_s: float) -> None:
        self._clock = clock
        self._interval_s = interval_s
        self._step = 0
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, log: Callable[[Change], None]) -> None:
        """See `Companion.start`."""
        self._thread = threading.Thread(target=self._sample, args=(log,), name="millwright-system", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """See `Companion.stop`."""
        self._done.set()
        if self._thread is not None:
            self._thread.join(timeout=_STOP_TIMEOUT_S)

    def _sample(self, log: Callable[[Change], None]) -> None:
        try:
            metrics = SystemMetrics()
            while not self._done.wait(self._interval_s):
                self._log(log, metrics)
            if self._step == 0:
                self._log(log, metrics)
        except Exception as error:  # noqa: BLE001 - nobody asked for it, so it must not break what they asked for
            _LOG.warning("The machine is not measured any more in this run: %s", error)

    def _log(self, log: Callable[[Change], None], metrics: SystemMetrics) -> None:
        now = self._clock.now()
        points = [MetricPoint(key=key, value=value, step=self._step, at=now) for key, value in metrics.read().items()]
        log(PointsLogged(points=tuple(points)))
        self._step += 1
