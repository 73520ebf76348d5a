"""A folder for what does not fit into memory, gone when its user is done."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import StorageError
from millwright.core.temporary_folder import new_temporary_folder
from millwright.data.engines.portable_form import to_portable_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.data.engines.input_table import InputTable

ROWS_PER_FILE = 2**40  # more than any file has: a row's place among all is that of its file times this, plus its own


@contextmanager
def scratch_folder(root: str) -> Iterator[Path]:
    """A new folder below `root` (the system's temporary folder when empty); removed at the end.

    Raises:
        StorageError: It cannot be made.
    """
    try:
        if root:
            Path(root).mkdir(parents=True, exist_ok=True)
        folder = new_temporary_folder("scratch", root)
    except OSError as error:
        raise StorageError(
            f"No scratch folder can be made in {root or tempfile.gettempdir()}: {error.strerror}.",
            hint="Set engine.scratch to a folder that can be written.",
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_files(
    name: str, table: InputTable, folder: Path, *, place: str | None = None, portable: bool = True
) -> tuple[str, ...]:
    """The Parquet files of an input; a frame is written to the scratch folder in portable form, batch by batch.

    Files of an object store are copied there too, by Polars, which has the credentials.

    Args:
        name: The input.
        table: What it is.
        folder: The scratch folder.
        place: Name of one more column with the rows' numbers in the input, from 0, in files that are written here.
        portable: Whether those files are in portable form; else they have the input's own types.
    """
    if table.files is not None and not any("://" in file for file in table.files):
        return table.files
    path = folder / f"{name}.parquet"
    rows = table.lazy if place is None else table.lazy.with_row_index(place)
    (to_portable_form(rows) if portable else rows).sink_parquet(path, compression="lz4", engine="streaming")
    return (str(path),)
