"""The profile of a version: computed while it is written where no row has to be read for it, else when it is asked for.

- Rows that are written whole are at hand: they are profiled, which takes about as long as writing them.
- Rows that are appended, or merged where no key was known, are reduced and merged into the former version's summary,
  which costs what these rows cost; the profile then has estimates, and the correlations of the former one. It is left
  for later where the former version has no profile, columns changed, the version is so small that an exact profile of
  all rows costs little, or so few rows are added (less than a twentieth) that merging the summaries of all columns
  would take longer, and a profile more room, than the rows themselves.
- What updates or deletes rows leaves the profile for later: quantiles and numbers of distinct values cannot be
  subtracted.

A profile that was left is computed on the first request: from the added rows alone when they came by appending to a
version with a profile, else from all rows. From then on the version's record names it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from millwright.core.errors import ConflictError
from millwright.core.records.dataset import DatasetOperation, DatasetVersionRecord
from millwright.data.datasets.write_lock import write_lock
from millwright.data.profiles.storing import (
    extend_profile,
    find_profile,
    load_profile,
    store_profile,
    update_profile,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.core.progress import Progress
    from millwright.data.datasets.snapshot import Snapshot
    from millwright.data.profiles.record import TableProfile
    from millwright.storage.catalog import Stores

CELLS = 1_000_000_000  # rows times columns that are profiled while they are written: about a minute
FEW = 20  # less than a twentieth of the former rows is few
_WAIT_S = 60.0
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class Written(Protocol):
    """A version that is being written, as far as its profile asks."""

    @property
    def parent(self) -> DatasetVersionRecord | None:
        """The version that it is made from."""

    @property
    def frame(self) -> pl.DataFrame | None:
        """All rows, where they are at hand."""

    @property
    def behind(self) -> pl.DataFrame | None:
        """The rows that it has behind those of its parent, where that is all that changes."""


def profile_at_once(written: Written, stores: Stores) -> Digest | None:
    """The profile of a version that is being written; None when it is left for later.

    Args:
        written: The version.
        stores: Whose artifacts keep it.
    """
    frame, behind, parent = written.frame, written.behind, written.parent
    if frame is not None:
        return store_profile(frame, stores.artifacts) if frame.height * frame.width <= CELLS else None
    if behind is None or parent is None or behind.height * behind.width > CELLS:
        return None
    if behind.height * FEW < parent.rows:
        return None
    return extend_profile(parent.profile, behind, stores.artifacts)


def find_or_compute(
    record: DatasetVersionRecord, opened: Callable[[], Snapshot], stores: Stores, *, clock: Clock, progress: Progress
) -> TableProfile:
    """A version's profile; it is computed, stored and named by the version's record when it was not before.

    Args:
        record: The version, as the store has it.
        opened: Gives its files.
        stores: Where versions and profiles are.
        clock: Tells when the writer's turn, in which the record is changed, runs out.
        progress: Is told of each column, when all rows are profiled.

    Raises:
        IntegrityError: The rows, or the profile, are damaged or gone.
        ConflictError: Another process kept writing the dataset, or erased rows meanwhile.
        StorageError: A store cannot be used.
    """
    found = find_profile(record.profile, stores.artifacts)
    if found is not None:
        return found
    snapshot = opened()
    former = _profiled_ancestor(record, stores)
    if former is None:
        digest = store_profile(snapshot.read(), stores.artifacts, progress=progress)
    else:
        added = snapshot.scan().slice(former.rows).collect()
        digest = update_profile(former.profile, added, 0, stores.artifacts, snapshot.read)
    with write_lock(stores.leases, record.dataset, clock=clock, wait_s=_WAIT_S):
        now = stores.datasets.get_version(record.dataset, record.version)
        if now.digest != record.digest:
            # The profile may hold values of the rows that were erased.
            stores.artifacts.discard(digest, before=_EVER, wanted=lambda: False)
            message = f"Rows of {record.ref} were erased while it was profiled."
            raise ConflictError(message, hint="Ask for the profile again.")
        stores.datasets.amend_version(replace(now, profile=digest))
    return load_profile(digest, stores.artifacts)


def _profiled_ancestor(record: DatasetVersionRecord, stores: Stores) -> DatasetVersionRecord | None:
    """The nearest version with a profile, when nothing but appends lie between."""
    while record.operation is DatasetOperation.APPEND and record.parent is not None:
        record = stores.datasets.get_version(record.dataset, record.parent)
        if record.profile is not None:
            return record
    return None
