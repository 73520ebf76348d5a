"""Lets other versions predict what was answered: off the hot path, logged, compared, and never answered."""

from __future__ import annotations

import logging
from collections import deque
from threading import Event, Lock, Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any

from millwright.core.ids import PredictionId, new_ids
from millwright.deployment.realtime.log_rows import LogRows
from millwright.deployment.traffic.tally import Comparison

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.clock import Clock
    from millwright.deployment.realtime.arm import Arm
    from millwright.deployment.realtime.log_writer import PredictionLogWriter
    from millwright.deployment.realtime.prediction import Prediction
    from millwright.deployment.realtime.served_model import ServedModel

logger = logging.getLogger(__name__)

SHADOW_SUFFIX = ".shadow"
_MOST_ROWS = 10_000
_ALL = 100.0


class ShadowMirror:
    """Shows requests to versions that answer nobody.

    Rows wait in a bounded queue for a thread of its own; what comes while it is full is shed, and counted. Nothing
    that happens to a shadow changes an answer.

    Args:
        endpoint: Whose requests they are; the shadows' predictions are logged under `ENDPOINT.shadow`, with the
            answered prediction's id as their key.
        shadows: The versions, by the arm's name.
        share: Of the requests, in per cent, above 0.
        log: Takes the shadows' predictions; written by this mirror alone. None to log nothing.
        clock: Tells the time.
        max_rows: Most rows that wait.
    """

    def __init__(
        self,
        endpoint: str,
        shadows: Mapping[str, ServedModel],
        *,
        share: float,
        log: PredictionLogWriter | None,
        clock: Clock,
        max_rows: int = _MOST_ROWS,
    ) -> None:
        self._endpoint = endpoint + SHADOW_SUFFIX
        self._shadows = dict(shadows)
        self._share = share / _ALL
        self._log = log
        self._clock = clock
        self._max_rows = max_rows
        self._waiting: deque[tuple[str, Sequence[Mapping[str, Any]], Prediction]] = deque()
        # Requests are answered by the event loop and, large ones, by threads: what they count needs a lock.
        self._lock = Lock()
        self._due = 0.0
        self._rows = self._shed = 0
        self._wake = Event()
        self._closing = False
        self._counts = {name: Comparison() for name in self._shadows}
        self._thread = Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def offer(self, arm: Arm, request_id: str, rows: Sequence[Mapping[str, object]], prediction: Prediction) -> None:
        """Take what was answered; see `Mirror`."""
        del arm
        with self._lock:
            self._due += self._share
            if self._due < 1.0:
                return
            self._due -= 1.0
            if self._rows and self._rows + len(rows) > self._max_rows:
                self._shed += len(rows)
                return
            self._rows += len(rows)
        self._waiting.append((request_id, rows, prediction))
        self._wake.set()

    def counts(self) -> dict[str, Comparison]:
        """What each shadow did beside what was answered, so far."""
        with self._lock:
            return {name: each.merged(Comparison(shed=self._shed)) for name, each in self._counts.items()}

    def close(self, timeout_s: float) -> None:
        """Predict what waits, then end; what is offered from now on may be lost.

        Args:
            timeout_s: How long to wait for that, in seconds; it goes on afterwards while the process lives.
        """
        self._closing = True
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            closing = self._closing  # read before the queue is emptied: nothing is offered after it was set
            while self._waiting:
                request_id, rows, prediction = self._waiting.popleft()
                for name, served in self._shadows.items():
                    self._show(name, served, request_id, (rows, prediction))
                with self._lock:
                    self._rows -= len(rows)
            if closing:
                if self._log is not None:
                    self._log.close()
                return

    def _show(
        self,
        name: str,
        served: ServedModel,
        request_id: str,
        seen: tuple[Sequence[Mapping[str, Any]], Prediction],
    ) -> None:
        rows, prediction = seen
        found = Comparison()
        started = perf_counter()
        try:
            given = rows if served.signature.inputs == prediction.served.signature.inputs else _checked(served, rows)
            outputs = served.predictor.predict_rows(given)
        except Exception as error:  # noqa: BLE001 - whatever a version does that is only tried
            logger.debug("The shadow %s failed at request %s: %s", served.ref, request_id, error)
            found.failed = len(rows)
        else:
            found.seconds = perf_counter() - started
            for answered, shadow in zip(prediction.outputs, outputs, strict=True):
                found.add(answered, shadow)
            if self._log is not None:
                self._log.offer(self._logged(served, request_id, (given, outputs, prediction), found.seconds))
        with self._lock:
            self._counts[name] = self._counts[name].merged(found)

    def _logged(
        self,
        served: ServedModel,
        request_id: str,
        seen: tuple[Sequence[Mapping[str, Any]], list[dict[str, Any]], Prediction],
        seconds: float,
    ) -> LogRows:
        rows, outputs, prediction = seen
        at = self._clock.now()
        at_s = at.timestamp()
        ids = new_ids(len(rows), int(at_s * 1e3))
        source = served.log_sources[self._endpoint]
        entries = [
            (PredictionId(ids[number]), at_s, seconds, request_id, prediction.ids[number], row, found)
            for number, (row, found) in enumerate(zip(rows, outputs, strict=True))
        ]
        return LogRows(source, entries, source.size(0))  # the bodies are counted by the log of what was answered


def _checked(served: ServedModel, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Rows as another signature wants them; columns that it does not know are left out."""
    known = set(served.input_names)
    return served.rows.check([{name: value for name, value in row.items() if name in known} for row in rows])
