"""`mw audit`: the tamper-evident log of who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, Limit, start

if TYPE_CHECKING:
    from millwright.core.records.audit import AuditEvent

app = typer.Typer(no_args_is_help=True, help="The audit log: who did what, when and why.")


@app.command("list")
def list_events(
    *,
    subject: Annotated[str, typer.Option(help="Only events about this, such as schedule-delay@3.")] = "",
    limit: Limit = 30,
    as_json: AsJson = False,
) -> None:
    """List events, newest first."""
    workspace, out = start(as_json=as_json)
    with workspace:
        events = workspace.stores.audit.list(subject=subject or None, limit=limit)
        rows = [[e.seq, e.at, e.actor, e.action, e.subject, _reason(e)] for e in events]
        if events:
            out.table(["seq", "at", "actor", "action", "subject", "reason"], rows)
            out.next("mw audit verify")
        else:
            out.line(f"Nothing is in the audit log{f' about {subject}' if subject else ''}.")
        out.json(events)


def _reason(event: AuditEvent) -> str:
    """Why it was done, in a line; a decision on a retraining has an outcome, and a first reason that says most."""
    reasons = event.details.get("reasons")
    first = str(reasons[0]) if isinstance(reasons, list) and reasons else ""
    told = str(event.details.get("reason", "")) or first
    outcome = event.details.get("outcome")
    return f"{outcome}: {told}" if outcome and told else told


@app.command("verify")
def verify(
    *,
    head: Annotated[str, typer.Option(help="The hash of an entry noted earlier; it must still be in the log.")] = "",
    as_json: AsJson = False,
) -> None:
    """Recompute the hash chain, look for records without an entry, and say whether anything was changed."""
    from millwright.governance.audit import verify_audit
    from millwright.governance.omission import find_omissions

    workspace, out = start(as_json=as_json)
    with workspace:
        result = verify_audit(workspace.stores.audit, head=head or None)
        # A broken chain says enough, and its entries may not even be readable.
        omissions = find_omissions(workspace.stores) if result.ok else []
        ok = result.ok and not omissions
        if ok:
            out.done(f"The audit log is whole: {result.entries} entries, head {result.head}.")
            out.next(f"note the head elsewhere, and later: mw audit verify --head {result.checkpoint}")
        elif result.ok:
            out.line(("✗ ", "red"), "The audit log was cut, or records were changed behind its back:")
            for omission in omissions:
                out.line(f"  · {omission}")
        else:
            out.line(("✗ ", "red"), f"The audit log was changed: {result.problem}")
        out.json(
            {
                "ok": ok,
                "entries": result.entries,
                "head": result.head,
                "problem": result.problem,
                "omissions": omissions,
            }
        )
        if not ok:
            raise typer.Exit(1)
