"""Starts processes that do one kind of work, each as a copy of one that has loaded what they need."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING, Any, Self

from millwright.core.forking.server import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CODE = "from millwright.core.forking.server import main; main()"
_INSTALLED = ("site-packages", "dist-packages")
_AT_ONCE = 200  # names of modules in a message

_State = tuple[dict[str, str], list[tuple[str, int]]]

CAN_FORK = sys.platform == "linux"  # elsewhere system libraries forbid to go on after a fork


class ForkedProcess:
    """A process, as `subprocess.Popen` shows it. Thread-safe.

    Attributes:
        pid: Its number, and that of its session.
        stdin: What it reads.
        stdout: What it writes.
        returncode: None while it lives; below zero for a signal.
    """

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid = pid
        self.stdin = stdin
        self.stdout = stdout
        self.returncode: int | None = None
        self._ended = threading.Event()

    def poll(self) -> int | None:
        """Its exit code; None while it lives."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, so many seconds at most.

        Raises:
            subprocess.TimeoutExpired: It lives still.
        """
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired("a forked process", timeout or 0.0)
        return self.returncode or 0

    def kill(self) -> None:
        """End it at once."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def end(self, code: int) -> None:
        """It has ended, says the one that forked it."""
        self.returncode = code
        self._ended.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.stdout, self.stdin):
            with contextlib.suppress(OSError):
                stream.close()
        self.wait()


class Forker:
    """Starts processes of one kind. Thread-safe; nothing runs before the first start.

    What is loaded once is loaded anew when the environment has changed since, or what is installed. Where processes
    cannot be forked, each is one of its own from the beginning: the same, but slower.

    Args:
        entry: What a process runs, as `package.module:function`; what that module imports is loaded once.
        modules: What else is loaded before the first process begins; of libraries, those of `library.FORK_SAFE`.
        paths: Where modules are found, besides what the interpreter knows.
    """

    def __init__(self, entry: str, modules: Iterable[str] = (), paths: Sequence[str] = ()) -> None:
        self._entry = entry
        self._modules = dict.fromkeys([entry.partition(":")[0], *modules])
        self._paths = tuple(paths)
        self._lock = threading.Lock()
        self._origins: list[_Origin] = []  # of which the last is copied; the others have processes still

    def start(self) -> subprocess.Popen[bytes] | ForkedProcess:
        """A new process, in a session of its own, with pipes for its input and output.

        Raises:
            OSError: There are no more processes, or is no more memory.
        """
        if not CAN_FORK:
            return self._start_plainly()
        with self._lock:
            try:
                return self._origin().start()
            except OSError:
                if not self._origins[-1].is_gone:
                    raise
                return self._origin().start()  # somebody has killed it, which should not cost a run

    def prepare(self) -> None:
        """Load what is to be loaded, and return when it is: the next start takes some ms.

        Raises:
            OSError: There are no more processes, or is no more memory.
        """
        if CAN_FORK:
            with self._lock:
                self._origin().wait()

    def load(self, modules: Iterable[str]) -> None:
        """Have more loaded for processes to come, as soon as there is nothing else to do.

        Args:
            modules: Their names; those that cannot be loaded are passed over.
        """
        with self._lock:
            new = [name for name in modules if name not in self._modules]
            self._modules.update(dict.fromkeys(new))
            if self._origins:
                self._origins[-1].load(new)

    def close(self) -> None:
        """Kill what was forked and is still there; processes may be started again."""
        with self._lock:
            for origin in self._origins:
                origin.close()
            self._origins.clear()

    def _origin(self) -> _Origin:
        """The process to copy, as things are now; those before it end with the last that was forked from them."""
        state = _state()
        if not self._origins or self._origins[-1].is_gone or self._origins[-1].state != state:
            self._origins.append(_Origin(self._entry, tuple(self._modules), self._paths, state))
        for origin in [each for each in self._origins[:-1] if not each.has_processes]:
            origin.close()
            self._origins.remove(origin)
        return self._origins[-1]

    def _start_plainly(self) -> subprocess.Popen[bytes]:
        module, _, name = self._entry.partition(":")
        code = f"import sys; sys.path.extend(sys.argv[1:]); from {module} import {name}; {name}()"
        return subprocess.Popen(
            [sys.executable, "-P", "-c", code, *self._paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=os.name != "nt",
        )


class _Origin:
    """The process that others are copies of, as seen from here."""

    def __init__(self, entry: str, modules: Sequence[str], paths: Sequence[str], state: _State) -> None:
        self.state = state
        self.is_gone = False
        self._living: dict[int, ForkedProcess] = {}
        self._streams: tuple[IO[bytes], IO[bytes]] | None = None  # of the process that is being started
        self._answers: queue.SimpleQueue[ForkedProcess | str] = queue.SimpleQueue()
        self._connection, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _CODE, str(its.fileno()), entry, *paths],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(its.fileno(),),
                start_new_session=True,  # Ctrl-C is for us
            )
        self._listener = threading.Thread(target=self._listen, name="millwright-forker", daemon=True)
        self._listener.start()
        self.load(modules, at_once=True)

    @property
    def has_processes(self) -> bool:
        return bool(self._living)

    def wait(self) -> None:
        """Until it has loaded what it was told to load at once."""
        with contextlib.suppress(OSError):
            self._connection.send(b'{"here": true}')
            self._answers.get()

    def load(self, modules: Sequence[str], *, at_once: bool = False) -> None:
        for begin in range(0, len(modules), _AT_ONCE):
            message = {"load": modules[begin : begin + _AT_ONCE], "at_once": at_once}
            with contextlib.suppress(OSError):  # it is gone; who starts a process notices
                self._connection.send(json.dumps(message).encode())

    def start(self) -> ForkedProcess:
        its_input, our_input = os.pipe()
        our_output, its_output = os.pipe()
        self._streams = os.fdopen(our_input, "wb"), os.fdopen(our_output, "rb")
        try:
            message = json.dumps({"folder": os.getcwd()}).encode()  # noqa: PTH109 - a text
            socket.send_fds(self._connection, [message], [its_input, its_output, 2])
        except OSError as error:
            answer: ForkedProcess | str = str(error)
        else:
            answer = self._answers.get()
        os.close(its_input)
        os.close(its_output)
        if isinstance(answer, str):
            for stream in self._streams:
                stream.close()
            raise OSError(f"A process could not be started: {answer}.")
        return answer

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._process.wait()
        self._listener.join()
        self._connection.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._connection.recv(MOST_BYTES):
                message: dict[str, Any] = json.loads(data)
                if "pid" in message and self._streams is not None:
                    process = ForkedProcess(message["pid"], *self._streams)
                    self._living[process.pid] = process
                    self._answers.put(process)
                elif "error" in message or "here" in message:
                    self._answers.put(str(message.get("error", "")))
                else:
                    self._living.pop(message["ended"]).end(message["code"])
        self.is_gone = True
        self._answers.put("the process that it would be a copy of has ended")
        for pid, process in list(self._living.items()):  # nobody will tell of their end
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            process.end(-signal.SIGKILL)
        self._living.clear()


def _state() -> _State:
    """What a new process would find changed: variables, and the folders in which libraries are installed."""
    changed = []
    for folder in sys.path:
        if not folder.endswith(_INSTALLED):
            continue  # a project's own folder changes all the time, and nothing of it is loaded
        with contextlib.suppress(OSError):
            changed.append((folder, os.stat(folder).st_mtime_ns))  # noqa: PTH116 - each time a process starts
    return dict(os.environ), changed
