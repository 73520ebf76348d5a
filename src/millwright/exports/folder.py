"""Writes an export: all of it or nothing."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from millwright.core.errors import AlreadyExistsError, InvalidInputError, StorageError
from millwright.core.temporary_folder import new_temporary_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.progress import Progress


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Whether an export may be written to a folder.

    Raises:
        InvalidInputError: It is a file.
        AlreadyExistsError: It holds something, and it was not said that this may go.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InvalidInputError(f"Expected a folder to write to, found that {folder} is none.", hint="Name another.")
    if folder.exists() and any(folder.iterdir()) and not force:
        raise AlreadyExistsError(
            f"The folder {folder} is not empty.", hint="Name a new one, or replace all that is in it with --force."
        )


def write_files(files: Mapping[str, bytes], folder: Path, *, force: bool = False, progress: Progress) -> None:
    """Write files into a new folder, which takes the place of an older one only when it is whole.

    Args:
        files: Content by path, with `/`.
        folder: Made with the folders above it.
        force: Replace what it holds.
        progress: Shows how far it is.

    Raises:
        InvalidInputError, AlreadyExistsError: See `check_folder`.
        StorageError: The disk says no.
    """
    check_folder(folder, force=force)
    partial: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = new_temporary_folder("export", str(folder.parent.resolve()))
        partial.chmod(0o755)  # what is built from it is read by others
        with progress.task("Files", total=len(files)) as task:
            for path, content in files.items():
                file = partial.joinpath(*PurePosixPath(path).parts)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                task.advance(note=path)
        _exchange(partial, folder)
    except OSError as error:
        raise StorageError(f"The folder {folder} cannot be written: {error.strerror or error}.") from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def _exchange(partial: Path, folder: Path) -> None:
    if folder.exists():
        aside = new_temporary_folder("export", str(folder.parent.resolve()))
        before = folder.rename(aside / folder.name)
        try:
            partial.rename(folder)
        except OSError:
            before.rename(folder)
            raise
        finally:
            with suppress(OSError):
                shutil.rmtree(aside)
    else:
        partial.rename(folder)
