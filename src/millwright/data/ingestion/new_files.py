"""Increments by files: those of a folder or pattern that were not there the last time.

A file is known by its name below the folder and by its digest. What a place tells of a file without reading it (its
time, size, ETag) spares reading it again to see that it is the same.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.credential import without_credentials
from millwright.core.errors import InvalidInputError
from millwright.data.ingestion.increment import Increment
from millwright.data.sources.listing import list_files, names_many
from millwright.data.sources.table_file import opened_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.progress import ProgressTask
    from millwright.data.sources.listing import ListedFile
    from millwright.data.sources.place import FetchedFile
    from millwright.data.sources.request import SourceOptions


def read_new_files(
    source: str, options: SourceOptions, position: Mapping[str, Any], task: ProgressTask, *, may_change: bool
) -> Increment | None:
    """The rows of the files that are new.

    Args:
        source: A folder or pattern.
        options: How to read each file.
        position: What the last read left; empty at first.
        task: Told of the rows.
        may_change: Whether a known file with other content is read again; otherwise it is an error, as its former rows
            are in the dataset already. Files that are gone are not looked for: their rows stay.

    Returns:
        None when nothing is new.

    Raises:
        InvalidInputError: The source is a single file, holds none, a known file has changed, or one cannot be read.
        MissingExtraError: The library for that kind of URL or file is not installed.
        StorageError: A URL cannot be reached.
    """
    if not names_many(source):
        raise InvalidInputError(
            f"Expected a folder or a pattern such as 'data/*.csv' to look for new files, found "
            f"{without_credentials(source)}.",
            hint="Put the pattern in quotes, so that the shell leaves it alone; or leave --incremental out.",
        )
    known: Mapping[str, Any] = position.get("files", {})
    unsure = [file for file in list_files(source) if not _is_known(file, known)]
    if not unsure:
        return None
    with ExitStack() as stack:
        here = [(file, stack.enter_context(file.fetched())) for file in unsure]
        new = [(file, copy) for file, copy in here if known.get(file.name, {}).get("digest") != copy.digest]
        if not may_change:
            _refuse_changed(new, known)
        marks = {file.name: {"digest": copy.digest, "stamp": file.stamp} for file, copy in here}
        position = {"files": {**known, **marks}}
        if not new:  # only touched; the next time it is told by their stamps again
            return Increment(frame=pl.DataFrame(), position=position, uri=without_credentials(source), format="files")
        found = opened_files(source, [(file.name, copy) for file, copy in new], options)
        frame, kind = found.load(task)
    return Increment(frame=frame, position=position, uri=found.uri, format=kind, files=found.files)


def _is_known(file: ListedFile, known: Mapping[str, Any]) -> bool:
    return bool(file.stamp) and known.get(file.name, {}).get("stamp") == file.stamp


def _refuse_changed(new: Sequence[tuple[ListedFile, FetchedFile]], known: Mapping[str, Any]) -> None:
    changed = [copy.uri for file, copy in new if file.name in known]
    if changed:
        more = f" and {len(changed) - 1:,} more" if len(changed) > 1 else ""
        raise InvalidInputError(
            f"Expected files that stay as they were read, found {changed[0]} changed{more}: its former rows are in the "
            "dataset already.",
            hint="Merge by key (--key COLUMN), or read all files anew without --incremental.",
            details={"files": changed},
        )
