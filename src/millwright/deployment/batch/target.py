"""Where predictions go: a file, a Delta table, or a table of a database; each takes a job's rows once, whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from millwright.core.credential import without_credentials
from millwright.core.digest import digest_file, digest_json
from millwright.core.errors import InvalidInputError, closest
from millwright.data.sources.request import SourceOptions
from millwright.data.sources.source import source_kind
from millwright.deployment.batch.delta import DeltaTarget
from millwright.deployment.batch.sink import open_sink
from millwright.deployment.batch.source import table_format

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from millwright.storage.query_write import Destination

_MODES = ("append", "replace")


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputOptions:
    """How predictions are written.

    Attributes:
        table: Of a database: the table, `schema.table` or `table`.
        mode: Of a database or a Delta table: `append` adds rows, `replace` puts them in place of those that are there;
            empty: the table must not be there yet. A file is always replaced.
        format: `delta`; empty: told from the name.
    """

    table: str = ""
    mode: str = ""
    format: str = ""


class Target(Protocol):
    """Takes the predictions of a job."""

    @property
    def format(self) -> str:
        """`file`, `delta` or `sql`."""
        ...

    @property
    def uri(self) -> str:
        """What records and people call it, without credentials."""
        ...

    @property
    def path(self) -> Path | None:
        """Where it is on this machine; None elsewhere."""
        ...

    @property
    def has_types(self) -> bool:
        """Whether it tells numbers from text; CSV does not, and gets what came as text to the letter."""
        ...

    @property
    def parquet(self) -> Path | None:
        """The Parquet file that the rows are to be; None when they become something else."""
        ...

    def check(self, job_id: str) -> None:
        """See to it that the rows can be written, before they are predicted.

        Raises:
            AlreadyExistsError: A table is there, and nothing was said about its rows.
            InvalidInputError, StorageError: They cannot.
        """
        ...

    def write(self, frames: Iterator[pl.DataFrame], job_id: str) -> str:
        """Write the rows, all or none, and once for each job; returns what tells this state from others."""
        ...


def open_target(output: str | Path, options: OutputOptions) -> Target:
    """Where to write to.

    Raises:
        InvalidInputError: The name tells no format, or an option is for another kind of output.
    """
    name = str(output)
    if options.mode and options.mode not in _MODES:
        raise InvalidInputError(
            f"Expected the mode {' or '.join(_MODES)}, found '{options.mode}'.", hint=closest(options.mode, _MODES)
        )
    if source_kind(name, SourceOptions(table=options.table)) == "sql":
        if not options.table:
            raise InvalidInputError(
                f"Expected a table of {without_credentials(name)} to write to, found none.",
                hint="Name one with --output-table.",
            )
        from millwright.storage.query_write import Destination

        return SqlTarget(Destination(url=name, table=options.table, mode=options.mode))
    if options.format not in {"", "delta"}:
        raise InvalidInputError(
            f"Expected the format 'delta', found '{options.format}'.",
            hint="Files have the format that their name tells: out.parquet, out.csv, out.jsonl.",
        )
    if options.format == "delta" or source_kind(name) == "delta" or name.rstrip("/").endswith(".delta"):
        return DeltaTarget(name, options.mode)
    if options.mode:
        raise InvalidInputError(
            f"Expected no mode for the file '{name}', which is replaced, found '{options.mode}'.",
            hint="Leave it out, or write to a Delta table (a name that ends in .delta) or a database.",
        )
    return FileTarget(Path(name).expanduser())


class FileTarget:
    """A CSV, TSV, JSON lines or Parquet file.

    Args:
        path: The file to be; one that is there is replaced.

    Raises:
        InvalidInputError: The name tells no format.
    """

    format = "file"

    def __init__(self, path: Path) -> None:
        self.path: Path | None = path
        self.parquet = path if table_format(path) == "parquet" else None
        self.has_types = table_format(path) != "csv"
        self.uri = str(path)

    def check(self, job_id: str) -> None:
        """Files are replaced; that the folder is there is seen when the journal is made."""

    def write(self, frames: Iterator[pl.DataFrame], job_id: str) -> str:
        """Write the rows; the file appears when it is whole. Returns its digest."""
        del job_id  # the same rows again are the same file again
        with open_sink(self.uri) as sink:
            for frame in frames:
                sink.write(frame)
            sink.commit()
        return digest_file(sink.path)


class SqlTarget:
    """A table of a database.

    Args:
        destination: Which, and what becomes of the rows that are there.
    """

    format = "sql"
    has_types = True
    path = None
    parquet = None

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self.uri = f"{without_credentials(destination.url)}#table={destination.table}"

    def check(self, job_id: str) -> None:
        """See to it that the table can take rows. Raises as `check_destination`."""
        from millwright.storage.query_write import check_destination

        check_destination(self._destination, job_id)

    def write(self, frames: Iterator[pl.DataFrame], job_id: str) -> str:
        """Write the rows in one transaction, unless this job has done so before."""
        from millwright.storage.query_write import write_rows

        write_rows(self._destination, frames, job_id)
        return job_id


def journal_folder(target: Target, elsewhere: str) -> Path:
    """Where the journal of a job is: beside an output of this machine.

    Args:
        target: The output.
        elsewhere: For all other outputs: the folder in which it is.
    """
    if target.path is not None:
        return target.path.with_name(f".{target.path.name}.predict")
    return Path(elsewhere) / f".predict-{digest_json(target.uri)[:16]}"
