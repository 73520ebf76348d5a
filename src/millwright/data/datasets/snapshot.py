"""One version of a table: its columns and files, and its rows, lazily or at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import IntegrityError
from millwright.data.datasets.data_file import DataFile, in_order, known_file, location
from millwright.data.datasets.table_error import table_errors

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """One version of a table, as its log has it.

    Attributes:
        uri: The table's folder or URL.
        version: The number of the Delta version.
        schema: Its columns.
        files: In the order of their rows.
        bounds: Per file `path`, `min` and `max` (structs of the columns' bounds, null where none is known); the latter
            two may be absent.
        table: The opened `DeltaTable`; writes that are made with it fail when another version came in between.
    """

    uri: str
    version: int
    schema: pl.Schema
    files: tuple[DataFile, ...]
    bounds: pl.DataFrame
    table: Any

    @property
    def rows(self) -> int:
        """How many rows the files hold."""
        return sum(file.rows for file in self.files)

    def uris(self) -> list[str]:
        """Where the files are, in the order of their rows."""
        return [location(self.uri, file) for file in self.files]

    def scan(self) -> pl.LazyFrame:
        """The rows, lazily and in their order; null in columns that a file was written without."""
        return scan_files(self.uri, self.files, self.schema)

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows, in their order.

        Args:
            columns: Only these; all by default.

        Raises:
            IntegrityError: A file is not there any more.
            StorageError: A file cannot be read.
        """
        lazy = self.scan()
        try:
            with table_errors(self.uri):
                return (lazy if columns is None else lazy.select(columns)).collect()
        except FileNotFoundError as error:
            raise gone(self.uri, self.version) from error

    def read_file(self, file: DataFile) -> pl.DataFrame:
        """The rows of one file as they were written, without columns that came later.

        Raises:
            IntegrityError: The file is not there any more.
            StorageError: The file cannot be read.
        """
        try:
            with table_errors(self.uri):
                return pl.read_parquet(location(self.uri, file), glob=False, hive_partitioning=False)
        except FileNotFoundError as error:
            raise gone(self.uri, self.version) from error


def scan_files(uri: str, files: Sequence[DataFile], schema: pl.Schema) -> pl.LazyFrame:
    """The rows of some files of a table, lazily and in their order.

    Args:
        uri: The table's folder or URL.
        files: Any number of its files.
        schema: The table's columns; a file may lack some, whose values are null then.
    """
    places = [location(uri, file) for file in files if file.rows]
    if not places:
        return pl.LazyFrame(schema=schema)
    return pl.scan_parquet(
        places, schema=schema, missing_columns="insert", glob=False, hive_partitioning=False, cast_options=None
    )


def open_snapshot(uri: str, version: int | None = None) -> Snapshot:
    """A version of a table, the newest when None.

    Raises:
        IntegrityError: The version is not there any more.
        StorageError: The table cannot be read.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    with table_errors(uri):
        try:
            table = DeltaTable(uri, version=version)
        except DeltaError as error:
            raise gone(uri, version) from error
        actions = pl.DataFrame(table.get_add_actions(flatten=False))
        schema = pl.Schema(table.schema())
    files = in_order(
        (known_file(path, rows=rows, size_bytes=size), modified)
        for path, size, modified, rows in actions.select(
            "path", "size_bytes", "modification_time", pl.col("num_records").fill_null(0)
        ).rows()
    )
    bounds = actions.select(name for name in ("path", "min", "max") if name in actions.columns)
    return Snapshot(uri=uri, version=table.version(), schema=schema, files=files, bounds=bounds, table=table)


def gone(uri: str, version: int | None) -> IntegrityError:
    """The error for rows that are not there any more."""
    which = "the latest version" if version is None else f"version {version}"
    return IntegrityError(
        f"The rows that a record names are not there: {which} of the table {uri}.",
        hint="Was the folder moved, emptied or restored from a backup without the records?",
    )
