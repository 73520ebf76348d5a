"""What was declared when, and by whom."""

from __future__ import annotations

import json
import logging
import socket
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.digest import digest_bytes
from millwright.core.ids import new_id
from millwright.core.process import current_owner
from millwright.monitoring.exposition.newest import DeclaredMonitors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.automation.monitors.declaration import Declaration
    from millwright.core.clock import Clock
    from millwright.storage.base import AuditStore
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)

SUBJECT = "monitors"  # of the audit log: each entry holds all that is declared from then on
DECLARE = "monitors.declare"
_TURN = timedelta(seconds=30)
_PRESENT = timedelta(minutes=10)  # longer than a restart takes: its alerts must not end meanwhile
_LOOK_AGAIN = timedelta(minutes=1)
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

    Several projects may share a workspace, each with workers and a project file of its own. What any of them declares
    is declared as long as one of its workers lives: each says so by a lease on the digest of all that it declares. A
    worker that starts takes the place of an earlier one of the same folder, or of one whose lease has ended.

    Args:
        stores: The audit log and leases.
        clock: The time.
        actor: Who acts.
        place: Where the project file is, such as `host:/folder`.
    """

    def __init__(self, *, stores: Stores, clock: Clock, actor: str, place: str = "") -> None:
        self._stores = stores
        self._clock = clock
        self._actor = actor
        self._place = place or socket.gethostname()
        self._looked: tuple[str, datetime] | None = None  # the digest of what was declared then, and when
        self.beside: frozenset[tuple[str, str]] = frozenset()

    def note(self, declared: Sequence[Declaration]) -> Mapping[str, Sequence[str]]:
        """Write down what is declared, if that differs from what was written last; what others declare stays.

        A process writes the same declarations once: two workers that declare one monitor in two ways do not overwrite
        each other's entries for ever. Later looks, one a minute at most, take out what nobody declares any more.
        `beside` holds endpoint and name of each monitor that others have declared and not switched off.

        Returns:
            Names by what has become of them: `added`, `changed`, `removed`; empty when nothing was written.
        """
        mine = {each.name: {"digest": str(each.digest), "declared": dict(each.content)} for each in declared}
        together, now = _digest(mine), self._clock.now()
        if self._looked is not None and self._looked[0] == together and now < self._looked[1] + _LOOK_AGAIN:
            return {}
        holder = f"{current_owner()}/{new_id()}"
        if not self._stores.leases.take(SUBJECT, holder, now=now, until=now + _TURN):
            return {}  # another process is about to; the next look tells
        try:
            changes = self._write(mine, together, now)
        finally:
            self._stores.leases.release(SUBJECT, holder)
        self._looked = (together, now)
        return changes

    def _write(self, mine: Mapping[str, Any], together: str, now: datetime) -> Mapping[str, Sequence[str]]:
        leases, lease = self._stores.leases, _lease(together)
        lapsed = leases.holder(lease, now=now) is None
        leases.acquire(lease, self._place, now=now, until=now + _PRESENT)
        begins = lapsed or self._looked is None or self._looked[0] != together
        last = self._last()
        if begins:
            kept = {name: each for name, each in last.items() if self._is_others(name, each, mine, now)}
            wanted = {name: {**each, "set": together} for name, each in mine.items()} | kept
        else:
            # A newer worker of this project may have taken out some of ours: it knows better.
            wanted = {n: {**each, "set": together} if _same(each, mine.get(n)) else each for n, each in last.items()}
            wanted = {n: each for n, each in wanted.items() if each.get("set") == together or self._lives(each, now)}
        self.beside = frozenset(
            (each["declared"]["endpoint"], name)
            for name, each in wanted.items()
            if each["set"] != together and each["declared"].get("enabled", True)
        )
        changes = _changes(_digests(last), _digests(wanted))
        # Of what is declared twice, the other worker may be gone: then it is ours from now on.
        orphaned = any(name in wanted and not self._lives(each, now) for name, each in last.items())
        if changes or orphaned:
            details = {**changes, "monitors": wanted}
            self._stores.audit.append(at=now, actor=self._actor, action=DECLARE, subject=SUBJECT, details=details)
        return changes

    def _is_others(self, name: str, written: Mapping[str, Any], mine: Mapping[str, Any], now: datetime) -> bool:
        """Whether a monitor is declared by a project of another place, one of whose workers lives, and not by ours."""
        holder = self._holder(written, now)
        if holder is None or holder == self._place:
            return False
        if name in mine and not _same(written, mine[name]):
            logger.warning(
                "The monitor '%s' is declared otherwise by a worker of %s: both check it, each by its own limits, and "
                "they count as one. Give one of the two another name, or give both workers the same project file.",
                name,
                holder,
            )
        return name not in mine

    def _lives(self, written: Mapping[str, Any], now: datetime) -> bool:
        return self._holder(written, now) is not None

    def _holder(self, written: Mapping[str, Any], now: datetime) -> str | None:
        together = written.get("set")
        return self._stores.leases.holder(_lease(together), now=now) if together else None

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

    def _last(self) -> Mapping[str, Any]:
        entries = self._stores.audit.list(subject=SUBJECT, limit=1)
        return entries[0].details["monitors"] if entries else {}


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


def _lease(together: str) -> str:
    return f"{SUBJECT}:{together}"


def _digest(declared: Mapping[str, Any]) -> str:
    """Of all that one project declares."""
    return digest_bytes(json.dumps(_digests(declared), sort_keys=True).encode())


def _digests(monitors: Mapping[str, Any]) -> dict[str, str]:
    return {name: each["digest"] for name, each in monitors.items()}


def _same(written: Mapping[str, Any], declared: Mapping[str, Any] | None) -> bool:
    return declared is not None and written["digest"] == declared["digest"]


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, list[str]]:
    found = {
        "added": sorted(set(now) - set(before)),
        "changed": sorted(name for name in set(now) & set(before) if now[name] != before[name]),
        "removed": sorted(set(before) - set(now)),
    }
    return {what: names for what, names in found.items() if names}
