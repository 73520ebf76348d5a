"""Where a run's changes go: what a sink is, and replaying an offline log into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from millwright.core.errors import MillwrightError, StorageError
from millwright.tracking.offline_log import read_log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from millwright.tracking.change import Change

REPLAY_BATCH = 1000


class Sink(Protocol):
    """Takes the changes of one run, in their order."""

    def write(self, changes: Sequence[Change]) -> None:
        """Apply changes as one; they are durable when this returns, and may be applied again.

        Raises:
            StorageError: They could not be written now; trying again later may help.
            MillwrightError: They can never be written like this; nothing of them was.
        """
        ...


class ForgivingSink:
    """Passes changes on; one that is refused for good does not keep back the others.

    Args:
        sink: Where they go.

    Attributes:
        refused: What was refused so far.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.refused: list[MillwrightError] = []

    def write(self, changes: Sequence[Change]) -> None:
        """Write changes as one; one by one when that is refused.

        Raises:
            StorageError: They could not be written now.
        """
        try:
            self._sink.write(changes)
        except StorageError:
            raise
        except MillwrightError as error:
            if len(changes) == 1:
                self.refused.append(error)
                return
            for change in changes:
                self.write([change])


def replay(path: Path, sink: Sink, *, start: int = 0, advance: Callable[[int], None] | None = None) -> int:
    """Bring a log's changes to a sink, in batches.

    Args:
        path: The log.
        sink: Where they go.
        start: A position in the log, as this function gave it before.
        advance: Told of the bytes of each batch that is durable.

    Returns:
        The position behind the last change.

    Raises:
        IntegrityError: A line is damaged; what stands before it was written.
        MillwrightError: As `Sink.write`.
    """
    batch: list[Change] = []
    done = end = start

    def write() -> None:
        nonlocal done
        if batch:
            sink.write(batch)
            batch.clear()
        if advance is not None:
            advance(end - done)
        done = end

    try:
        for change, position in read_log(path, start):
            batch.append(change)
            end = position
            if len(batch) >= REPLAY_BATCH:
                write()
    finally:
        write()
    return end
