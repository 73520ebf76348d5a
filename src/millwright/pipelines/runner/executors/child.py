"""A process that executes steps: `python -m millwright.pipelines.runner.executors.child`.

It reads frames from its standard input (how its side is opened, then tasks) and writes frames to what was its standard
output: an empty one when a step with a time-out begins, then its outcome. A frame is four bytes of length and so many
bytes. When the input ends, whoever started it is gone: it stops at once, in the middle of a step, with all processes
that the step has started.
"""

from __future__ import annotations

import os
import queue
import signal
import struct
import sys
import threading
from typing import IO, TYPE_CHECKING

import msgspec

from millwright.pipelines.runner.executors.inline import execute
from millwright.pipelines.runner.executors.remote import Opener, RemoteWorker

if TYPE_CHECKING:
    from millwright.pipelines.runner.executors.base import Job, Outcome
    from millwright.pipelines.runner.shelf import ValueShelf

BEGUN = b""  # the frame that says so
_LENGTH = struct.Struct(">I")


def write_frame(stream: IO[bytes], data: bytes) -> None:
    """Write bytes with their length in front."""
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next bytes; None when the stream has ended."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(head)[0]
    data = stream.read(size)
    return data if len(data) == size else None


def main() -> None:
    """Execute tasks until the input ends."""
    # A service manager that stops us asks every process of ours; whoever gives the tasks decides when this one ends.
    signal.signal(signal.SIGTERM, lambda *_: None)  # not SIG_IGN, which what a step starts would inherit
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what steps print must not come between the frames
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, tasks), daemon=True).start()
    worker = RemoteWorker(msgspec.msgpack.decode(tasks.get(), type=Opener))

    def begin(job: Job, shelf: ValueShelf) -> Outcome:
        if job.node.spec.options.timeout_s:
            write_frame(answers, BEGUN)
        return execute(job, shelf, descriptors=True)

    while True:
        write_frame(answers, worker.perform(tasks.get(), run=begin))


def _read(stream: IO[bytes], tasks: queue.SimpleQueue[bytes]) -> None:
    while (data := read_frame(stream)) is not None:
        tasks.put(data)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
