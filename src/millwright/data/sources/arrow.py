"""Arrow IPC: files (also called Feather, version 2) and streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.sources.place import one_line

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"ARROW1"
STREAM_MAGIC = b"\xff\xff\xff\xff"
NAMES = {".arrow", ".feather", ".ipc", ".arrows"}


def read_arrow(path: Path, uri: str) -> pl.DataFrame:
    """The rows of an Arrow IPC file or stream, with their types.

    Args:
        path: Where it lies.
        uri: What messages call it.

    Raises:
        InvalidInputError: It is neither, or a part of one; also the first Feather format, which nothing writes any
            more.
    """
    with path.open("rb") as file:
        is_file = file.read(len(MAGIC)) == MAGIC
    try:
        return pl.read_ipc(path) if is_file else pl.read_ipc_stream(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInputError(
            f"Expected an Arrow IPC file or stream in {uri}, found something else or a part of one: {one_line(error)}.",
            hint="Was the file copied whole? Feather files of version 1 must be converted.",
        ) from error
