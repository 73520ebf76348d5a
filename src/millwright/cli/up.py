"""`mw up`: everything of a project on this machine."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.cli.console import Output
    from millwright.workspace.up import Part, Supervisor
    from millwright.workspace.up.part import PartStatus
    from millwright.workspace.workspace import Workspace

_PROGRAM = (sys.executable, "-m", "millwright.cli.part")
_COLOURS = {"ready": "green", "unwell": "yellow", "resting": "red", "idle": "dim", "starting": "dim", "ended": "dim"}
_MARKS = {"ready": "✓", "unwell": "!", "resting": "✗", "idle": "…", "starting": "▸", "ended": "■"}
_WIDTH = 7


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(
    *,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the pages; 0 takes a free one.", show_default=False)
    ] = None,
    serve_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the endpoints; 0 takes a free one.", show_default=False),
    ] = None,
    no_server: Annotated[bool, typer.Option("--no-server", help="Without the pages.")] = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Without the endpoints.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run all of a project here, in one terminal: pages, endpoints, and a worker that watches and retrains.

    The worker executes queued runs, fires schedules and triggers, checks declared monitors and trains again. A part
    that dies is started again. Ctrl-C drains all of them; twice ends them at once.
    """
    from millwright.workspace.closed_loop import check_monitors
    from millwright.workspace.up import Supervisor

    workspace, out = start(as_json=as_json)
    with workspace:
        check_monitors(workspace)
        server_port = workspace.settings.server.port if port is None else port
        endpoint_port = workspace.settings.serve.port if serve_port is None else serve_port
        if not no_server:
            _require_free(workspace.settings.server.host, server_port, "--port", "the pages")
        if not no_serve:
            _require_free(workspace.settings.serve.host, endpoint_port, "--serve-port", "the endpoints")
        _ = workspace.stores  # the schema is brought up to date once, before several processes want to
        running: list[Supervisor] = []
        parts = [
            *([] if no_server else [_server(workspace, server_port)]),
            _worker(workspace),
            *([] if no_serve else [_serve(workspace, endpoint_port, running)]),
        ]
        listener = _Lines(out, [part.name for part in parts])
        running.append(Supervisor(parts, folder=workspace.folder, clock=workspace.clock, listener=listener))
        out.line(f"Everything of {workspace.folder}  (Ctrl-C drains and stops)")
        with _stopped_by_signals(out) as (stop, hurry):
            clean = running[0].run(stop, hurry)
        out.line("All has stopped." if clean else "All has stopped; what did not drain in time was ended.")


def _server(workspace: Workspace, port: int) -> Part:
    from millwright.workspace.up import Part

    words = _command(workspace, "server", "--port", str(port))
    return Part(name="server", words=lambda: words, health="/health")


def _worker(workspace: Workspace) -> Part:
    from millwright.workspace.up import Part

    words = _command(workspace, "worker")
    return Part(name="worker", words=lambda: words)


def _serve(workspace: Workspace, port: int, running: Sequence[Supervisor]) -> Part:
    from millwright.workspace.up import Part, Served

    served = Served(workspace, lambda: running[0].pids().get("serve") if running else None)

    def words() -> Sequence[str]:
        choices = served.choices()
        return _command(workspace, "serve", *choices, "--port", str(port)) if choices else ()

    return Part(name="serve", words=words, health="/v2/health/live", idle=served.why_idle)


def _command(workspace: Workspace, *words: str) -> tuple[str, ...]:
    return (*_PROGRAM, "--workspace", str(workspace.folder), *words)


def _require_free(host: str, port: int, option: str, whose: str) -> None:
    """Refuse before anything is started.

    Raises:
        ServiceUnavailableError: The port is in use.
    """
    from millwright.core.errors import ServiceUnavailableError
    from millwright.core.listener import open_listener

    try:
        with closing(open_listener(host, port)):
            return
    except ServiceUnavailableError as error:
        hint = f"End what uses it, or give {whose} another one with {option}; 0 takes a free one."
        raise ServiceUnavailableError(error.message, hint=hint) from error


@contextmanager
def _stopped_by_signals(out: Output) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The first SIGINT or SIGTERM sets the first event, the second one the second, as long as the context lasts."""
    stop, hurry = threading.Event(), threading.Event()

    def set_next() -> None:
        if stop.is_set():
            hurry.set()
        else:
            out.progress.say("Stopping: what is in flight may end; once more ends it at once.")
            stop.set()

    def handle(*_: object) -> None:
        # Not here: the main thread may be inside the very lock that setting needs.
        threading.Thread(target=set_next, name="millwright-stop").start()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop, hurry
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Lines:
    """A line for each change of a part, and for each line that one prints; one JSON document when all are ready."""

    def __init__(self, out: Output, names: Sequence[str]) -> None:
        self._out = out
        self._open = set(names)
        self._first: dict[str, PartStatus] = {}
        self._lock = threading.Lock()

    def changed(self, status: PartStatus) -> None:
        state = status.state.value
        again = f" again (start {status.starts})" if state == "ready" and status.starts > 1 else ""
        where = f"  {status.url}" if state == "ready" and status.url else ""
        said = f"  {status.said}" if status.said else ""
        with self._lock:
            if state != "starting":
                mark = (f"{_MARKS[state]} {status.name:<{_WIDTH}}", _COLOURS[state])
                self._out.line(mark, f"{state}{again}{where}{said}")
                sys.stdout.flush()
            self._tell_once(status, state)

    def said(self, part: str, line: str) -> None:
        with self._lock:
            self._out.line((f"  {part:<{_WIDTH}}", "dim"), line)
            sys.stdout.flush()

    def _tell_once(self, status: PartStatus, state: str) -> None:
        if state not in {"ready", "idle"} or status.name not in self._open:
            return
        self._open.discard(status.name)
        self._first[status.name] = status
        if not self._open:
            parts = {name: {"state": each.state.value, "url": each.url, "pid": each.pid}
                     for name, each in sorted(self._first.items())}  # fmt: skip
            self._out.json({"pid": os.getpid(), "parts": parts})
            sys.stdout.flush()
