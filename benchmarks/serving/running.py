"""A server as processes: started, waited for, and what it costs."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from benchmarks.serving.shape import Rows
    from benchmarks.serving.stack import Stack

_PATIENCE_S = 180.0
_ENDING_S = 20.0
_MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S+ ([0-9a-f]+) (\S+) (\d+)")


class Running:
    """A server that answers.

    Attributes:
        stack: Which.
        port: Where.
        cold_s: From its start to its first answer, in seconds.
    """

    def __init__(self, stack: Stack, process: subprocess.Popen[bytes], port: int, output: IO[bytes]) -> None:
        self.stack = stack
        self.port = port
        self.cold_s = 0.0
        self._process = process
        self._output = output

    def cpu_s(self) -> float:
        """Processor seconds so far of all its processes, with all threads that they ever had."""
        total = 0.0
        for pid in self._pids():
            try:
                total += time.clock_gettime((~pid << 3) | 2)  # the kernel's number for the clock of that process
            except OSError:
                continue
        return total

    def memory_mib(self) -> float:
        """Of all its processes: each page of a file once, and what forked processes share once."""
        kib, files = 0, dict[tuple[Any, ...], int]()
        for pid in self._pids():
            try:
                whole = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
                parts = Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8", errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            kib += _sum(whole, "Pss_Anon:")
            starts = [*_MAPPING.finditer(parts)]
            for start, end in zip(starts, [*(each.start() for each in starts[1:]), len(parts)], strict=True):
                if start[3] != "0":
                    part = parts[start.end() : end]
                    files[start.groups()] = max(
                        files.get(start.groups(), 0), _sum(part, "Rss:") - _sum(part, "Anonymous:")
                    )
        return (kib + sum(files.values())) / 1024

    def answer(self, rows: Rows) -> list[float]:
        """The probabilities that it gives.

        Raises:
            RuntimeError: It gives none.
        """
        found = self._try(rows)
        head, _, body = found.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{self.stack.name}: {found[:2_000].decode(errors='replace')}")
        return self.stack.probabilities(_joined(body) if b"chunked" in head.lower() else body)

    def wait(self, rows: Rows, begun: float) -> None:
        """Wait for the first answer."""
        while not (found := self._try(rows)).startswith(b"HTTP/1.1 200"):
            if self._process.poll() is not None or time.perf_counter() - begun > _PATIENCE_S:
                self._output.seek(0)
                said = self._output.read()[-3_000:].decode(errors="replace")
                self.stop()
                raise RuntimeError(f"{self.stack.name} does not answer: {found[:300]!r} {said}")
            time.sleep(0.01)
        self.cold_s = time.perf_counter() - begun

    def stop(self) -> None:
        """End it, and what it started."""
        pids = self._pids()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in pids[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._output.close()

    def _try(self, rows: Rows) -> bytes:
        request = self.stack.request(rows).replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
                connection.sendall(request)
                return b"".join(iter(lambda: connection.recv(1 << 16), b""))
        except OSError as error:
            return str(error).encode()

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


@contextmanager
def on_processors(chosen: AbstractSet[int]) -> Iterator[None]:
    """Keep this thread to some of the machine's processors."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, chosen)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def start(stack: Stack, folder: Path, rows: Rows, *, processors: AbstractSet[int]) -> Running:
    """Start a stack on some of the machine's processors and wait until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = folder / f"{stack.name.replace(' ', '-')}-{port}"
    home.mkdir()
    output = (home / "output").open("w+b")
    begun = time.perf_counter()
    with on_processors(processors):  # which processes that begin there inherit
        process = subprocess.Popen(stack.command(folder, port), cwd=home, stdout=output, stderr=subprocess.STDOUT)
    running = Running(stack, process, port, output)
    running.wait(rows, begun)
    return running


def _joined(body: bytes) -> bytes:
    """The content of a body that came in chunks."""
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        whole, body = whole + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return whole


def _sum(text: str, name: str) -> int:
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(name))
