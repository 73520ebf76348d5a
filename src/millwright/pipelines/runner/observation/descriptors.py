"""What a process writes to its standard output and error, whoever writes it: Python, C code, its children."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from contextlib import suppress
from functools import lru_cache

_CHUNK = 1 << 20
_LONG = 16 << 20  # bytes that are read before the file is emptied


class Descriptors:
    """File descriptors 1 and 2 lead to a temporary file until `close`.

    A file and not a pipe: C code that holds Python's lock and writes much would wait for ever for whoever empties the
    pipe. The file is emptied after each 16 MiB that were read; what is written in that moment may be lost.
    """

    def __init__(self) -> None:
        self._file = _nameless_file()
        self._read = 0
        _flush()
        self._saved = {number: os.dup(number) for number in (1, 2)}
        for number in self._saved:
            os.dup2(self._file, number)

    def write(self, data: bytes) -> None:
        """Add bytes in order with what others write."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def read(self) -> bytes:
        """What was written since the last call, at most 1 MiB."""
        data = os.pread(self._file, _CHUNK, self._read)
        self._read += len(data)
        if not data and self._read > _LONG:
            os.ftruncate(self._file, 0)
            self._read = 0
        return data

    def restore(self) -> None:
        """The descriptors lead where they led before; what was written can still be read."""
        _flush()
        for number, saved in self._saved.items():
            os.dup2(saved, number)
            os.close(saved)
        self._saved = {}

    def close(self) -> None:
        """Forget what was written."""
        os.close(self._file)


def _nameless_file() -> int:
    """The descriptor of a file that only this process has, whose writes go to its end."""
    if sys.platform == "linux":
        import fcntl

        file = os.memfd_create("millwright-output")
        fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
        return file
    number, path = tempfile.mkstemp(prefix="millwright-output-")
    os.close(number)
    file = os.open(path, os.O_RDWR | os.O_APPEND)
    os.unlink(path)  # noqa: PTH108 (beside the calls that have no other form)
    return file


@lru_cache(maxsize=1)
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def _flush() -> None:
    """Write what Python and the C library hold back."""
    for stream in (sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()  # type: ignore[union-attr]
    with suppress(OSError, AttributeError):
        _c_library().fflush(None)
