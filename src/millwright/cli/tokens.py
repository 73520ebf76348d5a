"""`mw tokens`: what programs come in with to `mw server`."""

from __future__ import annotations

from typing import Annotated

import typer

from millwright.cli.option import AsJson, start
from millwright.cli.users import Name, opened

app = typer.Typer(no_args_is_help=True, help="API tokens of mw server: scoped, expiring, revocable.")


@app.command("create")
def create(
    name: Name,
    *,
    role: Annotated[str, typer.Option(help="The most that it can do; never more than its user.")] = "contributor",
    project: Annotated[list[str] | None, typer.Option(help="Only in this project; may be repeated.")] = None,
    days: Annotated[float, typer.Option(min=0, help="How long it is accepted; 0 for ever.")] = 90,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a token; it is shown once."""
    from millwright.server.auth.account import parse_role

    with opened(as_json=as_json) as (accounts, _, out):
        token, record = accounts.create_token(
            name, label=label, role=parse_role(role), projects=project or (), days=days or None
        )
        out.done(f"A token of {record.user}; it is not shown again:")
        out.line(f"  {token}")
        out.next("export MLFLOW_TRACKING_TOKEN=…", f"mw tokens revoke {record.prefix}")
        out.json({"token": str(token), "id": record.id, "prefix": record.prefix, "expires_at": record.expires_at})


@app.command("list")
def list_tokens(
    *, user: Annotated[str, typer.Option(help="Only those of this user.")] = "", as_json: AsJson = False
) -> None:
    """List tokens, newest first."""
    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.stores.accounts.list_tokens(user.lower() or None)
        now = workspace.clock.now()
        names = ("prefix", "user", "role", "projects", "label", "state", "expires_at", "last_used_at")
        rows = [
            [
                r.prefix, r.user, r.role.value, ", ".join(r.projects) or "all of the user's", r.label,
                "revoked" if r.revoked_at else "expired" if r.expires_at and r.expires_at <= now else "accepted",
                r.expires_at, r.last_used_at,
            ]
            for r in records
        ]  # fmt: skip
        if rows:
            out.table([name.replace("_", " ") for name in names], rows)
        else:
            out.line("There are no tokens.")
            out.next("mw tokens create NAME")
        out.json([dict(zip(names, row, strict=True)) for row in rows])


@app.command("revoke")
def revoke(token: Annotated[str, typer.Argument(help="Its prefix, id or text.")], *, as_json: AsJson = False) -> None:
    """Accept a token no more; running servers follow within two seconds."""
    with opened(as_json=as_json) as (accounts, _, out):
        record = accounts.revoke_token(token)
        out.done(f"The token {record.prefix} of {record.user} is accepted no more.")
        out.json({"prefix": record.prefix, "user": record.user, "revoked": True})
