"""Expires old versions of datasets, but none that something was made of.

Order of an expiry: the versions are marked expired, with the audit entry, in one record transaction; then the files go
that no other version names. A process that dies in between leaves files that nobody reads; the next one removes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import DatasetState
from millwright.data.datasets.name import checked_name
from millwright.data.datasets.write_lock import write_lock
from millwright.data.versions.sweep import Swept, sweep
from millwright.data.versions.usage import used_versions

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.storage.catalog import Stores

_WAIT_S = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionRule:
    """Which versions are kept for their age alone: those that either says.

    Attributes:
        versions: The newest so many of each dataset; 0: this says nothing.
        days: Those created within so many days; 0: this says nothing. When both say nothing, all are kept.
    """

    versions: int = 0
    days: float = 0.0

    def __post_init__(self) -> None:
        """Refuse negative numbers."""
        if self.versions < 0 or self.days < 0:
            raise InvalidInputError(
                f"Expected 0 or more versions and days to keep, found {self.versions} and {self.days:g}."
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Vacuumed:
    """What became of one dataset's versions, or would.

    Attributes:
        expired: Versions whose rows go, oldest first.
        kept: The others whose rows are there → why they stay.
        swept: The files that go.
    """

    dataset: str
    expired: tuple[int, ...]
    kept: Mapping[int, str] = field(default_factory=dict)
    swept: Swept = field(default_factory=Swept)


def plan_retention(stores: Stores, dataset: str, rule: RetentionRule, *, now: datetime) -> Vacuumed:
    """Which versions of a dataset would expire now, and why the others stay.

    Raises:
        NotFoundError: There is no such dataset.
    """
    stores.datasets.get_version(checked_name(dataset))
    readable = [r for r in stores.datasets.list_versions(dataset) if r.state is DatasetState.AVAILABLE]
    kept: dict[int, str] = {}
    for rank, record in enumerate(readable):
        if rank == 0:
            kept[record.version] = "latest"
        elif not rule.versions and not rule.days:
            kept[record.version] = "all are kept"
        elif rank < rule.versions:
            kept[record.version] = f"among the newest {rule.versions}"
        elif rule.days and now - record.created_at <= timedelta(days=rule.days):
            kept[record.version] = f"not {rule.days:g} days old"
    if len(kept) < len(readable):
        for version, reason in used_versions(stores, dataset).items():
            if any(record.version == version for record in readable):
                kept.setdefault(version, reason)
    expired = sorted(record.version for record in readable if record.version not in kept)
    return Vacuumed(dataset=dataset, expired=tuple(expired), kept=dict(sorted(kept.items())))


def vacuum(
    stores: Stores,
    root_url: str,
    dataset: str,
    rule: RetentionRule,
    *,
    clock: Clock,
    actor: str,
    dry_run: bool = False,
) -> Vacuumed:
    """Expire the versions that a rule does not keep and nothing was made of, and remove what no version names.

    Args:
        stores: Where the records are.
        root_url: The folder or URL below which the tables are.
        dataset: The dataset's name.
        rule: What is kept.
        clock: Tells the time.
        actor: Who does it, for the audit log.
        dry_run: Only say what would go.

    Raises:
        NotFoundError: There is no such dataset.
        ConflictError: Another process kept writing the dataset.
        StorageError: A store cannot be used.
    """
    if dry_run:
        plan = plan_retention(stores, dataset, rule, now=clock.now())
        swept = sweep(stores, root_url, dataset, now=clock.now(), expiring=plan.expired, dry_run=True)
        return _with(plan, swept)
    stores.datasets.get_version(checked_name(dataset))
    with write_lock(stores.leases, dataset, clock=clock, wait_s=_WAIT_S):
        now = clock.now()
        # Planned inside: what somebody registers meanwhile is seen, or comes after the mark.
        with stores.transactions.transaction():
            plan = plan_retention(stores, dataset, rule, now=now)
            for version in plan.expired:
                stores.datasets.set_state(dataset, version, DatasetState.EXPIRED)
            if plan.expired:
                details = {"versions": list(plan.expired), "keep_versions": rule.versions, "keep_days": rule.days}
                stores.audit.append(at=now, actor=actor, action="dataset.expire", subject=dataset, details=details)
        return _with(plan, sweep(stores, root_url, dataset, now=now))


def _with(plan: Vacuumed, swept: Swept) -> Vacuumed:
    return Vacuumed(dataset=plan.dataset, expired=plan.expired, kept=plan.kept, swept=swept)
