"""`mw webhooks`: addresses that are told of events."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, Limit, start
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from millwright.core.records.delivery import WebhookRecord
    from millwright.workspace.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Webhooks: addresses that are told of events, and their deliveries.")

_Hook = Annotated[str, typer.Argument(help="The webhook's name, its id, or the beginning of that.")]


@app.command("add")
def add(
    *,
    name: Annotated[str, typer.Argument(help="What to call it: letters, digits, dots, - and _.")],
    url: Annotated[str, typer.Argument(help="Where to post events: https://….")],
    event: Annotated[
        list[str] | None, typer.Option(help="An event to be told of, such as model.promoted; may be repeated.")
    ] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    secret: Annotated[
        str,
        typer.Option(
            envvar="MILLWRIGHT_WEBHOOK_SECRET",
            help="Signs deliveries; - reads it from standard input. Never shown again.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Add a webhook; it is told of what happens from now on, by default of everything."""
    from millwright.automation.delivery import WebhookDraft

    workspace, out = start(as_json=as_json)
    with workspace:
        draft = WebhookDraft(
            name=name,
            url=url,
            events=tuple(event or ("*",)),
            description=description,
            secret=sys.stdin.readline().strip() if secret == "-" else secret,  # noqa: S105 - stands for standard input
        )
        hook = workspace.deliveries.webhooks_as(workspace.actor).add(draft)
        signed = "signed with your secret" if hook.secret else "not signed: it has no secret"
        out.done(f"Webhook {hook.name} gets {', '.join(hook.events)} at {hook.url}, {signed}")
        out.next(f"mw webhooks test {hook.name}", "mw server (it delivers), or mw webhooks deliver")
        out.json(_shown(hook))


@app.command("list")
def list_webhooks(*, as_json: AsJson = False) -> None:
    """List webhooks, with how many deliveries wait, arrived and were given up."""
    workspace, out = start(as_json=as_json)
    with workspace:
        hooks = workspace.stores.deliveries.list_webhooks()
        counts = workspace.stores.deliveries.count_deliveries()
        shown = [
            _shown(hook) | {"deliveries": {str(s): counts.get(hook.id, {}).get(s, 0) for s in DeliveryState}}
            for hook in hooks
        ]
        columns = ["name", "id", "status", "events", "url", *map(str, DeliveryState)]
        rows = [
            [h["name"], h["id"], h["status"], ", ".join(h["events"]), h["url"], *h["deliveries"].values()]
            for h in shown
        ]
        if rows:
            out.table(columns, rows)
            dead = sum(h["deliveries"]["dead"] for h in shown)
            out.next("mw webhooks deliveries --state dead" if dead else "mw webhooks deliveries")
        else:
            out.line("There are no webhooks.")
            out.next("mw webhooks add NAME https://… --event model.promoted")
        out.json(shown)


@app.command("deliveries")
def deliveries(
    *,
    webhook: Annotated[str, typer.Argument(help="Only those of this webhook: its name or id.")] = "",
    state: Annotated[DeliveryState | None, typer.Option(help="Only those in this state.")] = None,
    limit: Limit = 30,
    as_json: AsJson = False,
) -> None:
    """List deliveries, newest first, with what went wrong."""
    workspace, out = start(as_json=as_json)
    with workspace:
        hook = _webhooks(workspace).find(webhook) if webhook else None
        found = workspace.stores.deliveries.list_deliveries(
            webhook_id=hook.id if hook else None, state=state, limit=limit
        )
        names = {each.id: each.name for each in workspace.stores.deliveries.list_webhooks()}
        columns = ["id", "webhook", "event", "about", "state", "attempts", "next try", "last error"]
        rows: list[list[Any]] = [
            [d.id, names.get(d.webhook_id), d.topic, d.stream, d.state, d.attempts, d.next_try_at, d.last_error]
            for d in found
        ]
        if rows:
            out.table(columns, rows)
            if any(each.state is DeliveryState.DEAD for each in found):
                out.next("mw webhooks retry DELIVERY, or mw webhooks retry --all")
        else:
            out.line("There are no such deliveries.")
        out.json(found)


