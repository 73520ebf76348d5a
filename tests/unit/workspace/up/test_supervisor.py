from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import SystemClock
from millwright.workspace.up import Part, Supervisor, SupervisorOptions
from millwright.workspace.up.part import PartStatus
from millwright.workspace.up.supervisor import answers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


PATIENCE_S = 60.0
QUICK = SupervisorOptions(poll_s=0.01, backoff_s=0.01, longest_s=0.05, health_s=0.02, patience_s=0.3, drain_s=10.0)
# Ready at once, and gone 0 with SIGTERM.
STEADY = "import signal, sys\nprint('up', flush=True)\nsignal.signal(15, lambda *_: sys.exit(0))\nsignal.pause()"


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-S", "-c", code)


@dataclass
class World:
    """A supervisor in a thread, and what it told."""

    folder: Path
    told: list[PartStatus] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    hurry: threading.Event = field(default_factory=threading.Event)
    clean: list[bool] = field(default_factory=list)
    supervisor: Supervisor | None = None
    thread: threading.Thread | None = None

    def changed(self, status: PartStatus) -> None:
        self.told.append(status)

    def said(self, part: str, line: str) -> None:
        self.lines.append((part, line))

    def begin(self, *parts: Part, options: SupervisorOptions = QUICK) -> None:
        self.supervisor = Supervisor(parts, folder=self.folder, clock=SystemClock(), listener=self, options=options)
        run = self.supervisor.run
        self.thread = threading.Thread(target=lambda: self.clean.append(run(self.stop, self.hurry)))
        self.thread.start()

    def end(self) -> bool:
        self.stop.set()
        if self.thread is not None:
            self.thread.join(PATIENCE_S)
        return self.clean[0]

    def until(self, condition: Callable[[], object]) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < give_up, self.told
            time.sleep(0.01)

    def states(self, name: str = "part") -> list[str]:
        return [status.state.value for status in self.told if status.name == name]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.hurry.set()
    made.end()


def part(code: str | Callable[[], Sequence[str]], **fields: str) -> Part:
    words = python(code) if isinstance(code, str) else None
    return Part(name=fields.pop("name", "part"), words=(lambda: words or ()) if words else code, **fields)


def test_parts_run_until_they_are_stopped_and_drain(world):
    world.begin(part(STEADY), part(STEADY, name="other"))
    world.until(lambda: world.states().count("ready") and world.states("other").count("ready"))
    assert world.end()
    assert world.states() == ["starting", "ready", "ended"]


def test_part_that_dies_is_started_again(world):
    world.begin(part(STEADY))
    world.until(lambda: "ready" in world.states())
    os.kill(world.supervisor.pids()["part"], signal.SIGKILL)
    world.until(lambda: world.states().count("ready") == 2)
    rest = next(status for status in world.told if status.state.value == "resting")
    assert rest.said == "ended by signal 9; it is started again in 0.0 s"
    assert world.told[-1].starts == 2


def test_rest_after_each_death_is_longer_and_tells_the_last_line(world):
    options = SupervisorOptions(poll_s=0.01, backoff_s=0.1, longest_s=0.2)
    world.begin(part("import sys\nprint('up')\nsys.exit('No room for me.')"), options=options)
    world.until(lambda: world.states().count("resting") >= 3)
    rests = [status.said for status in world.told if status.state.value == "resting"][:3]
    assert rests == [f"ended with 1: No room for me.; it is started again in {s} s" for s in ("0.1", "0.2", "0.2")]


def test_part_that_does_not_answer_is_ended_and_begun_anew(world):
    code = """
import http.server, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if self.path == "/health" else 200); self.end_headers()
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(f"at http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
"""
    world.begin(part(code, health="/health"))
    world.until(lambda: world.states().count("ready") >= 2)
    assert world.states()[:5] == ["starting", "ready", "unwell", "resting", "starting"]
    assert world.told[1].url.startswith("http://127.0.0.1:")


def test_part_without_anything_to_run_waits_and_changes_with_its_command(world):
    wanted: list[tuple[str, ...]] = [()]
    world.begin(part(lambda: wanted[0], idle=lambda: "for the first model"))
    world.until(lambda: "idle" in world.states())
    assert world.told[0].said == "for the first model"
    wanted[0] = python(STEADY)
    world.until(lambda: "ready" in world.states())
    first = world.supervisor.pids()["part"]
    wanted[0] = python(STEADY + "\n")
    world.until(lambda: world.states().count("ready") == 2)
    assert world.supervisor.pids()["part"] != first
    assert "resting" not in world.states()


def test_part_that_does_not_drain_in_time_is_ended(world):
    stubborn = "import signal\nsignal.signal(15, signal.SIG_IGN)\nprint('up', flush=True)\nwhile True: signal.pause()"
    world.begin(part(stubborn), options=SupervisorOptions(poll_s=0.01, drain_s=0.2))
    world.until(lambda: "ready" in world.states())
    assert not world.end()


def test_command_that_cannot_be_started_rests(world):
    world.begin(part(lambda: ("/no/such/program",)))
    world.until(lambda: "resting" in world.states())
    assert "it could not be started" in world.told[0].said


def test_answer_of_a_url_is_200_in_time():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/well" else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert answers(f"{url}/well")
        assert not answers(f"{url}/ill")
        server.shutdown()
    assert not answers(f"{url}/well", timeout_s=0.2)
