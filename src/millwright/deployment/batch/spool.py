"""Rows that may not come again as they came: kept in a job's folder, so that a run that goes on has the same ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from millwright.data.datasets.staged_rows import blocks
from millwright.deployment.batch.journal import unified
from millwright.deployment.batch.source import Chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from millwright.core.progress import Progress

_DONE = "input.json"


def spooled(read: Callable[[], Iterator[pl.DataFrame]], folder: Path, chunk_rows: int, progress: Progress) -> Chunks:
    """The rows of a database or the like, as they were when the job began.

    Args:
        read: Gives the rows; not called when they are in the folder already. Frames may differ in their types.
        folder: The job's.
        chunk_rows: Most rows in one chunk.
        progress: Told of the rows.

    Raises:
        InvalidInputError: A column has values of types that don't go together.
    """
    marker = folder / _DONE
    if not marker.exists():
        rows = _keep(read(), folder, progress)
        (folder / f"{_DONE}.new").write_bytes(msgspec.json.encode(rows))
        (folder / f"{_DONE}.new").replace(marker)
    rows = msgspec.json.decode(marker.read_bytes(), type=int)
    paths = sorted(folder.glob("input-*.part"))
    columns = tuple(pl.read_ipc_schema(paths[0])) if paths else ()
    return Chunks(columns=columns, rows=rows, frames=blocks(unified(paths), chunk_rows))


def _keep(frames: Iterator[pl.DataFrame], folder: Path, progress: Progress) -> int:
    rows = 0
    with progress.task("Reading") as task:
        for number, frame in enumerate(frames):
            with (folder / f"input-{number:08}.part").open("wb") as file:
                frame.write_ipc(file, compression="lz4")
                file.flush()
                os.fsync(file.fileno())  # nothing compares these rows later
            rows += frame.height
            task.advance(frame.height)
    return rows
