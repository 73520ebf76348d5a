"""Files that appear whole or not at all, written chunk by chunk."""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec
import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.deployment.batch.source import table_format

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from pyarrow import NativeFile, Schema
    from pyarrow.parquet import ParquetWriter


class FileSink(ABC):
    """A file in the making.

    It is written under another name in the same folder and renamed by `commit`; leaving the context without that
    leaves nothing behind.

    Args:
        path: The file to be; one that is there is replaced. A killed process leaves `.NAME.partial`, which the next one
            writes over: whoever writes sees to it that no other does.

    Raises:
        InvalidInputError: There is no such folder, or it cannot be written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = path.with_name(f".{path.name}.partial")
        try:
            self._file: IO[bytes] = self._partial.open("wb")
        except OSError as error:
            raise InvalidInputError(
                f"Expected a folder to write '{path.name}' to, found that {path.parent} cannot be written: "
                f"{error.strerror}.",
                hint="Create the folder first, or choose another.",
            ) from error

    @abstractmethod
    def write(self, frame: pl.DataFrame) -> None:
        """Add rows; every frame has the columns of the first."""

    def commit(self) -> None:
        """Make the file appear, durably."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self.close()
        self._partial.replace(self.path)

    def close(self) -> None:
        """Write no more; what was not committed is no file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        with contextlib.suppress(FileNotFoundError):
            self._partial.unlink()


class CsvSink(FileSink):
    """CSV in UTF-8, or with tabs when the name ends in `.tsv`; lists, records and bytes as JSON."""

    _started = False

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows."""
        separator = "\t" if self.path.suffix.lower() == ".tsv" else ","
        unfit = [column for column in frame.get_columns() if column.dtype.is_nested() or column.dtype == pl.Binary]
        frame = frame.with_columns(_as_json(column) for column in unfit)
        frame.write_csv(self._file, include_header=not self._started, separator=separator)
        self._started = True


def _as_json(column: pl.Series) -> pl.Series:
    texts = [None if value is None else msgspec.json.encode(value).decode() for value in column.to_list()]
    return pl.Series(column.name, texts, dtype=pl.String)


class JsonLinesSink(FileSink):
    """One JSON object a line."""

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows."""
        frame.write_ndjson(self._file)


def parquet_writer(file: IO[bytes] | NativeFile, schema: Schema) -> ParquetWriter:
    """Writes tables of a schema as Parquet, compressed with zstd."""
    from pyarrow import parquet, types

    # Looking for floats that repeat takes several times as long as writing them.
    repeating = [field.name for field in schema if not types.is_floating(field.type)]
    return parquet.ParquetWriter(file, schema, compression="zstd", use_dictionary=repeating)


class ParquetSink(FileSink):
    """Parquet, one row group a chunk, compressed with zstd."""

    _writer: Any = None

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows; columns without any value so far take the type of the first chunk."""
        table = frame.to_arrow()
        if self._writer is None:
            self._writer = parquet_writer(self._file, table.schema)
        # Casting, also to the same types, would load all of Arrow's functions.
        self._writer.write_table(table if table.schema == self._writer.schema else table.cast(self._writer.schema))

    def commit(self) -> None:
        """Write the footer and make the file appear."""
        if self._writer is not None:
            self._writer.close()
        super().commit()

    def close(self) -> None:
        """Write no more."""
        if self._writer is not None:
            self._writer.close()  # else it tries to write its footer when it is collected
        super().close()


_SINKS: dict[str, type[FileSink]] = {"csv": CsvSink, "jsonl": JsonLinesSink, "parquet": ParquetSink}


def open_sink(path: str | Path) -> FileSink:
    """Begin a file in the format that its name tells.

    Raises:
        InvalidInputError: The format is unknown, or the folder cannot be written to.
    """
    target = Path(path).expanduser()
    return _SINKS[table_format(target)](target)
