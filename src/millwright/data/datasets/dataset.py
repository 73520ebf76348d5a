"""A version of a dataset, as steps hand it to one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import IntegrityError, InvalidInputError, NotFoundError, closest
from millwright.core.records.dataset import DatasetState, DatasetVersionRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from millwright.data.datasets.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Dataset:
    """One version of one dataset; the rows stay where they are until they are read.

    Attributes:
        record: What is known of the version.
    """

    record: DatasetVersionRecord

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Exactly this version's rows, in their order, whatever was written to the dataset since.

        Args:
            columns: Only these, in this order; all by default.

        Raises:
            InvalidInputError: A column is not there.
            NotFoundError: The version is expired.
            IntegrityError: The rows are not there any more, or are not as many as recorded.
            StorageError: The table cannot be read.
        """
        snapshot = self.snapshot()
        self._check_columns(columns or ())
        frame = snapshot.read(columns)
        if frame.width and frame.height != self.record.rows:  # no column has no height
            raise self._other_rows(frame.height)
        return frame

    def scan(self) -> pl.LazyFrame:
        """The version's rows lazily, in their order; only what a query needs is read.

        Raises:
            IntegrityError: The rows are not there any more, or are not as many as recorded.
            StorageError: The table cannot be read.
        """
        snapshot = self.snapshot()
        if snapshot.rows != self.record.rows:
            raise self._other_rows(snapshot.rows)
        return snapshot.scan()

    def files(self) -> list[str]:
        """Paths or URLs of the version's Parquet files, in the order of their rows.

        A file that was written before a column was added lacks it: it is null there.

        Raises:
            IntegrityError: The version is not there any more.
            StorageError: The table cannot be read.
        """
        return self.snapshot().uris()

    def verify(self) -> pl.DataFrame:
        """Read the rows and compare their digest with the recorded one; about a second per million rows of 20 columns.

        Raises:
            IntegrityError: The rows differ from those recorded, or are not there.
            StorageError: The table cannot be read.
        """
        from millwright.data.datasets.content_digest import content_digest
        from millwright.data.datasets.table_digest import is_by_files

        frame = self.read()
        found = self._files_digest() if is_by_files(self.record.details) else content_digest(frame)
        if found != self.record.digest:
            raise IntegrityError(
                f"The rows of {self.record.ref} are not those recorded: expected digest {self.record.digest}, "
                f"found {found}.",
                hint="Something other than Millwright changed the table.",
            )
        return frame

    def _files_digest(self) -> str:
        from millwright.data.datasets.content_digest import content_digest
        from millwright.data.datasets.table_digest import table_digest

        snapshot = self.snapshot()
        rows = (snapshot.read_file(file) for file in snapshot.files)
        return table_digest(snapshot.schema, [(frame.height, content_digest(frame)) for frame in rows])

    def snapshot(self) -> Snapshot:
        """The version's columns and files.

        Raises:
            NotFoundError: The rows were removed as old.
            IntegrityError: The version is not there any more.
            StorageError: The table cannot be read.
        """
        from millwright.data.datasets.snapshot import open_snapshot

        if self.record.state is DatasetState.EXPIRED:
            raise NotFoundError(
                f"The rows of {self.record.ref} were removed as old by 'mw data vacuum'; only its record is kept.",
                hint=f"Name a version that is available: mw data history {self.record.dataset}",
            )
        return open_snapshot(self.record.table_uri, self.record.table_version)

    def _check_columns(self, columns: Sequence[str]) -> None:
        known = [column.name for column in self.record.columns]
        for name in columns:
            if name not in known:
                raise InvalidInputError(f"{self.record.ref} has no column '{name}'.", hint=closest(name, known))

    def _other_rows(self, found: int) -> IntegrityError:
        return IntegrityError(
            f"Expected {self.record.rows:,} rows in {self.record.ref}, found {found:,} in its table.",
            hint="Something other than Millwright changed the table.",
        )
