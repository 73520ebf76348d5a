"""`mw alerts channels|deliver`: who is told of alerts, and whether it arrives."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, start
from millwright.core.errors import ConflictError
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.automation.notification import Notifications
    from millwright.automation.notification.waiting import Waiting
    from millwright.cli.console import Output
    from millwright.core.records.notification import ChannelDeliveryRecord
    from millwright.workspace.workspace import Workspace

_LOOKED_AT = 100  # of the newest deliveries of a channel, for what went wrong last


def channels(
    *,
    test: Annotated[str, typer.Option(metavar="NAME", help="Send an example to this channel now.")] = "",
    retry: Annotated[str, typer.Option(metavar="NAME", help="Try at once what this channel has not taken.")] = "",
    as_json: AsJson = False,
) -> None:
    """List channels and routes, with what waits until when, arrived and was given up.

    Exit code 1 when the channel of --test or --retry does not take something.
    """
    workspace, out = start(as_json=as_json)
    with workspace:
        told = workspace.notifications
        if test:
            _test(told, test, out)
        elif retry:
            _retry(told, retry, out)
        else:
            _list(workspace, out)


def deliver(*, as_json: AsJson = False) -> None:
    """Tell and deliver what is due, once, and leave; exit code 1 when something was not taken.

    mw server, mw worker and mw up do this by themselves.
    """
    workspace, out = start(as_json=as_json)
    with workspace:
        done = workspace.notifications.deliver_once()
        failed = _tell_attempts(done, out)
        if failed:
            out.next("mw alerts channels")
        out.json({**_counted(done), "errors": {each.channel: each.last_error for each in failed}})
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


def _retry(told: Notifications, name: str, out: Output) -> None:
    count = told.retry(name)
    done: list[ChannelDeliveryRecord] = []
    failed: list[ChannelDeliveryRecord] = []
    by = told.deliverer()
    try:
        if count and not by:
            done = [each for each in told.deliver_once() if each.channel == name]
    except ConflictError:  # somebody has begun to at this moment
        by = told.deliverer()
    if not count:
        out.done(f"Nothing to retry: {told.waiting(name).text or 'nothing waits, and nothing was given up'}")
    elif by:
        out.done(f"{count} due now; {by.partition('/')[0]} delivers them")
    else:
        failed = _tell_attempts(done, out)
        if left := told.waiting(name).text:
            out.line(f"{name}: {left}")
    out.next("mw alerts channels")
    counts = _counted(done)
    out.json({"channel": name, "retried": count, "by": by, **counts, "waiting": _as_json(told.waiting(name))})
    if failed:
        raise typer.Exit(1)


def _tell_attempts(done: Sequence[ChannelDeliveryRecord], out: Output) -> list[ChannelDeliveryRecord]:
    """Say what attempts came to, and give those that failed."""
    counts = _counted(done)
    failed = [each for each in done if each.state is not DeliveryState.DELIVERED]
    said = f"{counts['delivered']} delivered, {counts['pending']} to be tried again, {counts['dead']} given up"
    if failed:
        out.line(("✗ ", "red"), said)
    else:
        out.done(said)
    for text in sorted({f"{each.channel}: {each.last_error}" for each in failed}):
        out.warn(text)
    return failed


def _counted(done: Sequence[ChannelDeliveryRecord]) -> dict[str, int]:
    return {"attempts": len(done), **{str(state): sum(each.state is state for each in done) for state in DeliveryState}}


def _as_json(waiting: Waiting) -> dict[str, Any]:
    again = waiting.next_try_at
    return {**asdict(waiting), "next_try_at": again.isoformat() if again is not None else None}


def _list(workspace: Workspace, out: Output) -> None:
    told, store = workspace.notifications, workspace.stores.notifications
    counts = store.count_deliveries()
    waits = {name: told.waiting(name) for name in told.channels}
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
                "waiting": _as_json(waits[name]),
                "last_error": next((each.last_error for each in newest if each.last_error), ""),
            }
        )
    if shown:
        rows = [
            [c["name"], c["kind"], c["url"], *c["deliveries"].values(), waits[c["name"]].text, c["last_error"]]
            for c in shown
        ]
        out.table(["channel", "kind", "address", *map(str, DeliveryState), "waits", "last error"], rows)
        _tell_who_delivers(told, out, is_wanted=any(each.text for each in waits.values()))
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
    out.json({"channels": shown, "routes": routes, "by": told.deliverer()})


def _tell_who_delivers(told: Notifications, out: Output, *, is_wanted: bool) -> None:
    by = told.deliverer()
    if by:
        out.line(f"{by.partition('/')[0]} delivers")
    elif is_wanted:
        out.warn("Nobody delivers at present: mw up, mw server and mw worker do, and mw alerts deliver does once.")
