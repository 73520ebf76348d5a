"""The servers that are compared, each a process of its own with a folder of its own, and what they cost."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

_START_LIMIT_S = 90


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A tracking server and a driver that talks to it.

    Args:
        name: As the table calls it.
        command: How it is started; `{port}` and `{folder}` are filled in.
        folder: Its own.
        stock: The interpreter that has `mlflow`, for the driver; no driver is started without.
        environment: More variables.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        stock: str = "",
        environment: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        started = time.perf_counter()
        self._log = (folder / "server.log").open("wb")
        self.process = subprocess.Popen(
            [part.format(port=port, folder=folder) for part in command],
            cwd=folder,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
        self._await()
        self.boot_s = time.perf_counter() - started
        self._driver: subprocess.Popen[str] | None = None
        if stock:
            self._driver = subprocess.Popen(
                [stock, str(Path(__file__).with_name("driver.py")), self.url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                text=True,
            )
            self._expect("ready")

    def work(self, name: str, **arguments: Any) -> tuple[float, float, float]:
        """Have the driver do something.

        Returns:
            How much was done, the seconds that took, and the server's CPU seconds.
        """
        self._tell(json.dumps({"work": name, **arguments}))
        self._expect("begin")
        before = self.cpu_s()
        self._tell("go")
        told = json.loads(self._line())
        return told["amount"], told["seconds"], self.cpu_s() - before

    def cpu_s(self) -> float:
        """CPU seconds that the server's processes have taken so far, to the nanosecond."""
        # Linux: the clock of another process's CPU time; /proc counts in ticks of 10 ms, too coarse for short works.
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self._family())

    def memory_mb(self) -> float:
        """Proportional set size of the server's processes, in MB."""
        total = 0
        for pid in self._family():
            try:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            except OSError:
                continue
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        return total / 1000

    def processes(self) -> int:
        """How many processes the server is."""
        return len(self._family())

    def close(self) -> None:
        """End driver and server."""
        if self._driver is not None:
            self._driver.kill()
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _await(self) -> None:
        limit = time.perf_counter() + _START_LIMIT_S
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=2):  # noqa: S310 - ours
                    return
            except OSError:
                if self.process.poll() is not None or time.perf_counter() > limit:
                    sys.exit(f"{self.name} did not start; see {self.folder}/server.log")
                time.sleep(0.02)

    def _family(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if int(_stat(int(entry.name))[3]) == self.process.pid:  # the session's id
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    def _tell(self, line: str) -> None:
        if self._driver is None or self._driver.stdin is None:
            raise RuntimeError("The driver has no input.")
        self._driver.stdin.write(line + "\n")
        self._driver.stdin.flush()

    def _line(self) -> str:
        if self._driver is None or self._driver.stdout is None:
            raise RuntimeError("The driver has no output.")
        line = self._driver.stdout.readline()
        if not line:
            said = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"The driver of {self.name} ended: {said}")
        return line

    def _expect(self, word: str) -> None:
        found = self._line().strip()
        if found != word:
            raise RuntimeError(f"Expected {word!r} from the driver of {self.name}, found {found!r}.")


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the command: state, ppid, pgrp, session, …."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
