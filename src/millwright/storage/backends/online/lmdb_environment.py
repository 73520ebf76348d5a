"""Open LMDB folders: once in a process, their maps grown when full, let go in forked children."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from millwright.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_READERS = 1024  # threads that read at the same moment, over all processes

# LMDB may be opened once in a process. Each entry: the environment, and how many stores use it.
_OPEN: dict[str, tuple[Environment, int]] = {}
_OPENING = Lock()


class Environment:
    """An open LMDB folder of one process.

    Reads of one process exclude one another, which the interpreter's lock does anyway; they do not wait for writes.
    Both are stopped while the map grows, as LMDB asks for.

    Attributes:
        is_open: Whether it can be used; not after `close`, and not in a child of the process that opened it.
        lock: Held while a transaction reads.
        writing: Held while one writes.
        rows: The tree with the rows of all views.

    Args:
        folder: Made when it is not there.
        map_size: Address space in bytes to begin with.

    Raises:
        StorageError: The folder cannot be used.
    """

    def __init__(self, folder: str, map_size: int) -> None:
        import lmdb

        self._library = lmdb
        self.folder = folder
        self.is_open = True
        self.lock = Lock()
        self.writing = Lock()
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
            # `max_dbs` as small as can be: LMDB makes room for all of them at the start of every transaction.
            self._lmdb = lmdb.open(
                folder,
                map_size=max(map_size, _size_of(folder)),
                max_dbs=1,
                max_readers=_MOST_READERS,
                readahead=False,
            )
            self.rows = self._lmdb.open_db(b"rows")
        except (lmdb.Error, OSError) as error:
            raise self._unusable(error) from error

    def begin(self) -> Any:
        """A transaction that reads, for whoever has the lock; the map is made as large as another process made it."""
        try:
            return self._lmdb.begin()
        except self._library.MapResizedError:
            # A writer of this process may be at work, whose transaction the change of the map would spoil.
            with self.writing:
                self._lmdb.set_mapsize(0)
            return self._lmdb.begin()
        except self._library.Error as error:
            raise self._unusable(error) from error

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """A transaction that reads."""
        with self.lock:
            reader = self.begin()
            try:
                yield reader
            finally:
                reader.abort()

    def write(self, work: Callable[[Any, Any], Any]) -> Any:
        """Call `work(transaction, rows)` and commit; called again when the map had to grow.

        Raises:
            StorageError: The folder cannot be written.
        """
        while True:
            with self.writing:
                try:
                    with self._lmdb.begin(write=True) as writer:
                        return work(writer, self.rows)
                except (self._library.MapFullError, self._library.MapResizedError) as error:
                    full = isinstance(error, self._library.MapFullError)
                except (self._library.Error, OSError) as error:
                    raise self._unusable(error) from error
            self._fit_map(full=full)

    def close(self) -> None:
        """Let go of the folder."""
        with self.lock, self.writing:
            self.is_open = False
            self._lmdb.close()

    def _fit_map(self, *, full: bool) -> None:
        # The lock of readers first, as in `begin`: two orders would block one another.
        with self.lock, self.writing:
            try:
                self._lmdb.set_mapsize(2 * self._lmdb.info()["map_size"] if full else 0)
            except (self._library.Error, OSError, MemoryError) as error:
                raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> StorageError:
        return StorageError(
            f"Cannot use the online store in {self.folder}: {error}.",
            hint="Check the folder, its permissions and the room on the disk.",
        )


def opened(folder: str, map_size: int) -> Environment:
    """The environment of a folder, opened if it is not yet; to be given back with `released`."""
    with _OPENING:
        environment, users = _OPEN.get(folder) or (Environment(folder, map_size), 0)
        _OPEN[folder] = (environment, users + 1)
        return environment


def released(environment: Environment) -> None:
    """Give an environment back; closed when nobody uses it. One of a parent process was let go when it forked."""
    if not environment.is_open:
        return
    with _OPENING:
        _, users = _OPEN[environment.folder]
        if users > 1:
            _OPEN[environment.folder] = (environment, users - 1)
            return
        del _OPEN[environment.folder]
        environment.close()


def _before_fork() -> None:
    """Wait for what is being read or written: in a child, nobody would end it."""
    _OPENING.acquire()
    for environment, _ in _OPEN.values():
        environment.lock.acquire()
        environment.writing.acquire()


def _after_fork_in_parent() -> None:
    for environment, _ in _OPEN.values():
        environment.writing.release()
        environment.lock.release()
    _OPENING.release()


def _after_fork_in_child() -> None:
    """Let go of the parent's; LMDB knows that it is not the child's, and leaves the parent's place in the folder."""
    _after_fork_in_parent()
    for environment, _ in _OPEN.values():
        environment.close()
    _OPEN.clear()


def _size_of(folder: str) -> int:
    file = Path(folder) / "data.mdb"
    return file.stat().st_size if file.exists() else 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
