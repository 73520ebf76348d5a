"""A version of a dataset, as steps hand it to one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import IntegrityError
from millwright.core.records.dataset import DatasetVersionRecord

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Dataset:
    """One version of one dataset; the rows stay where they are until they are read.

    Attributes:
        record: What is known of the version.
    """

    record: DatasetVersionRecord

    def read(self) -> pl.DataFrame:
        """Exactly this version's rows, in their order, whatever was written to the dataset since.

        Raises:
            IntegrityError: The rows are not there any more, or are not as many as recorded.
            StorageError: The table cannot be read.
        """
        from millwright.data.datasets.delta import read_version

        frame = read_version(self.record.table_uri, self.record.table_version)
        if frame.height != self.record.rows:
            raise IntegrityError(
                f"Expected {self.record.rows:,} rows in {self.record.ref}, found {frame.height:,} in its table.",
                hint="Something other than Millwright changed the table.",
            )
        return frame

    def verify(self) -> pl.DataFrame:
        """Read the rows and compare their digest with the recorded one; about a second per million rows of 20 columns.

        Raises:
            IntegrityError: The rows differ from those recorded, or are not there.
            StorageError: The table cannot be read.
        """
        from millwright.data.datasets.content_digest import content_digest

        frame = self.read()
        found = content_digest(frame)
        if found != self.record.digest:
            raise IntegrityError(
                f"The rows of {self.record.ref} are not those recorded: expected digest {self.record.digest}, "
                f"found {found}.",
                hint="Something other than Millwright changed the table.",
            )
        return frame
