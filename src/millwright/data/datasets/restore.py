"""Restore: a new version of the rows of an older one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import StateTransitionError
from millwright.core.records.dataset import ColumnSchema, DatasetOperation, DatasetState, DatasetVersionRecord
from millwright.data.datasets.change import Base, RowCounts
from millwright.data.datasets.delta import restore as restore_table
from millwright.data.datasets.table_digest import FILES, is_by_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.ids import Digest
    from millwright.data.datasets.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class Restoration:
    """An older version that can be made the latest one. Its files serve again: nothing is written but the log.

    Attributes:
        target: The older version.
        counts: What becomes of the rows of the latest version, by whole files.
    """

    target: DatasetVersionRecord
    counts: RowCounts

    @property
    def operation(self) -> DatasetOperation:
        """What the record says."""
        return DatasetOperation.RESTORE

    @property
    def parent(self) -> DatasetVersionRecord:
        """The version whose rows the new one has."""
        return self.target

    @property
    def rows(self) -> int:
        """How many rows the new version has."""
        return self.target.rows

    @property
    def columns(self) -> tuple[ColumnSchema, ...]:
        """The new version's columns."""
        return self.target.columns

    @property
    def frame(self) -> None:
        """The rows are not at hand."""
        return

    @property
    def behind(self) -> None:
        """The rows are not at hand."""
        return

    @property
    def known_profile(self) -> Digest | None:
        """The profile, where another version with the same rows has one."""
        return self.target.profile

    def identity(self) -> tuple[Digest, str | None]:
        """The new version's digest, and its scheme when it is not the ordinary one."""
        return self.target.digest, FILES if is_by_files(self.target.details) else None

    def commit(self, uri: str) -> int:
        """Make it a version of the table; see `Change.commit`."""
        return restore_table(uri, self.target.table_version)


def plan_restore(
    target: DatasetVersionRecord, latest: DatasetVersionRecord, opened: Callable[[DatasetVersionRecord], Base]
) -> Restoration | None:
    """Make ready to restore a version.

    Args:
        target: The version whose rows the new one shall have.
        latest: The version that is the latest now.
        opened: Gives a version's files.

    Returns:
        None when the latest version has these rows already.

    Raises:
        StateTransitionError: The rows were removed by `mw data vacuum`.
        IntegrityError: The rows are not there.
    """
    if target.state is not DatasetState.AVAILABLE:
        raise StateTransitionError(
            f"Expected a version whose rows are there, found {target.ref}, whose rows were removed.",
            hint=f"See which versions of {target.dataset} are available: mw data history {target.dataset}.",
        )
    if target.digest == latest.digest:
        return None
    then, now = opened(target).snapshot, opened(latest).snapshot
    kept = {file.path for file in then.files} & {file.path for file in now.files}
    counts = RowCounts(added=_rows_beside(then, kept), removed=_rows_beside(now, kept), unchanged=_rows_of(then, kept))
    return Restoration(target=target, counts=counts)


def _rows_beside(snapshot: Snapshot, paths: set[str]) -> int:
    return sum(file.rows for file in snapshot.files if file.path not in paths)


def _rows_of(snapshot: Snapshot, paths: set[str]) -> int:
    return sum(file.rows for file in snapshot.files if file.path in paths)
