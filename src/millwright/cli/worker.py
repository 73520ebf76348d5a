"""`mw worker`: executes queued runs."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from millwright.cli.console import Output
    from millwright.core.clock import Clock
    from millwright.core.ids import PipelineRunId
    from millwright.core.records.queue import RunRequest
    from millwright.workspace.worker.worker import Worker
    from millwright.workspace.workspace import Workspace

_COLOURS = {"done": "green", "failed": "red", "cancelled": "yellow", "queued": "yellow"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker")(work)


def work(
    *,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", "-c", min=1, help="How many runs at once, each in its own process.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Take one run that is due, and leave at its end.")] = False,
    drain: Annotated[bool, typer.Option("--drain", help="Leave when nothing is due any more.")] = False,
    poll: Annotated[
        float | None, typer.Option(min=0.01, help="Seconds between looks at the queue, schedules and triggers.")
    ] = None,
    grace: Annotated[
        float | None, typer.Option(min=0, help="Seconds that runs may go on when it is stopped; then they go back.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Execute queued runs, and start what schedules and triggers have due, until stopped (Ctrl-C, SIGTERM)."""
    from millwright.workspace.worker.options import Until, worker_options
    from millwright.workspace.worker.worker import Worker

    if once and drain:
        raise typer.BadParameter("Expected --once or --drain, found both.")
    workspace, out = start(as_json=as_json)
    with workspace:
        until = Until.ONE_RUN if once else Until.DRAINED if drain else Until.STOPPED
        options = worker_options(workspace.settings.worker, until=until)
        options = replace(
            options,
            concurrency=concurrency or options.concurrency,
            poll_s=poll or options.poll_s,
            grace_s=options.grace_s if grace is None else grace,
        )
        worker = Worker(workspace, options, listener=_Listener(out, workspace.clock))
        if until is Until.STOPPED:
            at_once = f"{options.concurrency} run{'s' * (options.concurrency != 1)} at once"
            out.done(f"Worker of {workspace.folder}: {at_once}  (Ctrl-C stops)")
            _warn_of_actions(workspace, out)
        with stopped_by_signals(worker, out):
            taken = worker.run()
        if until is not Until.STOPPED:
            out.line(f"{taken} run{'s' * (taken != 1)} taken from the queue.")
        if until is Until.DRAINED:
            out.line(worker.account.told() or _why_nothing(workspace))
        did = worker.account.to_json() if until is not Until.ONE_RUN else {}
        out.json({"taken": taken, **did})


@contextmanager
def stopped_by_signals(worker: Worker, out: Output) -> Iterator[None]:
    """SIGINT and SIGTERM stop the worker gently, as long as the context lasts; a second one at once."""

    def handle(*_: object) -> None:
        # Not here: the main thread may be inside the very lock that stopping needs.
        threading.Thread(target=worker.stop, name="millwright-stop").start()
        out.progress.say("Stopping: runs may end; once more hands them back at once.")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _why_nothing(workspace: Workspace) -> str:
    """That there was nothing to do beside runs; with monitors, that none was due."""
    if any(each.enabled for each in workspace.settings.monitors.values()):
        return "No monitor was due (mw monitor list says when each was checked), and nothing waits."
    return "Nothing else was due."


def _warn_of_actions(workspace: Workspace, out: Output) -> None:
    """Say which declared monitors could train nothing from here; other machines may have the file."""
    from millwright.workspace.closed_loop import action_problem

    for name, declared in workspace.settings.monitors.items():
        problem = action_problem(workspace, name) if declared.enabled else None
        if problem is not None:
            out.warn(str(problem))


class _Listener:
    """Shows each run that begins and ends: when, by the clock of this machine's place, and how long it took."""

    def __init__(self, out: Output, clock: Clock) -> None:
        self._out, self._clock = out, clock
        self._began: dict[PipelineRunId, datetime] = {}

    def began(self, request: RunRequest) -> None:
        again = f", attempt {request.attempts}" if request.attempts > 1 else ""
        now = self._began[request.id] = self._clock.now()
        self._out.line(
            ("▸ ", "cyan"), f"{_time(now)}  {request.name}  run {request.id[-8:]}{again}  by {request.trigger}"
        )

    def ended(self, request: RunRequest) -> None:
        state = request.state.value
        word = "is tried again" if state == "queued" else state
        now = self._clock.now()
        took = f"{(now - self._began.pop(request.id, now)).total_seconds():.1f} s"
        self._out.line(
            ("■ ", _COLOURS.get(state, "")),
            f"{_time(now)}  {request.name}  run {request.id[-8:]}  {took}  {word}"
            f"{f': {request.error}' if request.error else ''}",
        )


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
