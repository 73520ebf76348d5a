"""Starts parts, looks after them, and ends them."""

from __future__ import annotations

import http.client
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from millwright.workspace.up.part import Part, PartState, PartStatus
from millwright.workspace.up.process import PartProcess

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from millwright.core.clock import Clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class SupervisorOptions:
    """How parts are looked after; all times in seconds.

    Attributes:
        poll_s: Between two looks at the processes.
        backoff_s: Rest after a part died; doubled each time, up to `longest_s`.
        longest_s: The longest rest.
        steady_s: A part that was well for so long begins with the shortest rest again.
        health_s: Between two questions whether a part is well.
        patience_s: A part that did not answer for so long is ended, and begun anew.
        drain_s: How long parts may take to end; then their processes are.
    """

    poll_s: float = 0.2
    backoff_s: float = 0.5
    longest_s: float = 30.0
    steady_s: float = 60.0
    health_s: float = 5.0
    patience_s: float = 30.0
    drain_s: float = 60.0


class UpListener(Protocol):
    """Told what becomes of parts; from threads of its own."""

    def changed(self, status: PartStatus) -> None:
        """A part is in another state."""
        ...

    def said(self, part: str, line: str) -> None:
        """A part printed a line."""
        ...


@dataclass(slots=True)
class _Run:
    """A part, as it runs."""

    part: Part
    process: PartProcess | None = None
    state: PartState | None = None
    starts: int = 0
    deaths: int = 0
    start_at: float = 0.0  # not before, by the monotonic clock
    ready_at: float = 0.0
    well_at: float = 0.0
    asked_at: float = 0.0
    replaced: bool = field(default=False)


class Supervisor:
    """Keeps parts running until it is stopped.

    Args:
        parts: What is run, in the order in which it is started.
        folder: Where.
        clock: The time, for people.
        listener: Told what happens.
        options: How they are looked after.
        environment: Variables of the processes.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        folder: Path,
        clock: Clock,
        listener: UpListener,
        options: SupervisorOptions | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._runs = [_Run(part) for part in parts]
        self._folder = folder
        self._clock = clock
        self._listener = listener
        self._options = options or SupervisorOptions()
        self._environment = environment

    def run(self, stop: threading.Event, hurry: threading.Event) -> bool:
        """Look after the parts until the first event is set, then end them all.

        Args:
            stop: Ends them: they drain.
            hurry: Ends them at once.

        Returns:
            Whether all ended by themselves within their time.
        """
        try:
            while not stop.is_set():
                for each in self._runs:
                    self._look(each)
                stop.wait(self._options.poll_s)
        finally:
            clean = self._end_all(hurry)
        return clean

    def pids(self) -> dict[str, int]:
        """The processes that run, by part."""
        return {each.part.name: each.process.pid for each in self._runs if each.process is not None}

    def _look(self, run: _Run) -> None:
        now = time.monotonic()
        if run.process is None:
            if now >= run.start_at:
                self._start(run)
            return
        code = run.process.poll()
        if code is not None:
            self._ended(run, code, now)
        elif run.state is PartState.STARTING and run.process.ready.is_set():
            run.ready_at = run.well_at = now
            self._tell(run, PartState.READY)
        elif not run.replaced and run.state is not PartState.STARTING:
            self._replace(run)
            self._ask(run, now)

    def _start(self, run: _Run) -> None:
        words = tuple(run.part.words())
        if not words:
            self._tell(run, PartState.IDLE, run.part.idle())
            run.start_at = time.monotonic() + self._options.health_s / 5
            return
        name = run.part.name
        try:
            run.process = PartProcess(
                words,
                folder=self._folder,
                tell=lambda line: self._listener.said(name, line),
                environment=self._environment,
            )
        except OSError as error:  # no more processes, or no memory
            self._rest(run, f"it could not be started: {error}")
            return
        run.starts += 1
        run.replaced = False
        self._tell(run, PartState.STARTING)

    def _ended(self, run: _Run, code: int, now: float) -> None:
        process = run.process
        if process is None:
            return
        process.close()
        run.process = None
        if run.replaced:
            run.start_at, run.replaced = now, False
            return
        if run.ready_at and now - run.ready_at > self._options.steady_s:
            run.deaths = 0
        run.ready_at = 0.0
        why = f"ended by signal {-code}" if code < 0 else f"ended with {code}"
        self._rest(run, f"{why}{f': {process.last_words}' if process.last_words else ''}")

    def _rest(self, run: _Run, why: str) -> None:
        rest = min(self._options.longest_s, self._options.backoff_s * 2.0 ** min(run.deaths, 30))
        run.deaths += 1
        run.start_at = time.monotonic() + rest
        self._tell(run, PartState.RESTING, f"{why}; it is started again in {rest:.1f} s")

    def _replace(self, run: _Run) -> None:
        """End a part whose command has changed: it drains, and is begun anew."""
        process, words = run.process, tuple(run.part.words())
        if process is not None and words and words != process.words:
            run.replaced = True
            process.ask_to_end()

    def _ask(self, run: _Run, now: float) -> None:
        """Whether it is well, now and then."""
        process = run.process
        if process is None or run.replaced or not run.part.health or now - run.asked_at < self._options.health_s:
            return
        run.asked_at = now
        if answers(process.url + run.part.health):
            run.well_at = now
            if run.state is PartState.UNWELL:
                self._tell(run, PartState.READY)
        elif now - run.well_at > self._options.patience_s:
            logger.warning("%s did not answer for %.0f s and is ended", run.part.name, now - run.well_at)
            process.kill()
        elif run.state is not PartState.UNWELL:
            self._tell(run, PartState.UNWELL, f"{process.url}{run.part.health} does not answer")

    def _end_all(self, hurry: threading.Event) -> bool:
        running = [each for each in self._runs if each.process is not None]
        for each in running:
            if each.process is not None:
                each.process.ask_to_end()
        give_up, hurried, clean = time.monotonic() + self._options.drain_s, False, True
        while running:
            if hurry.is_set() and not hurried:
                hurried, give_up = True, min(give_up, time.monotonic() + 5.0)
                for each in running:
                    if each.process is not None:
                        each.process.ask_to_end()
            for each in list(running):
                if each.process is None or each.process.poll() is not None:
                    running.remove(each)
                    self._close(each)
                elif time.monotonic() > give_up:
                    clean = False
                    each.process.kill()
            hurry.wait(0.05) if not hurried else time.sleep(0.05)
        return clean

    def _close(self, run: _Run) -> None:
        if run.process is not None:
            run.process.close()
        self._tell(run, PartState.ENDED)
        run.process = None

    def _tell(self, run: _Run, state: PartState, said: str = "") -> None:
        if state is run.state and state is PartState.IDLE:
            return
        run.state = state
        process = run.process
        status = PartStatus(
            name=run.part.name,
            state=state,
            since=self._clock.now(),
            url=process.url if process else "",
            pid=process.pid if process else None,
            starts=run.starts,
            said=said,
        )
        self._listener.changed(status)


def answers(url: str, *, timeout_s: float = 2.0) -> bool:
    """Whether a URL answers 200 in time."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
