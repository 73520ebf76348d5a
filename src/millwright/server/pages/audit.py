"""The audit log, and whether it is as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.governance.audit import verify_audit
from millwright.server.injection import FromApp
from millwright.server.pages.element import Badge, Code, Page, Section, Table, Tone
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import dataset_link, digest, facts, version_link

if TYPE_CHECKING:
    from millwright.core.records.audit import AuditEvent
    from millwright.governance.audit import AuditVerification
    from millwright.server.pages.element import Cell

_SHOWN = 500
_TOLD = ("alias", "previous", "outcome", "reason", "message", "rows", "labelled_rows", "added", "source")


@get("/audit", sync_to_thread=True, include_in_schema=False)
def show_audit(services: FromApp) -> Template:
    """Show the newest entries, and recompute the whole chain."""
    verification = verify_audit(services.stores.audit)
    events = services.stores.audit.list(limit=_SHOWN)
    text = f"The newest {_SHOWN} of {verification.entries:,} entries." if len(events) == _SHOWN else ""
    sections = [
        _chain(verification),
        Section(title="Entries", text=[text] if text else [], tables=[event_table(events)]),
    ]
    badge = Badge("whole", Tone.GOOD) if verification.ok else Badge("changed", Tone.BAD)
    return show(Page(title="Audit log", place="/audit", badges=[badge], sections=sections))


def event_table(events: list[AuditEvent]) -> Table:
    """Entries in a table."""
    rows: list[list[Cell]] = [
        [
            event.seq,
            event.at,
            event.actor,
            event.action,
            _subject(event),
            facts({name: event.details[name] for name in _TOLD if event.details.get(name) not in (None, "")}),
            digest(event.hash),
        ]
        for event in events
    ]
    headers = ["Entry", "At", "By", "Action", "Subject", "Details", "Hash"]
    return Table(headers=headers, rows=rows, empty="Nothing was done yet.")


def _subject(event: AuditEvent) -> Cell:
    if event.action.startswith("model."):
        return version_link(event.subject)
    return dataset_link(event.subject) if event.action.startswith("dataset.") else event.subject


def _chain(verification: AuditVerification) -> Section:
    said = (
        "Each entry holds the hash of the one before. The whole chain was recomputed for this page, and it holds."
        if verification.ok
        else f"The log was changed. {verification.problem}"
    )
    return Section(
        title="Chain",
        text=[said, "Note the checkpoint elsewhere: with it, nobody can rewrite or cut the log unnoticed."],
        details=[("Entries", verification.entries), ("Checkpoint", Code(verification.checkpoint))],
        commands=[f"mw audit verify --head {verification.checkpoint}"],
    )
