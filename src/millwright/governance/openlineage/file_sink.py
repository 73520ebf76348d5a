"""Events appended to a file, one JSON object a line."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows, where such a file has one writer
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_END = b"\n"


class FileSink:
    """Appends whole lines, each with one write, so that several processes may share the file and a kill cuts none.

    A line that a full disk cut short is ended before the next one, so that it spoils no other. For one thread.

    Args:
        path: The file; its folder is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def send(self, body: bytes) -> None:
        """Append a line.

        Raises:
            OSError: It cannot be written.
        """
        if self._descriptor is None:
            self._descriptor = self._open()
        line = body + _END
        with _locked(self._descriptor):
            written = os.write(self._descriptor, line)
        if written < len(line):
            self.close()  # opened again, it begins with the end of this line
            raise OSError(f"{self._path} took only {written} of {len(line)} bytes")

    def close(self, limit_s: float = 0.0) -> None:
        """Let go of the file; there is nothing to wait for."""
        del limit_s
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        with _locked(descriptor):  # or a line that another process is writing would look like one cut short
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != _END:
                os.write(descriptor, _END)
        return descriptor


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """While it lasts no other sink writes to the file."""
    if fcntl is None:
        yield
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
