"""A file that lines are appended to, and that others may rotate meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

from millwright.core.errors import ConfigurationError

_MODE = 0o640


class AppendFile:
    """Appends whole lines.

    A file that was moved away or deleted is made again: it is looked for before each batch. One that was cut short
    (`copytruncate`) is gone on with at its new end. Several processes may append to one file: each batch of lines is
    one call of the system, which puts it at the end.

    Args:
        path: Where; its folder must be there.

    Raises:
        ConfigurationError: It cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        try:
            self._descriptor = self._open()
        except OSError as error:
            raise ConfigurationError(
                f"Expected an access log that can be written, found '{path}': {error.strerror}.",
                hint="Name a file in a folder that is there, or - for the standard error stream.",
            ) from error

    def append(self, lines: bytes) -> None:
        """Append lines, each with its end.

        Raises:
            OSError: They cannot be written, or not all of them.
        """
        if self._is_gone():
            descriptor = self._open()
            os.close(self._descriptor)
            self._descriptor = descriptor
        rest = memoryview(lines)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)

    def _is_gone(self) -> bool:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return True
        mine = os.fstat(self._descriptor)
        return (found.st_dev, found.st_ino) != (mine.st_dev, mine.st_ino)
