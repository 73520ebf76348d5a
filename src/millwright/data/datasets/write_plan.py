"""What a write makes of the latest version, by its mode; it is asked again when others came first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import DatasetKind, DatasetOperation, DatasetVersionRecord
from millwright.data.datasets.append import append
from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.evolution import check_contract
from millwright.data.datasets.expectation import overtaken, same_rows
from millwright.data.datasets.key import check_key
from millwright.data.datasets.merge import merge
from millwright.data.datasets.normal_form import column_schemas, to_normal_form
from millwright.data.datasets.overwrite import overwrite
from millwright.data.datasets.snapshot import open_snapshot
from millwright.data.datasets.table_digest import is_by_files
from millwright.data.datasets.version_writer import VersionWriter
from millwright.data.datasets.write_options import WriteOptions

if TYPE_CHECKING:
    from millwright.core.ids import Digest
    from millwright.data.datasets.change import Base, Change

_OPERATIONS = {
    "overwrite": DatasetOperation.OVERWRITE,
    "append": DatasetOperation.APPEND,
    "merge": DatasetOperation.MERGE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class WritePlan:
    """Rows that are to be written to a dataset.

    Attributes:
        writer: Who makes the version.
        dataset: The dataset's name.
        rows: In normal form and, where a whole table is written with a key, in its order.
        kind: What the rows are.
        options: How they are written.
    """

    writer: VersionWriter
    dataset: str
    rows: pl.DataFrame
    kind: DatasetKind
    options: WriteOptions

    def __call__(self, latest: DatasetVersionRecord | None) -> Change | DatasetVersionRecord:
        """The version that follows the latest one, or the one that holds its rows already."""
        if latest is not None:
            self._check_kind(latest)
        expected = self.options.expected
        is_newest = expected is None or expected == (0 if latest is None else latest.version)
        if latest is None or self.options.mode == "overwrite":
            if not is_newest:
                raise overtaken(self.dataset, expected or 0, self.writer.stores)
            digest = content_digest(self.rows)
            return self._known(latest, digest) or self._whole(latest, digest)
        base = self.writer.base(latest)
        if self.options.mode == "append":
            options = self.options
            return append(base, self.rows, may_evolve=options.evolve, contract=options.contract) or latest
        if not is_newest:
            self._check_untouched(base)
        change = merge(
            base, self.rows, self.options.key, may_evolve=self.options.evolve, contract=self.options.contract
        )
        return change or latest

    def _check_kind(self, latest: DatasetVersionRecord) -> None:
        """Refuse rows where the dataset is a folder of files, whose rows stand for bytes, and the other way round."""
        holds, written = (kind is DatasetKind.FILES for kind in (latest.kind, self.kind))
        if holds != written:
            kinds = ("rows", "a folder of files")
            raise InvalidInputError(
                f"Expected {kinds[holds]} for '{self.dataset}', as in {latest.ref}, found {kinds[written]}.",
                hint="Choose another name.",
            )

    def _known(self, latest: DatasetVersionRecord | None, digest: Digest) -> DatasetVersionRecord | None:
        """The version that has these rows: any that was written whole, or the latest however it came to be."""
        known = self.writer.stores.datasets.find_by_digest(self.dataset, digest)
        if known is not None and known.kind is self.kind:
            return known
        if latest is None or latest.kind is not self.kind or not is_by_files(latest.details):
            return None
        now = [(column.name, column.dtype) for column in latest.columns]
        if latest.rows != self.rows.height or now != [(c.name, c.dtype) for c in column_schemas(self.rows.clear())]:
            return None
        uri = self.writer.table_url(latest.table_uri)
        is_same = content_digest(open_snapshot(uri, latest.table_version).read()) == digest
        return latest if is_same else None

    def _whole(self, latest: DatasetVersionRecord | None, digest: Digest) -> Change:
        if self.options.contract is not None:
            check_contract(self.rows.schema, self.options.contract, ref=self.dataset)
        uri = self.writer.table_url(self.dataset if latest is None else latest.table_uri)
        operation = _OPERATIONS[self.options.mode]
        return overwrite(uri, self.rows, digest=digest, former=latest, operation=operation)

    def _check_untouched(self, base: Base) -> None:
        """Refuse to merge keys that others wrote since the expected version."""
        expected = self.options.expected or 0
        records = {record.version: record for record in self.writer.stores.datasets.list_versions(self.dataset)}
        check_key(self.rows, self.options.key)
        if expected in records:
            then = self.writer.base(records[expected]).snapshot
            if same_rows(then, base.snapshot, self.rows, self.options.key):
                return
        raise overtaken(self.dataset, expected, self.writer.stores)


def plan_write(
    writer: VersionWriter, frame: pl.DataFrame, dataset: str, *, kind: DatasetKind, options: WriteOptions
) -> WritePlan:
    """Make rows ready to be written.

    Args:
        writer: Who makes the version.
        frame: Any table.
        dataset: The dataset's name.
        kind: What the rows are.
        options: How they are written.

    Raises:
        InvalidInputError: The rows cannot be stored, or the key does not identify them.
    """
    rows = to_normal_form(frame)
    if options.mode == "merge" or (options.key and options.mode == "overwrite"):
        check_key(rows, options.key)
    if options.key and options.mode == "overwrite":
        rows = rows.sort(options.key)
    return WritePlan(writer=writer, dataset=dataset, rows=rows, kind=kind, options=options)
