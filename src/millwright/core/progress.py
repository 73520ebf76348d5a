"""Progress of long work, told to whoever shows it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


class ProgressTask(Protocol):
    """One piece of work that goes forward."""

    def advance(self, amount: int = 1, *, note: str = "") -> None:
        """Some units are done; `note` replaces the short text behind the bar when it is not empty."""
        ...


class Progress(Protocol):
    """Shows tasks; the terminal's implementation draws bars."""

    def task(self, label: str, *, total: int | None = None) -> AbstractContextManager[ProgressTask]:
        """A task that lasts as long as the context; `total` in units, None when unknown."""
        ...

    def say(self, message: str) -> None:
        """One line for the user, above the bars."""
        ...


class _SilentTask:
    def advance(self, amount: int = 1, *, note: str = "") -> None:
        del amount, note


class SilentProgress:
    """Shows nothing; for tests, servers and `--json`."""

    @contextmanager
    def task(self, label: str, *, total: int | None = None) -> Iterator[ProgressTask]:
        """A task that shows nothing."""
        del label, total
        yield _SilentTask()

    def say(self, message: str) -> None:
        """Says nothing."""
        del message
