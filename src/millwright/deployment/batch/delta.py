"""Delta tables of others, read and written in chunks."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from millwright.core.credential import without_credentials
from millwright.core.errors import AlreadyExistsError, InvalidInputError, StorageError
from millwright.data.datasets.normal_form import to_normal_form
from millwright.data.datasets.staged_rows import blocks
from millwright.data.sources.header import clean_headers
from millwright.data.sources.place import one_line
from millwright.deployment.batch.source import Chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltalake import DeltaTable

_MODES: dict[str, Literal["error", "append", "overwrite"]] = {"": "error", "append": "append", "replace": "overwrite"}


def delta_chunks(source: str, version: int, chunk_rows: int) -> Chunks | None:
    """A version of a table in chunks, its files by their names.

    Returns:
        None for tables with deletion vectors or mapped columns, which are only read whole.
    """
    import pyarrow.dataset as ds
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaProtocolError

    try:
        found = DeltaTable(source, version=version).to_pyarrow_dataset()
    except DeltaProtocolError:
        return None
    names = clean_headers(found.schema.names)
    # What the log gives them in may differ from one reading of it to the next.
    fragments = sorted(found.get_fragments(), key=lambda fragment: str(fragment.path))

    def frames() -> Iterator[pl.DataFrame]:
        for fragment in fragments:
            for batch in fragment.to_batches(schema=found.schema, batch_size=chunk_rows):
                if batch.num_rows:
                    frame = pl.DataFrame(batch)
                    frame.columns = names
                    yield frame

    rows = sum(fragment.count_rows() for fragment in fragments if isinstance(fragment, ds.ParquetFileFragment))
    return Chunks(columns=tuple(names), rows=rows, frames=blocks(frames(), chunk_rows))


class DeltaTarget:
    """A Delta table that takes predictions, in one commit.

    Args:
        uri: Its folder or URL.
        mode: `append`, `replace`, or empty for a table that is not there yet.
    """

    format = "delta"
    has_types = True
    parquet = None

    def __init__(self, uri: str, mode: str) -> None:
        self._uri, self._mode = uri, mode
        self.uri = without_credentials(uri)
        self.path = None if "://" in uri else Path(uri).expanduser()

    def check(self, job_id: str) -> None:
        """See to it that the rows can be written, before they are predicted.

        Raises:
            AlreadyExistsError: The table is there, and nothing was said about its rows.
        """
        table = self._table()
        if table is not None and not self._mode and not _has(table, job_id):
            raise AlreadyExistsError(
                f"There is a Delta table at {self.uri} already.", hint="Say --mode append or --mode replace."
            )

    def write(self, frames: Iterator[pl.DataFrame], job_id: str) -> str:
        """Write the rows, unless this job has done so before.

        Returns:
            The table's version.
        """
        import pyarrow as pa
        from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
        from deltalake.exceptions import DeltaError

        table = self._table()
        if table is None or not _has(table, job_id):
            stored = (to_normal_form(frame).to_arrow() for frame in frames)
            first = next(stored)
            rows = pa.RecordBatchReader.from_batches(
                first.schema,
                (batch for part in chain([first], stored) for batch in part.cast(first.schema).to_batches()),
            )
            done = CommitProperties(app_transactions=[Transaction(app_id=_app(job_id), version=1)])
            try:
                write_deltalake(
                    self._uri,
                    rows,
                    mode=_MODES[self._mode],
                    schema_mode="overwrite" if self._mode == "replace" else None,
                    commit_properties=done,
                )
            except DeltaError as error:
                raise InvalidInputError(
                    f"The Delta table {self.uri} does not take the predictions: {one_line(error, self._uri)}.",
                    hint="Its columns have to be those of the rows; the same command goes on when they are.",
                ) from error
            except OSError as error:
                raise StorageError(
                    f"Cannot write {self.uri}: {one_line(error, self._uri)}.",
                    hint="Check the address and the network; the same command goes on.",
                ) from error
        return str(DeltaTable(self._uri).version())

    def _table(self) -> DeltaTable | None:
        from deltalake import DeltaTable

        try:
            return DeltaTable(self._uri) if DeltaTable.is_deltatable(self._uri) else None
        except OSError as error:
            raise StorageError(
                f"Cannot reach {self.uri}: {one_line(error, self._uri)}.", hint="Check the address and the network."
            ) from error


def _app(job_id: str) -> str:
    return f"millwright-predict-{job_id}"


def _has(table: DeltaTable, job_id: str) -> bool:
    return table.transaction_version(_app(job_id)) is not None
