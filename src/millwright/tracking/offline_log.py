"""The offline log: one run's changes as checksummed JSON lines that are only ever appended.

A line is `{"crc32":"89abcdef","change":{…}}`; the checksum is of the bytes of the change. A line that a crash cut off
at the end is passed over, and removed when the log is opened for writing again. Damage before the last line is an
error. While a process writes a log it holds a lock on it, so that `mw sync` leaves it alone.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError, IntegrityError
from millwright.tracking.blob import sync_path
from millwright.tracking.change import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from millwright.core.ids import RunId
    from millwright.tracking.change import Change

SUFFIX = ".jsonl"
_HEAD = b'{"crc32":"'
_MIDDLE = b'","change":'
_BODY_AT = len(_HEAD) + 8 + len(_MIDDLE)


class OfflineLog:
    """One log, open for appending; not thread-safe.

    Args:
        path: The file; made, with its folder, when it is not there.

    Raises:
        ConflictError: Another process writes it.
        OSError: It cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            lock(self._file, path)
            os.ftruncate(self._file, _whole_bytes(path))
        except BaseException:
            os.close(self._file)
            raise
        sync_path(path.parent)

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""
        return os.fstat(self._file).st_size

    def append(self, changes: Sequence[Change]) -> None:
        """Write changes behind the others; they outlive this process, and a power cut only after `sync`.

        Raises:
            OSError: They could not be written; nothing of them stays.
        """
        before = self.size_bytes
        data = memoryview(b"".join(_line(change) for change in changes))
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, before)
            raise

    def sync(self) -> None:
        """Return once everything written is on disk."""
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file and let go of its lock; once is enough."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def remove(self) -> None:
        """Delete the file, then close it."""
        self.path.unlink(missing_ok=True)
        self.close()


class OfflineSink:
    """Where the changes of an offline run go.

    Args:
        log: The run's log.
    """

    def __init__(self, log: OfflineLog) -> None:
        self._log = log

    def write(self, changes: Sequence[Change]) -> None:
        """Append changes; they are on disk when this returns."""
        self._log.append(changes)
        self._log.sync()


def log_path(folder: Path, run_id: RunId) -> Path:
    """Where the log of a run is, below the folder of offline runs; a forked process has one of its own."""
    path = folder / f"{run_id}{SUFFIX}"
    return path if _is_free(path) else folder / f"{run_id}-{os.getpid()}{SUFFIX}"


def read_log(path: Path, start: int = 0) -> Iterator[tuple[Change, int]]:
    """The changes of a log in order, each with the position behind it.

    Args:
        path: The log; none are given when it is not there.
        start: A position that was given before.

    Raises:
        IntegrityError: A line that is not the last is damaged; those before it have been given.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        position = file.seek(start)
        for line in file:
            body = _body(line)
            if body is None:
                if not file.read(1):  # cut off by a crash, at the very end
                    return
                raise IntegrityError(
                    f"{path}: the line at byte {position} is damaged; what stands before it can be read.",
                    hint="Restore the file from a copy, or delete that line to go on without it.",
                )
            position += len(line)
            yield from_json(json.loads(body)), position


def lock(descriptor: int, path: Path) -> None:
    """Hold a log against other processes until the descriptor is closed; without effect where there are no locks.

    Raises:
        ConflictError: Somebody else holds it.
    """
    try:
        import fcntl
    except ImportError:  # Windows keeps an open file from being deleted by itself
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ConflictError(
            f"The run of {path.name} is still being written by another process.",
            hint="Wait until it has ended, then sync again.",
        ) from error


def _is_free(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return True
    try:
        lock(descriptor, path)
    except ConflictError:
        return False
    finally:
        os.close(descriptor)
    return True


def _line(change: Change) -> bytes:
    body = json.dumps(to_json(change), ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    return b"%s%08x%s%s}\n" % (_HEAD, zlib.crc32(body), _MIDDLE, body)


def _body(line: bytes) -> bytes | None:
    """The change in a line; None when the line is not whole."""
    if not line.startswith(_HEAD) or not line.endswith(b"}\n"):
        return None
    body = line[_BODY_AT:-2]
    return body if line[len(_HEAD) : len(_HEAD) + 8] == b"%08x" % zlib.crc32(body) else None


def _whole_bytes(path: Path) -> int:
    """The size of a log without what a crash cut off at its end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        back = 1 << 16
        while True:
            file.seek(max(size - back, 0))
            tail = file.read()
            end = tail.rfind(b"\n")
            if end >= 0 or back >= size:
                return size - len(tail) + end + 1
            back *= 2
