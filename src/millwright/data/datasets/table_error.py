"""Failures of the library below, as errors that tell people what to do."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNUSABLE = re.compile(r"[\[\]?#]|%[0-9a-fA-F]{2}")


@contextmanager
def table_errors(uri: str) -> Iterator[None]:
    """Turn what goes wrong with a table into a `StorageError`; refused commits and missing files pass as they are."""
    from deltalake.exceptions import CommitFailedError, DeltaError

    try:
        yield
    except (CommitFailedError, FileNotFoundError):
        raise
    except (DeltaError, OSError, pl.exceptions.PolarsError) as error:
        raise StorageError(
            f"Cannot use the table {uri}: {' '.join(str(error).split())[:300]}.",
            hint="Check the path or URL, its permissions and the room on the disk.",
        ) from error


def check_usable(uri: str) -> None:
    """Refuse local folders on which the library fails, or which it takes for others: it reads paths as URLs in part.

    Raises:
        StorageError: The folder's name holds what has a meaning in URLs.
    """
    found = _UNUSABLE.search(uri) if "://" not in uri else None
    if found:
        raise StorageError(
            f"Cannot keep a table at {uri}: Delta tables cannot deal with '{found[0]}' in a folder's name.",
            hint="Rename the folder, or name another one in the setting 'datasets'.",
        )
