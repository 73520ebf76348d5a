"""The process that others are copies of: `main` runs in it, and is told what to do by messages on a socket.

A message is a JSON object. `{"load": […], "at_once": …}` names modules, which are loaded at once, or one by one while
nothing else is to be done; `{"here": true}` is answered with the same. `{"folder": …}` starts a process there, whose
three streams come along as descriptors. The answer is `{"pid": …}` or `{"error": …}`; `{"ended": pid, "code": …}` is
said of each process that has ended. When the socket closes, whoever had this process started is gone, and so is it;
what it forked looks after itself.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

MOST_BYTES = 65_536
_STREAMS = 3


def main() -> None:
    """Serve what is said on a socket; arguments: its number, what processes run, and where modules are found, too."""
    for number in (signal.SIGTERM, signal.SIGINT):  # a service manager asks every process; ours ends with the socket
        signal.signal(number, _ignored)
    os.dup2(2, 1)  # nothing that loading prints is anybody's answer
    sys.path.extend(sys.argv[3:])
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        _Server(connection, sys.argv[2]).serve()


class _Server:
    def __init__(self, connection: socket.socket, entry: str) -> None:
        self._connection = connection
        self._entry = entry
        self._waiting: deque[str] = deque()
        self._children: set[int] = set()
        self._ears, self._mouth = os.pipe()
        os.set_blocking(self._ears, False)
        os.set_blocking(self._mouth, False)
        signal.set_wakeup_fd(self._mouth, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _ignored)

    def serve(self) -> None:
        while True:
            patience = 0 if self._waiting else None
            sources: list[Any] = [self._connection, self._ears]
            readable, _, _ = select.select(sources, [], [], patience)
            if self._ears in readable:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._ears, MOST_BYTES)
                self._reap()
            if self._connection in readable:
                data, streams, _, _ = socket.recv_fds(self._connection, MOST_BYTES, _STREAMS)
                if not data:
                    return
                self._heard(json.loads(data), streams)
            elif self._waiting:
                _load(self._waiting.popleft())

    def _heard(self, message: dict[str, Any], streams: list[int]) -> None:
        if "load" in message:
            self._waiting.extend(message["load"])
            while self._waiting and message["at_once"]:
                _load(self._waiting.popleft())
            return
        gc.collect()
        gc.freeze()  # a process that looked through these for garbage would have to copy them
        if "here" in message:
            self._tell(here=True)
            return
        begun, begin = os.pipe()
        try:
            pid = os.fork()
            if pid == 0:
                self._be_child([*streams, begun, begin], message["folder"])
        except OSError as error:
            self._tell(error=str(error))
            os.close(begin)
        else:
            os.close(begin)
            os.read(begun, 1)  # until it has its session: who is told its number may kill that at once
            self._children.add(pid)
            self._tell(pid=pid)
        for descriptor in (*streams, begun):
            os.close(descriptor)

    def _reap(self) -> None:
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._children.discard(pid)
                self._tell(ended=pid, code=os.waitstatus_to_exitcode(status))

    def _tell(self, **message: Any) -> None:
        with contextlib.suppress(OSError):  # it is gone; the next read says so
            self._connection.send(json.dumps(message).encode())

    def _be_child(self, descriptors: list[int], folder: str) -> None:
        """In the copy: never returns. Its streams are the first of the descriptors."""
        code = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for place, stream in enumerate(descriptors[:_STREAMS]):
                os.dup2(stream, place)
            for descriptor in (*descriptors, self._ears, self._mouth):
                os.close(descriptor)
            self._connection.close()
            os.chdir(folder)
            sys.argv[:] = [self._entry]
            _forget_randomness()
            module, _, name = self._entry.partition(":")
            getattr(importlib.import_module(module), name)()
            code = 0
        except BaseException:  # noqa: BLE001 - this is where it ends
            sys.excepthook(*sys.exc_info())
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


def _load(module: str) -> None:
    with contextlib.suppress(Exception):  # who needs it will say what is wrong with it
        importlib.import_module(module)


def _forget_randomness() -> None:
    """Python's own generator begins anew after a fork; NumPy's would give all copies the same numbers."""
    random: Any = sys.modules.get("numpy.random")
    if random is not None:
        random.seed()


def _ignored(number: int, frame: FrameType | None) -> None:
    del number, frame
