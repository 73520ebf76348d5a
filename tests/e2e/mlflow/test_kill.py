"""Writers go on while their server is killed again and again: what was acknowledged is there, once.

`MILLWRIGHT_SOAK_SECONDS=60 MILLWRIGHT_SOAK_KILLS=5` is the length that releases are held to; the default is short.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import subprocess

    from e2e.workplace import Workplace

WRITERS = 16
# Read when this module is loaded: a test's environment is cleared of our variables.
SECONDS = float(os.environ.get("MILLWRIGHT_SOAK_SECONDS", "8"))
KILLS = int(os.environ.get("MILLWRIGHT_SOAK_KILLS", "2"))


@dataclass
class Writer:
    """A client with a run of its own: sends the next points, and again when nobody acknowledged them."""

    port: int
    stop: threading.Event
    run: str = ""
    acknowledged: set[int] = field(default_factory=set)
    sent: int = 0
    failures: int = 0

    def write(self) -> None:
        while not self.stop.is_set():
            points = [
                {"key": "loss", "value": number * 0.5, "timestamp": number + 1, "step": number}
                for number in range(self.sent, self.sent + 1 + self.sent % 7)
            ]
            body = {"run_id": self.run, "metrics": points}
            if len(points) == 1:
                if not self._ask("log-metric", {"run_id": self.run, **points[0]}):
                    continue
            elif not self._ask("log-batch", body):
                continue
            self.acknowledged |= {point["step"] for point in points}
            self.sent += len(points)

    def _ask(self, path: str, body: dict[str, Any]) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                "POST", f"/api/2.0/mlflow/runs/{path}", json.dumps(body), {"content-type": "application/json"}
            )
            answer = connection.getresponse()
            text = answer.read()
        except OSError:
            self.failures += 1
            time.sleep(0.05)
            return False
        except http.client.HTTPException:
            self.failures += 1
            return False
        finally:
            connection.close()
        assert answer.status == 200, text
        return True


def start(workplace: Workplace, port: int) -> subprocess.Popen[str]:
    process = workplace.start("server", "--port", str(port))
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return process
        except OSError:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
    raise AssertionError("The server did not start.")


def ask(port: int, method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/2.0/mlflow/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - ours
        return json.load(answer)


@pytest.mark.slow
def test_acknowledged_points_are_there_once_however_often_the_server_is_killed(workplace: Workplace):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start(workplace, port)
    stop = threading.Event()
    writers = [Writer(port, stop) for _ in range(WRITERS)]
    for writer in writers:
        writer.run = ask(port, "POST", "runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]
    threads = [threading.Thread(target=writer.write) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        for _ in range(KILLS):
            time.sleep(SECONDS / (KILLS + 1))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            process = start(workplace, port)
        time.sleep(SECONDS / (KILLS + 1))
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert sum(writer.failures for writer in writers) > 0, "No writer noticed that the server was killed."
    for writer in writers:
        history = ask(port, "GET", f"metrics/get-history?run_id={writer.run}&metric_key=loss").get("metrics", [])
        steps = [int(point["step"]) for point in history]
        assert len(steps) == len(set(steps)), "A point is there twice."
        assert writer.acknowledged <= set(steps), "A point that was acknowledged is gone."
        assert len(writer.acknowledged) > 10
        assert all(point["value"] == point["step"] * 0.5 for point in history)
    process.terminate()
    process.communicate(timeout=60)