@app.command("test")
def send_test(
    *,
    webhook: _Hook,
    event: Annotated[str, typer.Option(help="Which of MLflow's events, for a webhook made by its client.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send an example at once; exit code 1 when it is not taken."""
    workspace, out = start(as_json=as_json)
    with workspace:
        hooks = _webhooks(workspace)
        hook = hooks.find(webhook)
        result = hooks.test(hook.id, event)
        if result.delivered:
            out.done(f"{hook.url} took the example: {result.status_code}")
        else:
            out.line(("✗ ", "red"), result.error)
        out.json(dataclasses.asdict(result))
        if not result.delivered:
            raise typer.Exit(1)


@app.command("deliver")
def deliver(*, as_json: AsJson = False) -> None:
    """Deliver what is due, once, and leave; a running mw server does this by itself."""
    workspace, out = start(as_json=as_json)
    with workspace:
        done = workspace.deliveries.deliver_once()
        counts = {str(state): sum(each.state is state for each in done) for state in DeliveryState}
        out.done(f"{counts['delivered']} delivered, {counts['pending']} to be tried again, {counts['dead']} given up")
        for text in sorted({each.last_error for each in done if each.last_error}):
            out.warn(text)
        out.json({"attempts": len(done), **counts})


@app.command("retry")
def retry(
    *,
    delivery: Annotated[str, typer.Argument(help="The id of a dead delivery.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All dead deliveries.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make dead deliveries due again."""
    from millwright.core.errors import InvalidInputError
    from millwright.core.ids import DeliveryId

    if bool(delivery) is every:
        raise InvalidInputError("Expected a delivery or --all.", hint="List them: mw webhooks deliveries --state dead.")
    workspace, out = start(as_json=as_json)
    with workspace:
        store = workspace.stores.deliveries
        dead = store.list_deliveries(state=DeliveryState.DEAD, limit=100_000) if every else []
        # Oldest first, so that they arrive in order.
        ids = [each.id for each in reversed(dead)] if every else [DeliveryId(delivery)]
        again = [_webhooks(workspace).retry(each) for each in ids]
        out.done(f"{len(again)} due again")
        out.next("mw webhooks deliver")
        out.json(again)


@app.command("enable")
def enable(*, webhook: _Hook, as_json: AsJson = False) -> None:
    """Switch a webhook on again."""
    _switch(webhook, "active", as_json=as_json)


@app.command("disable")
def disable(*, webhook: _Hook, as_json: AsJson = False) -> None:
    """Switch a webhook off: what happens meanwhile is not kept for it, and what waits goes on waiting."""
    _switch(webhook, "disabled", as_json=as_json)


@app.command("remove")
def remove(*, webhook: _Hook, as_json: AsJson = False) -> None:
    """Remove a webhook with its deliveries."""
    workspace, out = start(as_json=as_json)
    with workspace:
        hooks = _webhooks(workspace)
        hook = hooks.remove(hooks.find(webhook).id)
        out.done(f"Webhook {hook.name} ({hook.url}) is gone")
        out.json(_shown(hook))


def _switch(webhook: str, status: str, *, as_json: bool) -> None:
    from millwright.core.records.delivery import WebhookStatus

    workspace, out = start(as_json=as_json)
    with workspace:
        hooks = _webhooks(workspace)
        hook = hooks.change(hooks.find(webhook).id, status=WebhookStatus(status))
        out.done(f"Webhook {hook.name} is {hook.status}")
        out.json(_shown(hook))


def _webhooks(workspace: Workspace) -> Any:
    return workspace.deliveries.webhooks_as(workspace.actor)


def _shown(hook: WebhookRecord) -> dict[str, Any]:
    """What may be shown: whether there is a secret, never which."""
    fields = {field.name: getattr(hook, field.name) for field in dataclasses.fields(hook)}
    return {**fields, "events": list(hook.events), "secret": bool(hook.secret)}
