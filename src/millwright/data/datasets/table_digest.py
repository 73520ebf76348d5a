"""The digest of a table that was changed in part: from the digests of its files, so that none has to be read.

`rows` is the scheme of `content_digest`: the same for equal tables however they were written. Tables that were written
whole have it. `files` hashes the names and types of the columns and, per file in order, its row count and the content
digest of its rows. Equal digests mean equal tables; equal tables that were cut into files differently have different
digests. A version's details name the scheme when it is `files`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.digest import digest_json
from millwright.data.datasets.content_digest import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import polars as pl

    from millwright.core.ids import Digest

SCHEME = "digest_scheme"  # the key in a record's details
FILES = "files"


def table_digest(schema: pl.Schema, files: Iterable[tuple[int, Digest]]) -> Digest:
    """The digest of a table by the scheme `files`.

    Args:
        schema: The table's columns; files may lack some of them, whose values are null then.
        files: Row count and content digest of every file, in order.
    """
    columns = [[name, type_name(dtype)] for name, dtype in schema.items()]
    return digest_json({"scheme": FILES, "columns": columns, "files": [[rows, digest] for rows, digest in files]})


def is_by_files(details: Mapping[str, Any]) -> bool:
    """Whether a version with these details has its digest by the scheme `files`."""
    return details.get(SCHEME) == FILES
