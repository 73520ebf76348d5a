"""`python -m millwright` and other programs as processes that have their libraries already.

Most of what a short command costs is importing: two seconds of a processor for `mw server`, four for `mw run`. Here one
process per session imports everything once, before it has a thread or a file open, and every command is a fork of it: a
process of its own with its own folder, environment, standard streams, signals and end, as a user's is. Where fork or
what waits for a process is missing (other systems than Linux), or the caller asks for another Python (`PYTHON*`
variables), the command is an ordinary subprocess.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CAN_FORK = sys.platform == "linux" and hasattr(os, "pidfd_open")
_ORIGIN = Path(__file__).with_name("fork_origin.py")
_START_S = 120.0
# Read when a library is loaded, and so the same for all.
_LOADED = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_origins: dict[tuple[str, ...], _Origin] = {}


def start(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: int | None = None,
    stdout: int | IO[Any] | None = subprocess.PIPE,
    stderr: int | IO[Any] | None = subprocess.PIPE,
    libraries: Sequence[str] = (),
) -> Any:
    """A process that runs; it can what `subprocess.Popen` in text mode can.

    Args:
        words: `-m MODULE …`, `-c CODE …` or `FILE …`, as after `python`; `-u` may stand before.
        cwd: Where it runs.
        env: Its environment; this process's when absent.
        stdin: Nothing to read when absent.
        stdout: `subprocess.PIPE`, `subprocess.DEVNULL`, a descriptor or file, or this process's when None.
        stderr: Likewise.
        libraries: What is imported once for all processes that ask for the same; what Millwright needs when empty.
    """
    environment = dict(os.environ if env is None else env)
    changed = [name for name in {*environment, *os.environ} if name.startswith("PYTHON")]
    if not _CAN_FORK or any(environment.get(name) != os.environ.get(name) for name in changed):
        given = subprocess.DEVNULL if stdin is None else stdin
        command = [sys.executable, *words]
        return subprocess.Popen(command, cwd=cwd, env=environment, stdin=given, stdout=stdout, stderr=stderr, text=True)
    origin = _origins.get(key := tuple(libraries))
    if origin is None or origin.owner != os.getpid():
        origin = _origins[key] = _Origin(key)
    return origin.fork([*words], cwd, environment, (subprocess.DEVNULL if stdin is None else stdin, stdout, stderr))


def run(words: Sequence[str], *, cwd: Path, timeout: float = 120.0, given: str = "", **options: Any) -> Any:
    """Run one to its end, as `subprocess.run(…, capture_output=True, text=True)` does.

    Args:
        words: As in `start`.
        cwd: Where it runs.
        timeout: Seconds after which it is killed, and an error raised.
        given: What it reads from standard input.
        options: Further arguments of `start`.
    """
    process = start(words, cwd=cwd, stdin=subprocess.PIPE, **options)
    try:
        out, err = process.communicate(given, timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


class _Origin:
    """The process that all are forks of."""

    def __init__(self, libraries: tuple[str, ...]) -> None:
        self.owner = os.getpid()
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with theirs:
            command = [sys.executable, str(_ORIGIN), str(theirs.fileno()), *libraries]
            environment = {name: value for name, value in os.environ.items() if not name.startswith("MILLWRIGHT_")}
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env=environment | _LOADED, stdin=subprocess.DEVNULL
            )
        self._channel.settimeout(_START_S)
        assert self._channel.recv(16) == b"ready", "what all processes are forks of did not start"
        atexit.register(self._end)

    def fork(
        self, words: list[str], cwd: Path, env: dict[str, str], streams: tuple[int | IO[Any] | None, ...]
    ) -> Forked:
        kept: list[IO[str] | None] = []
        given: list[int] = []
        close: list[int] = []
        for number, stream in enumerate(streams):
            end: IO[str] | None = None
            if stream == subprocess.PIPE:
                read, write = os.pipe()
                mine, theirs = (write, read) if number == 0 else (read, write)
                end = open(mine, "w" if number == 0 else "r", encoding="utf-8")  # noqa: PTH123, SIM115 - the process's
                close.append(theirs)
            elif stream == subprocess.DEVNULL:
                theirs = os.open(os.devnull, os.O_RDWR)
                close.append(theirs)
            elif stream == subprocess.STDOUT:
                theirs = given[1]
            else:
                theirs = number if stream is None else stream if isinstance(stream, int) else stream.fileno()
            kept.append(end)
            given.append(theirs)
        told, tells = os.pipe()
        asked = json.dumps({"words": words, "cwd": str(cwd), "env": env}).encode()
        with self._lock:
            self._channel.sendall(len(asked).to_bytes(4, "big"))
            for begin in range(0, len(asked), 65536):
                self._channel.sendall(asked[begin : begin + 65536])
            socket.send_fds(self._channel, [b"f"], [*given, tells])
            pid = int(self._channel.recv(16))
        for each in (*close, tells):
            os.close(each)
        return Forked([sys.executable, *words], pid, told, kept)

    def _end(self) -> None:
        if self.owner == os.getpid():
            self._channel.close()
            self._process.wait()


class Forked:
    """A fork that runs, or has ended."""

    def __init__(self, args: list[str], pid: int, told: int, streams: list[IO[str] | None]) -> None:
        self.args, self.pid, self.returncode = args, pid, None
        self.stdin, self.stdout, self.stderr = streams
        self._told = told  # a pipe in which the exit code comes
        self._readers: list[threading.Thread] = []
        self._texts: dict[IO[str] | None, str] = {}

    returncode: int | None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self.wait()

    def __del__(self) -> None:
        self._close()
        if self._told >= 0:
            os.close(self._told)

    def poll(self) -> int | None:
        """The exit code; the negative number of a signal that ended it; None while it runs."""
        return self._wait(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        code = self._wait(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:  # noqa: A002 - as Popen calls it
        """What it wrote, when it has ended; may be called again after a timeout."""
        end = None if timeout is None else time.monotonic() + timeout
        if not self._readers:
            streams = [stream for stream in (self.stdout, self.stderr) if stream is not None and not stream.closed]
            self._readers = [threading.Thread(target=self._read, args=(each,), daemon=True) for each in streams]
            for reader in self._readers:
                reader.start()
        if self.stdin is not None and not self.stdin.closed:
            with suppress(BrokenPipeError):  # it did not want to know
                self.stdin.write(input or "")
                self.stdin.close()
        for reader in self._readers:
            reader.join(None if end is None else max(0.0, end - time.monotonic()))
            if reader.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        self.wait(None if end is None else max(0.0, end - time.monotonic()))
        self._close()
        return self._texts.get(self.stdout, ""), self._texts.get(self.stderr, "")

    def send_signal(self, signal: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signal)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(15)

    def kill(self) -> None:
        """End it."""
        self.send_signal(9)

    def _wait(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], timeout)[0]:
            code = os.read(self._told, 16)
            assert code, f"what {self.args} was a fork of has ended"
            self.returncode = int(code)
        return self.returncode

    def _read(self, stream: IO[str]) -> None:
        self._texts[stream] = stream.read()

    def _close(self) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
