"""`mw alerts`: what monitoring found, who takes it on, and the retrainings that answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.monitor_option import OfMonitor
from millwright.cli.option import AsJson, Limit, start
from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.monitor import AlertRecord
    from millwright.workspace.workspace import Workspace

app = typer.Typer(
    no_args_is_help=True, help="Alerts, who takes them on and who is told, and the retrainings that answer them."
)

Named = Annotated[list[str], typer.Argument(help="Ids of alerts, or their last 8 digits.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]


@app.command("list")
def list_alerts(
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Only open ones.")] = False,
    endpoint: Annotated[str, typer.Option(help="Only this endpoint's.")] = "",
    monitor: OfMonitor = "",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first."""
    from millwright.core.records.monitor import AlertState
    from millwright.monitoring.alerting import require_endpoint

    workspace, out = start(as_json=as_json)
    with workspace:
        if endpoint:
            require_endpoint(workspace.stores, endpoint)
        records = workspace.stores.monitors.list_alerts(
            endpoint or None, monitor=monitor or None, open_only=open_only, limit=limit
        )
        rows = [
            [
                a.id[-8:],
                a.endpoint,
                a.monitor or None,
                kind_of(a),
                a.severity.value,
                a.state.value,
                a.created_at,
                a.count,
            ]
            for a in records
        ]
        if records:
            out.table(["alert", "endpoint", "monitor", "kind", "severity", "state", "raised", "found"], rows)
            out.items([f"{record.id[-8:]}: {record.message}" for record in records])
            waiting = [record for record in records if record.state is not AlertState.RESOLVED]
            if waiting:
                named = waiting[0].id[-8:]
                out.next(
                    f"mw alerts retrain {named} --pipeline pipeline.py --param source=NEW.csv", f"mw alerts ack {named}"
                )
            else:
                out.next(f"mw monitor check {records[0].endpoint}")
        else:
            out.line(f"No {'open ' if open_only else ''}alert.")
            out.next("mw monitor check ENDPOINT")
        out.json(records)


@app.command("show")
def show(
    alert: Annotated[str, typer.Argument(help="The alert's id, or its last 8 digits.")], *, as_json: AsJson = False
) -> None:
    """Show an alert: what was found, how often, who was told, and what people did about it."""
    workspace, out = start(as_json=as_json)
    with workspace:
        record = find_alert(workspace, alert)
        entries = workspace.stores.audit.list(subject=f"endpoint:{record.endpoint}", limit=1000)
        history = [entry for entry in reversed(entries) if entry.details.get("alert_id") == record.id]
        out.line((f"{record.severity.value}: ", "bold"), record.message)
        out.table(
            ["fact", "value"], [[name, value] for name, value in _facts(record).items() if value not in {None, ""}]
        )
        out.table(
            ["at", "who", "did", "why"],
            [[entry.at, entry.actor, entry.action, entry.details.get("reason", "")] for entry in history],
        )
        out.next(f"mw alerts ack {record.id[-8:]}" if record.state.value == "open" else "mw alerts list")
        out.json({"alert": record, "history": history})


@app.command("ack")
def acknowledge(alerts: Named, *, reason: Why = "", as_json: AsJson = False) -> None:
    """Take alerts on: nobody is reminded of them any more, and they are not escalated."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = [find_alert(workspace, named) for named in alerts]
        changed = [workspace.alerts.acknowledge(each.id, reason=reason) for each in found]
        for record in changed:
            out.done(f"{record.id[-8:]} ({record.endpoint}, {kind_of(record)}) is acknowledged by {workspace.actor}")
        out.next(f"mw alerts resolve {changed[0].id[-8:]}")
        out.json(changed)


@app.command("resolve")
def resolve(alerts: Named, *, reason: Why = "", as_json: AsJson = False) -> None:
    """Close alerts; those who were told of them are told so."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = [find_alert(workspace, named) for named in alerts]
        changed = [workspace.alerts.resolve(each.id, reason=reason) for each in found]
        for record in changed:
            out.done(f"{record.id[-8:]} ({record.endpoint}, {kind_of(record)}) is resolved by {workspace.actor}")
        out.next("mw alerts list --open")
        out.json(changed)


@app.command("retrain")
def retrain(
    alert: Annotated[str, typer.Argument(help="The alert's id, or its last 8 digits.")],
    *,
    pipeline: Annotated[str, typer.Option(help="file.py, or file.py:name.")],
    param: Annotated[list[str] | None, typer.Option(help="name=value for the pipeline; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer an alert: run the pipeline, let the challenger meet the champion, write down the decision."""
    from millwright.cli.step_line import print_step
    from millwright.core.records.monitor import Outcome

    workspace, out = start(as_json=as_json)
    with workspace:
        found = find_alert(workspace, alert)
        params = _pairs(param or ())
        decision = workspace.retrain(found, pipeline, params, on_step=lambda record: print_step(out, record))
        versions = f"challenger {decision.challenger}, champion before {decision.champion}"
        out.line("Decision: ", (decision.outcome.value, "bold"), f" ({versions}).")
        out.items(decision.reasons)
        failed = decision.outcome is Outcome.FAILED
        again = f"mw alerts retrain {found.id[-8:]} --pipeline {pipeline}"
        shown = [f"mw models show {decision.challenger}"] if decision.challenger else []
        out.next(*(["mw runs list", again] if failed else [*shown, "mw models list"]))
        out.json(decision)
        if failed:
            raise typer.Exit(1)


def find_alert(workspace: Workspace, named: str) -> AlertRecord:
    """The alert that people mean by an id or the end of one.

    Raises:
        NotFoundError: There is none.
        ConflictError: There are several.
    """
    alerts = workspace.stores.monitors.list_alerts(limit=1000)
    found = [record for record in alerts if named and record.id.endswith(named)]
    if not found:
        raise NotFoundError(f"There is no alert '{named}'.", hint="See: mw alerts list")
    if len(found) > 1:
        raise ConflictError(
            f"{len(found)} alerts end in '{named}'.", hint=f"Name one by its id, such as {found[0].id}."
        )
    return found[0]


def kind_of(alert: AlertRecord) -> str:
    """What an alert is about: its kind, and its subject if it has one."""
    return f"{alert.kind} {alert.subject}".strip()


def _facts(record: AlertRecord) -> dict[str, Any]:
    return {
        "alert": record.id,
        "endpoint": record.endpoint,
        "monitor": record.monitor,
        "kind": kind_of(record),
        "state": record.state.value,
        "raised": record.created_at,
        "last found": record.last_seen,
        "found by checks": record.count,
        "clean checks since": record.clean_checks,
        "acknowledged": record.acknowledged_at,
        "by": record.acknowledged_by,
        "resolved": record.resolved_at,
        "resolved by": record.resolved_by,
        "told on routes": ", ".join(sorted(record.told)),
        "report": record.report_id,
    }


def _pairs(words: Sequence[str]) -> dict[str, str]:
    params = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise InvalidInputError(f"Expected name=value, found '{word}'.", hint="Such as: --param source=new.csv")
        params[name] = value
    return params
