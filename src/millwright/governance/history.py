"""The history of a registered model, from the audit log: who did what, when and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.audit import AuditEvent
    from millwright.storage.catalog import Stores

_MOST = 10_000


def model_history(name: str, *, stores: Stores) -> list[AuditEvent]:
    """Every entry about a model and its versions, the newest first; of deleted ones, too.

    Args:
        name: The model, which need not be there any more.
        stores: Where the audit log is.
    """
    entries = {entry.seq: entry for entry in stores.audit.list(subject=name, limit=_MOST)}
    number = 0
    known = {version.version for version in stores.models.list_versions(name)}
    while True:
        number += 1
        found: Sequence[AuditEvent] = stores.audit.list(subject=f"{name}@{number}", limit=_MOST)
        # Numbers are given without a gap, and each version has an entry: the first without one is behind the last.
        if not found and number > max(known, default=0):
            return [entries[seq] for seq in sorted(entries, reverse=True)]
        entries |= {entry.seq: entry for entry in found}
