"""`mw alerts channels|deliver`: who is told of alerts, and whether it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, start
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from millwright.automation.notification import Notifications
    from millwright.cli.console import Output
    from millwright.workspace.workspace import Workspace

_LOOKED_AT = 100  # of the newest deliveries of a channel, for what went wrong last


def channels(
    *,
    test: Annotated[str, typer.Option(metavar="NAME", help="Send an example to this channel now.")] = "",
    retry: Annotated[str, typer.Option(metavar="NAME", help="Make what this channel did not take due again.")] = "",
    as_json: AsJson = False,
) -> None:
    """List channels and routes, with what waits, arrived and was given up; exit code 1 when a test is not taken."""
    workspace, out = start(as_json=as_json)
    with workspace:
        told = workspace.notifications
        if test:
            _test(told, test, out)
        elif retry:
            told.channel(retry)
            count = workspace.stores.notifications.retry(retry, workspace.clock.now())
            out.done(f"{count} due again")
            out.next("mw alerts deliver")
            out.json({"channel": retry, "retried": count})
        else:
            _list(workspace, out)


def deliver(*, as_json: AsJson = False) -> None:
    """Tell and deliver what is due, once, and leave; exit code 1 when something was not taken.

    mw server, mw worker and mw up do this by themselves.
    """
    workspace, out = start(as_json=as_json)
    with workspace:
        done = workspace.notifications.deliver_once()
        counts = {str(state): sum(each.state is state for each in done) for state in DeliveryState}
        failed = [each for each in done if each.state is not DeliveryState.DELIVERED]
        said = f"{counts['delivered']} delivered, {counts['pending']} to be tried again, {counts['dead']} given up"
        if failed:
            out.line(("✗ ", "red"), said)
        else:
            out.done(said)
        for text in sorted({f"{each.channel}: {each.last_error}" for each in failed}):
            out.warn(text)
        if failed:
            out.next("mw alerts channels")
        out.json({"attempts": len(done), **counts, "errors": {each.channel: each.last_error for each in failed}})
    if failed:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the commands to `mw alerts`."""
    app.command("channels")(channels)
    app.command("deliver")(deliver)


def _test(told: Notifications, name: str, out: Output) -> None:
    error = told.test(name)
    if error:
        out.line(("✗ ", "red"), error)
    else:
        out.done(f"The channel {name} took the example")
    out.json({"channel": name, "delivered": not error, "error": error})
    if error:
        raise typer.Exit(1)


def _list(workspace: Workspace, out: Output) -> None:
    told, store = workspace.notifications, workspace.stores.notifications
    counts = store.count_deliveries()
    shown: list[dict[str, Any]] = []
    for name, channel in sorted(told.channels.items()):
        newest = store.list_deliveries(channel=name, limit=_LOOKED_AT)
        shown.append(
            {
                "name": name,
                "kind": channel.kind,
                # A reference to a secret tells nothing; an address may be one.
                "url": channel.url if channel.url.startswith("secret:") else channel.shown,
                "deliveries": {str(state): counts.get(name, {}).get(state, 0) for state in DeliveryState},
                "last_error": next((each.last_error for each in newest if each.last_error), ""),
            }
        )
    if shown:
        rows = [[c["name"], c["kind"], c["url"], *c["deliveries"].values(), c["last_error"]] for c in shown]
        out.table(["channel", "kind", "address", *map(str, DeliveryState), "last error"], rows)
    else:
        out.line("There are no channels: nobody is told of alerts. Add [channels.NAME] and [[routes]] to the settings.")
    routes = [
        {
            "name": route.name,
            "endpoint": route.endpoint or "*",
            "kinds": sorted(route.kinds),
            "severity": route.severity.value,
            "channels": list(route.channels),
            "escalate_to": list(route.escalate_to),
        }
        for route in told.routes
    ]
    if routes:
        columns = ["route", "endpoint", "kinds", "from severity", "channels", "then"]
        rows = [
            [r["name"], r["endpoint"], ", ".join(r["kinds"]) or "all", r["severity"], ", ".join(r["channels"]),
             ", ".join(r["escalate_to"])]
            for r in routes
        ]  # fmt: skip
        out.table(columns, rows)
    elif shown:
        out.warn("There are no routes: nobody is told of alerts.")
    out.next(*([f"mw alerts channels --test {shown[0]['name']}"] if shown else ["mw alerts list"]))
    out.json({"channels": shown, "routes": routes})
