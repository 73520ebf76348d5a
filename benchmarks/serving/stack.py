"""The servers: how each is started, what it is asked, and what it costs."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks.serving.model import COLUMNS

DRIVERS = Path(__file__).with_name("drivers")
_PATIENCE_S = 180.0
_NUMBER = re.compile(r"\d\.\d+(?:e-?\d+)?")
Rows = list[list[float]]


def _records(rows: Rows) -> list[dict[str, float]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _infer(rows: Rows) -> Any:
    flat = [value for row in rows for value in row]
    tensor = {"name": "rows", "shape": [len(rows), len(COLUMNS)], "datatype": "FP32", "data": flat}
    return {"inputs": [tensor], "outputs": [{"name": "predict_proba"}]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """A way to serve the model.

    Attributes:
        name: As the table calls it.
        python: The variable that names its interpreter; empty for this one.
        package: Whose version is shown.
        command: What starts it, of interpreter, folder and port.
        path: What is asked.
        body: What one row is asked by.
        bodies: What many are asked by.
        settle_s: How long after the last answer it may go on working for the requests.
    """

    name: str
    python: str
    package: str
    command: Callable[[str, Path, int], list[str]]
    path: str
    body: Callable[[list[float]], Any]
    bodies: Callable[[Rows], Any]
    settle_s: float = 0.0

    @property
    def interpreter(self) -> str:
        """Its environment's; empty when it is left out."""
        return os.environ.get(self.python, "") if self.python else sys.executable

    @property
    def version(self) -> str:
        """What is measured."""
        code = f"import importlib.metadata; print(importlib.metadata.version({self.package!r}))"
        found = subprocess.run([self.interpreter, "-c", code], check=True, capture_output=True, text=True)
        return f"{self.package} {found.stdout.strip()}"

    def request(self, row: list[float]) -> bytes:
        """For one row."""
        return self._request(self.body(row))

    def many(self, rows: Rows) -> bytes:
        """For many."""
        return self._request(self.bodies(rows))

    def _request(self, value: Any) -> bytes:
        body = json.dumps(value).encode()
        head = f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: */*\r\n"
        return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def _driver(name: str) -> Callable[[str, Path, int], list[str]]:
    return lambda python, folder, port: [python, str(DRIVERS / f"{name}.py"), str(folder), str(port)]


def _ours(log: str) -> Callable[[str, Path, int], list[str]]:
    return lambda python, folder, port: [python, str(DRIVERS / "ours.py"), str(folder), str(port), log]


STACKS = (
    Stack(
        name="Millwright",
        python="",
        package="millwright",
        command=_ours("off"),
        path="/predict",
        body=lambda row: _records([row])[0],
        bodies=_records,
    ),
    Stack(
        name="Millwright, logging",
        python="",
        package="millwright",
        command=_ours("on"),
        path="/predict",
        body=lambda row: _records([row])[0],
        bodies=_records,
        settle_s=1.0,
    ),
    Stack(
        name="bare uvicorn",
        python="",
        package="uvicorn",
        command=_driver("bare"),
        path="/predict",
        body=lambda row: _records([row])[0],
        bodies=_records,
    ),
    Stack(
        name="FastAPI",
        python="FASTAPI_PYTHON",
        package="fastapi",
        command=_driver("fastapi_driver"),
        path="/predict",
        body=lambda row: {"rows": [row]},
        bodies=lambda rows: {"rows": rows},
    ),
    Stack(
        name="BentoML",
        python="BENTOML_PYTHON",
        package="bentoml",
        command=_driver("bentoml_driver"),
        path="/predict",
        body=lambda row: {"rows": [row]},
        bodies=lambda rows: {"rows": rows},
    ),
    Stack(
        name="LitServe",
        python="LITSERVE_PYTHON",
        package="litserve",
        command=_driver("litserve_driver"),
        path="/predict",
        body=lambda row: {"rows": [row]},
        bodies=lambda rows: {"rows": rows},
    ),
    Stack(
        name="Ray Serve",
        python="RAY_PYTHON",
        package="ray",
        command=_driver("ray_driver"),
        path="/predict",
        body=lambda row: {"rows": [row]},
        bodies=lambda rows: {"rows": rows},
    ),
    Stack(
        name="MLServer",
        python="MLSERVER_PYTHON",
        package="mlserver",
        command=_driver("mlserver_driver"),
        path="/v2/models/late/infer",
        body=lambda row: _infer([row]),
        bodies=_infer,
    ),
    Stack(
        name="MLflow",
        python="MLFLOW_SERVING_PYTHON",
        package="mlflow",
        command=_driver("mlflow_driver"),
        path="/invocations",
        body=lambda row: {"inputs": [row]},
        bodies=lambda rows: {"inputs": rows},
    ),
)


class Running:
    """A server that answers.

    Attributes:
        port: Where.
        cold_s: From its start to its first answer, in seconds.
        probability: The last one that it answered for the first row.
        memory_mib: Of its processes after the first answer, each shared page counted in parts.
    """

    def __init__(self, stack: Stack, process: subprocess.Popen[bytes], port: int, output: IO[bytes]) -> None:
        self.stack = stack
        self.port = port
        self._process = process
        self._output = output
        self.cold_s = self.probability = self.memory_mib = 0.0

    def cpu_s(self) -> float:
        """Processor seconds of all its processes so far."""
        total = 0
        for pid in self._pids():
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                try:
                    total += int(thread.read_text().split()[0])
                except (FileNotFoundError, ProcessLookupError):
                    continue
        return total / 1e9

    def settle(self, row: list[float], begun: float) -> None:
        """Wait for the first answer, and note what there is to note by then."""
        request = self.stack.request(row).replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)
        while True:
            answer = _try(self.port, request)
            if answer.startswith(b"HTTP/1.1 200"):
                break
            if self._process.poll() is not None or time.perf_counter() - begun > _PATIENCE_S:
                self._output.seek(0)
                said = self._output.read()[-3_000:].decode(errors="replace")
                self.stop()
                raise RuntimeError(f"{self.stack.name} does not answer: {answer[:300]!r} {said}")
            time.sleep(0.05)
        self.cold_s = time.perf_counter() - begun
        text = re.sub(r'"prediction_id":"[^"]*"', "", answer.partition(b"\r\n\r\n")[2].decode())
        self.probability = float(_NUMBER.findall(text)[-1])
        self.memory_mib = sum(_pss_kib(pid) for pid in self._pids()) / 1024

    def stop(self) -> None:
        """End it, and what it started."""
        pids = self._pids()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in pids[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._output.close()

    def _pids(self) -> list[int]:
        found, at = [self._process.pid], 0
        while at < len(found):
            for children in Path(f"/proc/{found[at]}/task").glob("*/children"):
                try:
                    found += [int(word) for word in children.read_text().split()]
                except (FileNotFoundError, ProcessLookupError):
                    continue
            at += 1
        return found


def start(stack: Stack, folder: Path, row: list[float]) -> Running:
    """Start a stack and wait until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = folder / stack.name.replace(" ", "-")
    home.mkdir()
    output = (home / "output").open("w+b")
    begun = time.perf_counter()
    process = subprocess.Popen(
        stack.command(stack.interpreter, folder, port), cwd=home, stdout=output, stderr=subprocess.STDOUT
    )
    running = Running(stack, process, port, output)
    running.settle(row, begun)
    return running


def _try(port: int, request: bytes) -> bytes:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))
    except OSError as error:
        return str(error).encode()


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
