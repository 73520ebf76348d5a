"""Finds records that the audit log should tell of and doesn't.

A hash chain whose tail was cut off is whole. But what the lost entries told of is still in the other records, since
record and entry are written in one transaction: a version without its registration, an alias that nobody set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.records.audit import AuditEvent
    from millwright.storage.catalog import Stores

_ALL = 1_000_000
_MOVES = frozenset({"model.promote", "model.rollback"})
_REMOVAL = "model.delete_alias"
_DECISIONS = {True: "model.approve", False: "model.reject"}
# Action → the field of its details that names the record.
_NAMED = {
    "monitor.check": "report_id",
    "monitor.backfill": "report_id",
    "alert.raise": "alert_id",
    "alert.acknowledge": "alert_id",
    "alert.resolve": "alert_id",
    "retraining.decide": "decision_id",
    "retraining.skip": "decision_id",
}
_SAME = {
    "monitor.backfill": "monitor.check",  # a report is a check's, or one of the past
    "retraining.skip": "retraining.decide",  # that nothing is trained is a decision, too
}


def find_omissions(stores: Stores) -> list[str]:
    """Records that have no entry, of versions of datasets and models, decisions, aliases, monitoring and retraining.

    Args:
        stores: Of one workspace. What is written while this reads is not missed: records are read before the log.

    Returns:
        One sentence each; empty when the log tells of everything.
    """
    wanted, aliases = dict(_wanted(stores)), stores.models.list_aliases()
    log = _Log()
    for entry in stores.audit.iter():
        log.take(entry)
    found = [sentence for key, sentence in wanted.items() if key not in log.told]
    for alias in aliases:
        told = log.holders.get((alias.name, alias.alias)) == alias.version
        # One that was moved while the log was read differs from both its record then and the log's end.
        if not told and stores.models.find_alias(alias.name, alias.alias) == alias:
            found.append(f"The alias {alias.name}@{alias.alias} names version {alias.version}; no entry put it there.")
    return found


@dataclass(slots=True)
class _Log:
    """What the entries tell of: records by a key, and who holds each alias at the end."""

    told: set[tuple[str, str]] = field(default_factory=set)
    holders: dict[tuple[str, str], int | None] = field(default_factory=dict)

    def take(self, entry: AuditEvent) -> None:
        self.told.add((entry.action, entry.subject))
        if entry.action in _NAMED:
            action = _SAME.get(entry.action, entry.action)
            self.told.add((action, str(entry.details.get(_NAMED[entry.action]))))
        if entry.action in _DECISIONS.values():
            self.told.add((entry.action, f"{entry.subject} {entry.at.isoformat()}"))
        if entry.action in _MOVES or entry.action == _REMOVAL:
            name, _, version = entry.subject.rpartition("@")
            holder = int(version) if entry.action in _MOVES else None
            self.holders[name, str(entry.details.get("alias"))] = holder


def _wanted(stores: Stores) -> Iterator[tuple[tuple[str, str], str]]:
    """Each record's entry, as `_Log.take` names it, and what to say when it is missing."""
    for newest in stores.datasets.list_datasets():
        for dataset in stores.datasets.list_versions(newest.dataset):
            yield ("dataset.write", dataset.ref), f"The dataset version {dataset.ref} has no entry."
    for version in stores.models.list_versions():
        yield ("model.register", version.ref), f"The model version {version.ref} has no entry of its registration."
        for decision in stores.models.list_approvals(version.name, version.version):
            verb = "approval" if decision.approved else "rejection"
            key = _DECISIONS[decision.approved], f"{version.ref} {decision.at.isoformat()}"
            yield key, f"The {verb} of {version.ref} by {decision.actor} has no entry."
    for report in stores.monitors.list_reports(limit=_ALL):
        yield ("monitor.check", report.id), f"The monitoring report {report.id} has no entry."
    for alert in stores.monitors.list_alerts(limit=_ALL):
        yield ("alert.raise", alert.id), f"The alert {alert.id} has no entry."
        if alert.acknowledged_by:
            said = f"That {alert.acknowledged_by} took on the alert {alert.id} has no entry."
            yield ("alert.acknowledge", alert.id), said
        if alert.resolved_by:
            yield ("alert.resolve", alert.id), f"That {alert.resolved_by} closed the alert {alert.id} has no entry."
    for silence in stores.notifications.list_silences(limit=_ALL):
        subject = f"silence:{silence.id}"
        yield ("silence.add", subject), f"The silence {silence.id} by {silence.created_by} has no entry."
        if silence.ended_by:
            yield ("silence.end", subject), f"The end of the silence {silence.id} by {silence.ended_by} has no entry."
    for retraining in stores.monitors.list_decisions(limit=_ALL):
        yield ("retraining.decide", retraining.id), f"The decision {retraining.id} about a retraining has no entry."
