"""Whether a job would write over what it reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.data.sources.listing import list_files, names_many
from millwright.data.sources.place import is_url

if TYPE_CHECKING:
    from millwright.deployment.batch.input import Source
    from millwright.deployment.batch.target import Target


def refuse_overlap(source: Source, target: Target, rejected: str) -> None:
    """See to it that neither the output nor the file of rejected rows takes the place of what is read.

    Rows that do not fit leave the output, so that a table that is written over itself would lose them.

    Args:
        source: As in `predict_table`.
        target: The output.
        rejected: The file for rows that do not fit.

    Raises:
        InvalidInputError: One of the two is a file of the input, or they are the same file.
        StorageError: The input's files cannot be listed.
    """
    output = target.path.resolve() if target.format == "file" and target.path is not None else None
    refused = Path(rejected).expanduser().resolve()
    if output == refused:
        raise InvalidInputError(
            f"Expected two files, found {rejected} for the predictions and for the rows that do not fit.",
            hint="Name another one with --rejected.",
        )
    for written, option in ((output, "--output"), (refused, "--rejected")):
        if written is not None and _is_read(source, written):
            raise InvalidInputError(
                f"Expected another {option[2:]} than what is read, found {written.name}, which would be lost.",
                hint=f"Name another file with {option}.",
            )


def _is_read(source: Source, file: Path) -> bool:
    """Whether a file is one of those that hold the input."""
    if not isinstance(source, str) or is_url(source) or not file.exists():
        return False
    path = Path(source).expanduser()
    if path.is_dir():
        return file.is_relative_to(path.resolve())
    if names_many(source):
        return any(Path(each.path).resolve() == file for each in list_files(source))
    return path.resolve() == file
