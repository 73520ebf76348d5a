"""Files that commands write where the user says, and tables that they read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    import polars as pl

    from millwright.workspace.workspace import Workspace


def write_file(path: str, data: bytes) -> None:
    """Write a file, replacing what was there.

    Raises:
        InvalidInputError: The place cannot be written.
    """
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise InvalidInputError(f"Cannot write {path}: {error.strerror}.", hint="Name another file.") from error


def require_writable(path: str) -> None:
    """See that a file can be written, before the work whose result it is to hold; nothing is written.

    Raises:
        InvalidInputError: Its folder is not there, it is a folder itself, or nobody may write it.
    """
    place = Path(path)
    folder = place.parent
    reason = ""
    if not folder.is_dir():
        reason = f"there is no folder {folder}"
    elif place.is_dir():
        reason = "it is a folder"
    elif not os.access(place if place.exists() else folder, os.W_OK):
        reason = "permission denied"
    if reason:
        raise InvalidInputError(f"Cannot write {path}: {reason}.", hint="Name another file.")


def shown_path(path: Path) -> str:
    """A path as it is typed from here: relative when it is inside the present folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def read_table(workspace: Workspace, source: str) -> pl.DataFrame:
    """The rows of a file as they would be stored, or of a dataset as `name` or `name@version`; files come first.

    Raises:
        NotFoundError: Neither a file nor a dataset has that name.
        InvalidInputError: The file is no table.
    """
    from millwright.data.datasets.normal_form import to_normal_form
    from millwright.data.sources.source import read_source

    if Path(source).is_file() or "://" in source:
        return to_normal_form(read_source(source).frame)
    try:
        return workspace.datasets.get(source).read()
    except (NotFoundError, InvalidInputError):
        if "/" in source or Path(source.partition("@")[0]).suffix:
            # Reading says that the file is not there, and names the closest.
            return to_normal_form(read_source(source).frame)
        raise
