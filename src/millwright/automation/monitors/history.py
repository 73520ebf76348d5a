"""What was declared when, and by whom."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.ids import new_id
from millwright.core.process import current_owner
from millwright.monitoring.exposition.newest import DeclaredMonitors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.automation.monitors.declaration import Declaration
    from millwright.core.clock import Clock
    from millwright.storage.base import AuditStore
    from millwright.storage.catalog import Stores

SUBJECT = "monitors"  # of the audit log: each entry holds all that is declared from then on
DECLARE = "monitors.declare"
_TURN = timedelta(seconds=30)
_FAR_BACK = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class DeclaredSince:
    """When a monitor was declared as it is.

    Attributes:
        digest: Of its content.
        at: When that was first seen.
        by: Who ran what saw it.
        changes: How often it was declared or changed, the first time included.
    """

    digest: str
    at: datetime
    by: str
    changes: int


class DeclarationHistory:
    """Keeps the declarations of a project in the audit log.

    Args:
        stores: The audit log and leases.
        clock: The time.
        actor: Who acts.
    """

    def __init__(self, *, stores: Stores, clock: Clock, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._actor = actor
        self._written: dict[str, str] | None = None

    def note(self, declared: Sequence[Declaration]) -> Mapping[str, Sequence[str]]:
        """Write down what is declared, if that differs from what was written last.

        A process writes the same declarations once: two machines whose files differ do not overwrite each other's
        entries for ever.

        Returns:
            Names by what has become of them: `added`, `changed`, `removed`; empty when nothing was written.
        """
        digests = {each.name: str(each.digest) for each in declared}
        if self._written == digests:
            return {}
        holder, now = f"{current_owner()}/{new_id()}", self._clock.now()
        if not self._stores.leases.take(SUBJECT, holder, now=now, until=now + _TURN):
            return {}  # another process is about to; the next look tells
        try:
            changes = _changes(self._last(), digests)
            if changes:
                details = {
                    **changes,
                    "monitors": {
                        each.name: {"digest": str(each.digest), "declared": dict(each.content)} for each in declared
                    },
                }
                self._stores.audit.append(at=now, actor=self._actor, action=DECLARE, subject=SUBJECT, details=details)
        finally:
            self._stores.leases.release(SUBJECT, holder)
        self._written = digests
        return changes

    def since(self) -> dict[str, DeclaredSince]:
        """When each monitor that was written down was declared as it is, by name; removed ones are left out."""
        found: dict[str, DeclaredSince] = {}
        for entry in reversed(self._stores.audit.list(subject=SUBJECT, limit=_FAR_BACK)):
            present = {name: each["digest"] for name, each in entry.details["monitors"].items()}
            for name, digest in present.items():
                known = found.get(name)
                if known is None or known.digest != digest:
                    changes = known.changes + 1 if known else 1
                    found[name] = DeclaredSince(digest=digest, at=entry.at, by=entry.actor, changes=changes)
            found = {name: each for name, each in found.items() if name in present}
        return found

    def _last(self) -> dict[str, str]:
        entries = self._stores.audit.list(subject=SUBJECT, limit=1)
        monitors: Mapping[str, Any] = entries[0].details["monitors"] if entries else {}
        return {name: each["digest"] for name, each in monitors.items()}


def written_monitors(audit: AuditStore) -> DeclaredMonitors:
    """The monitors that were written down last, for those who do not read the project file; without switched off ones.

    Args:
        audit: The audit log.
    """
    entries = audit.list(subject=SUBJECT, limit=1)
    if not entries:
        return DeclaredMonitors()
    names = defaultdict(list)
    for name, written in sorted(entries[0].details["monitors"].items()):
        declared = written["declared"]
        if declared.get("enabled", True):
            names[declared["endpoint"]].append(name)
    return DeclaredMonitors(names={endpoint: tuple(each) for endpoint, each in names.items()}, since=entries[0].at)


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, list[str]]:
    found = {
        "added": sorted(set(now) - set(before)),
        "changed": sorted(name for name in set(now) & set(before) if now[name] != before[name]),
        "removed": sorted(set(before) - set(now)),
    }
    return {what: names for what, names in found.items() if names}
