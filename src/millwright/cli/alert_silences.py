"""`mw alerts silence|unsilence|silences`: alerts that nobody wants to be told of for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.monitor_report import read_moment
from millwright.cli.option import AsJson, Limit, start
from millwright.core.errors import InvalidInputError
from millwright.core.records.monitor import Severity

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from millwright.core.records.notification import SilenceRecord

_EXAMPLE = "Such as: mw alerts silence --for 2h --reason 'planned outage'"


def silence(
    *,
    reason: Annotated[str, typer.Option(help="Why, for those who wonder.")],
    endpoint: Annotated[str, typer.Option(help="Alerts of which endpoint, with * and ?; all by default.")] = "",
    monitor: Annotated[str, typer.Option(help="Of which declared monitor, with * and ?; all by default.")] = "",
    kind: Annotated[str, typer.Option(help="Which kind of alerts, such as drift; all by default.")] = "",
    ahead: Annotated[
        bool, typer.Option("--ahead", help="Also for an endpoint or a monitor that is not there yet.")
    ] = False,
    severity: Annotated[Severity | None, typer.Option(help="Up to which severity; all by default.")] = None,
    lasting: Annotated[str, typer.Option("--for", help="For how long: 30m, 2h, 1d.")] = "",
    until: Annotated[str, typer.Option(help="Until when: 2026-12-01T08:00, in local time without an offset.")] = "",
    as_json: AsJson = False,
) -> None:
    """Tell nobody of some alerts for a while; they are raised and listed all the same."""
    from millwright.monitoring.alerting import SilenceDraft

    workspace, out = start(as_json=as_json)
    with workspace:
        lasts = _length(lasting, until, workspace.clock.now())
        draft = SilenceDraft(
            lasts=lasts,
            reason=reason,
            endpoint=endpoint,
            monitor=monitor,
            kind=kind,
            severity=severity,
            ahead=ahead,
        )
        record = workspace.silences.add(draft)
        until_when = f"{record.ends_at.astimezone():%Y-%m-%d %H:%M}"
        out.done(f"Silence {record.id[-8:]}: nobody is told of {_what(record)} until {until_when}")
        out.next(f"mw alerts unsilence {record.id[-8:]}")
        out.json(record)


def unsilence(
    silence_id: Annotated[str, typer.Argument(metavar="SILENCE", help="Its id, or its last 8 digits.")],
    *,
    as_json: AsJson = False,
) -> None:
    """End a silence before its time; what is still unresolved is told then."""
    workspace, out = start(as_json=as_json)
    with workspace:
        record = workspace.silences.end(silence_id)
        out.done(f"Silence {record.id[-8:]} over {_what(record)} has ended")
        out.json(record)


def silences(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that have ended, too.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List silences, those that end last first."""
    workspace, out = start(as_json=as_json)
    with workspace:
        at = None if every else workspace.clock.now()
        records = workspace.stores.notifications.list_silences(lasting_at=at, limit=limit)
        rows = [[r.id[-8:], _what(r), r.starts_at, r.ends_at, r.created_by, r.reason, r.ended_by] for r in records]
        if rows:
            out.table(["silence", "what", "from", "until", "by", "why", "ended by"], rows)
            out.next(f"mw alerts unsilence {records[0].id[-8:]}")
        else:
            out.line("Nothing is silenced.")
        out.json(records)


def register(app: typer.Typer) -> None:
    """Add the commands to `mw alerts`."""
    app.command("silence")(silence)
    app.command("unsilence")(unsilence)
    app.command("silences")(silences)


def _what(record: SilenceRecord) -> str:
    kind = f"{record.kind} alerts" if record.kind else "alerts"
    severity = f" up to {record.severity.value}" if record.severity else ""
    monitor = f", monitor {record.monitor}," if record.monitor else ""
    return f"{kind} of {record.endpoint or 'all endpoints'}{monitor}{severity}".rstrip(",")


def _length(lasting: str, until: str, now: datetime) -> timedelta:
    from millwright.workspace.duration import read_duration

    if bool(lasting) is bool(until):
        raise InvalidInputError("Expected either --for or --until.", hint=_EXAMPLE)
    ends_at = read_moment(until, "--until")
    if ends_at is not None:
        if ends_at <= now:
            raise InvalidInputError(f"--until: expected a time to come, found '{until}'.", hint=_EXAMPLE)
        return ends_at - now
    try:
        return read_duration(lasting)
    except ValueError as error:
        raise InvalidInputError(f"--for {lasting}: {error}.", hint=_EXAMPLE) from error
