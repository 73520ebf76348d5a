"""Brings offline runs to where runs are kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError, IntegrityError, StorageError
from millwright.core.ids import RunId
from millwright.tracking.blob import LocalBlobs
from millwright.tracking.change import FileLogged
from millwright.tracking.offline_log import SUFFIX, OfflineLog, read_log
from millwright.tracking.sink import ForgivingSink, replay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.tracking.sink import Sink

FILES_FOLDER = "files"


class SyncState(StrEnum):
    """What became of an offline run."""

    SYNCED = "synced"  # all of it is where runs are kept
    BUSY = "busy"  # a process still writes it; nothing was done
    PARTLY = "partly"  # something was refused for good; the rest is where runs are kept, and the log stays
    DAMAGED = "damaged"  # what stands before the damage is where runs are kept, and the log stays


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncedRun:
    """One offline run after it was brought over.

    Attributes:
        problems: Why not all of it was.
    """

    run_id: RunId
    state: SyncState
    size_bytes: int
    problems: tuple[str, ...] = ()


def offline_logs(folder: Path) -> list[Path]:
    """The logs below a folder of offline runs, oldest run first; of one run the one that began it first."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stem.partition("-"))


def run_of(path: Path) -> RunId:
    """The run that a log is of."""
    return RunId(path.stem.partition("-")[0])


def sync_log(path: Path, sink: Sink, *, keep: bool = False, advance: Callable[[int], None] | None = None) -> SyncedRun:
    """Bring one log over, from its beginning; doing so again changes nothing.

    The log, and the bytes beside it that no other log names, are removed once all of it is durable.

    Args:
        path: The log.
        sink: Where its changes go.
        keep: Whether it stays.
        advance: Told of the bytes that are durable.

    Raises:
        StorageError: The sink cannot be written; the log is as it was.
    """
    size = path.stat().st_size
    try:
        log = OfflineLog(path)
    except ConflictError as error:
        return SyncedRun(run_id=run_of(path), state=SyncState.BUSY, size_bytes=size, problems=(str(error),))
    except OSError as error:
        raise StorageError(f"Cannot read {path}: {error}.", hint="Check its permissions.") from error
    forgiving = ForgivingSink(sink)
    state = SyncState.SYNCED
    try:
        try:
            replay(path, forgiving, advance=advance)
        except IntegrityError as error:
            forgiving.refused.append(error)
            state = SyncState.DAMAGED
        if forgiving.refused and state is SyncState.SYNCED:
            state = SyncState.PARTLY
        if state is SyncState.SYNCED and not keep:
            digests = _digests(path)
            log.remove()
            _discard(path.parent, digests)
    finally:
        log.close()
    problems = tuple(dict.fromkeys(str(error) for error in forgiving.refused))
    return SyncedRun(run_id=run_of(path), state=state, size_bytes=size, problems=problems)


def _digests(path: Path) -> set[str]:
    return {change.digest for change, _ in read_log(path) if isinstance(change, FileLogged)}


def _discard(folder: Path, digests: set[str]) -> None:
    if not digests:
        return
    blobs = LocalBlobs(folder / FILES_FOLDER)
    needed = set().union(*(_digests(other) for other in offline_logs(folder)))
    for path in blobs.folder.glob("*"):
        if path.name in digests - needed:
            path.unlink(missing_ok=True)
