"""`mw users`: who may come in to `mw server`, and what they may do."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError
from millwright.core.records.account import EVERY_PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.cli.console import Output
    from millwright.server.auth.account import Accounts
    from millwright.workspace.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Users of mw server: passwords and roles per project.")

Name = Annotated[str, typer.Argument(help="The user's name.")]
Project = Annotated[str, typer.Option(help="The project in which the role holds; * for all of them.")]
NoPassword = Annotated[bool, typer.Option("--no-password", help="Comes in by tokens or OpenID only.")]


@app.command("add")
def add(
    name: Name,
    *,
    role: Annotated[str, typer.Option(help="viewer, contributor, approver or admin; none when left out.")] = "",
    project: Project = EVERY_PROJECT,
    no_password: NoPassword = False,
    as_json: AsJson = False,
) -> None:
    """Add a user; the password is asked for, or read from standard input."""
    from millwright.server.auth.account import parse_role, valid_name

    wanted = parse_role(role) if role else None
    valid_name(name)
    password = None if no_password else read_password()
    with opened(as_json=as_json) as (accounts, workspace, out), workspace.stores.transactions.transaction():
        record = accounts.add(name, password=password)
        if wanted is not None:
            accounts.grant(record.name, wanted, project)
        out.done(f"{record.name} was added{_told(role, project)}.")
        out.next(f"mw tokens create {record.name}", "mw users list")
        out.json({"name": record.name, "role": wanted, "project": project if wanted else None})


@app.command("list")
def list_users(*, as_json: AsJson = False) -> None:
    """List users with their roles."""
    workspace, out = start(as_json=as_json)
    with workspace:
        store = workspace.stores.accounts
        roles: dict[str, list[str]] = {}
        for grant in store.list_grants():
            where = "" if grant.project == EVERY_PROJECT else f" in {grant.project}"
            roles.setdefault(grant.user, []).append(f"{grant.role.value}{where}")
        users = store.list_users()
        rows = [
            [u.name, ", ".join(roles.get(u.name, [])), _way(u.password_hash, u.issuer), u.disabled, u.created_at]
            for u in users
        ]
        if rows:
            out.table(["user", "roles", "comes in by", "disabled", "added"], rows)
        else:
            out.line("There are no users; mw server answers this machine only.")
            out.next("mw users add NAME --role admin")
        names = ("name", "roles", "comes_in_by", "disabled", "created_at")
        out.json([dict(zip(names, [row[0], roles.get(str(row[0]), []), *row[2:]], strict=True)) for row in rows])


@app.command("grant")
def grant(
    name: Name,
    role: Annotated[str, typer.Argument(help="viewer, contributor, approver or admin; none takes the role away.")],
    *,
    project: Project = EVERY_PROJECT,
    as_json: AsJson = False,
) -> None:
    """Give a user a role in a project, or take it away."""
    from millwright.server.auth.account import parse_role

    with opened(as_json=as_json) as (accounts, _, out):
        if role == "none":
            accounts.withdraw(name, project)
            out.done(f"{name} has no role any more{_told('', project)}.")
        else:
            accounts.grant(name, parse_role(role), project)
            out.done(f"{name} is {role}{_told('', project)}.")
        out.json({"name": name.lower(), "role": None if role == "none" else role, "project": project})


@app.command("disable")
def disable(
    name: Name,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Shut a user out: password, tokens and sessions are accepted no more."""
    with opened(as_json=as_json) as (accounts, _, out):
        accounts.disable(name, disabled=not undo)
        out.done(f"{name} is {'let in again' if undo else 'shut out'}.")
        out.json({"name": name.lower(), "disabled": not undo})


@app.command("remove")
def remove(name: Name, *, as_json: AsJson = False) -> None:
    """Remove a user with roles, tokens and sessions; what they did stays in the audit log."""
    with opened(as_json=as_json) as (accounts, _, out):
        accounts.remove(name)
        out.done(f"{name} was removed.")
        out.json({"name": name.lower(), "removed": True})


@app.command("passwd")
def passwd(name: Name, *, as_json: AsJson = False) -> None:
    """Replace a user's password; it is asked for, or read from standard input."""
    password = read_password()
    with opened(as_json=as_json) as (accounts, _, out):
        accounts.set_password(name, password)
        out.done(f"{name} has a new password; sessions with the old one have ended.")
        out.json({"name": name.lower(), "changed": True})


@contextmanager
def opened(*, as_json: bool) -> Iterator[tuple[Accounts, Workspace, Output]]:
    """The accounts of the workspace found from here, and where the result goes."""
    from millwright.server.auth.account import Accounts as Service

    workspace, out = start(as_json=as_json)
    with workspace:
        yield Service(workspace.stores, workspace.clock, workspace.actor), workspace, out


def read_password() -> str:
    """A password: typed twice where there is a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise InvalidInputError(
            "Expected a password on standard input, found none.",
            hint="Write it there: printf '%s' \"$PASSWORD\" | mw users …, or type it in a terminal.",
        )
    return line


def _told(role: str, project: str) -> str:
    where = "in all projects" if project == EVERY_PROJECT else f"in {project}"
    return f" as {role} {where}" if role else f" {where}"


def _way(password_hash: str | None, issuer: str) -> str:
    return "password" if password_hash else "OpenID" if issuer else "tokens"
