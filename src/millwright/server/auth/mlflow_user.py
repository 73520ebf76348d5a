"""MLflow's own endpoints of users, as its `AuthServiceClient` calls them. Only where callers must say who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from millwright.core.errors import UnauthenticatedError
from millwright.core.records.account import EVERY_PROJECT, Role
from millwright.server.asgi import client_of
from millwright.server.auth.mlflow_caller import (
    accounts_of,
    caller_of,
    is_admin,
    name_of,
    refusal,
    require_another_admin,
    user_json,
    user_of,
)
from millwright.server.auth.mlflow_role import role_json, visible_grants
from millwright.server.mlflow.failure import WireError, invalid
from millwright.server.mlflow.permission import Access, Rule, server, visible
from millwright.server.mlflow.route import Route

if TYPE_CHECKING:
    from millwright.server.auth.authentication import Authenticator
    from millwright.server.mlflow.call import Call

_KNOWN = Rule(Access.KNOWN, visible)
_ADMIN = Rule(Access.ADMIN, server)


class NewUser(Struct):
    """A name and a password."""

    username: str = ""
    password: str = ""


class OneUser(Struct):
    """A name."""

    username: str = ""


class NewPassword(Struct):
    """Whose password becomes which; their own one takes the present one, too."""

    username: str = ""
    password: str = ""
    current_password: str = ""


class AdminStatus(Struct):
    """Who is to be admin, or no more."""

    username: str = ""
    is_admin: bool | None = None


class NoParameters(Struct):
    """Nothing."""


def create_user(call: Call, body: NewUser) -> dict[str, Any]:
    """Add a user, without any role."""
    user = accounts_of(call).add(body.username, password=body.password)
    return {"user": user_json(user, ())}


def get_user(call: Call, body: OneUser) -> dict[str, Any]:
    """A user, to themselves and to admins."""
    principal = caller_of(call)
    if body.username.lower() != name_of(principal) and not principal.may(Role.ADMIN, EVERY_PROJECT):
        raise refusal("an admin, or the user")
    user = user_of(call, body.username)
    return {"user": user_json(user, call.stores.accounts.list_grants(user.name))}


def get_current_user(call: Call, _body: NoParameters) -> dict[str, Any]:
    """Who calls."""
    user = user_of(call, name_of(caller_of(call)))
    grants = call.stores.accounts.list_grants(user.name)
    return {"user": user_json(user, grants), "is_basic_auth": True}


def list_users(call: Call, _body: NoParameters) -> dict[str, Any]:
    """Users with their roles: all to those who see everything, to others those of their own projects."""
    principal = caller_of(call)
    grants = call.stores.accounts.list_grants()
    met = {grant.user for grant in grants if call.projects is None or grant.project in {*call.projects, EVERY_PROJECT}}
    found = []
    for user in call.stores.accounts.list_users():
        held = [grant for grant in grants if grant.user == user.name]
        if call.projects is None or user.name in met or user.name == name_of(principal):
            roles = [role_json(each.project, each.role) for each in visible_grants(principal, user.name, held)]
            found.append({**user_json(user, held), "roles": roles})
    return {"users": found}


def update_user_admin(call: Call, body: AdminStatus) -> dict[str, Any]:
    """Give or take the role admin on everything."""
    user, accounts = user_of(call, body.username), accounts_of(call)
    if body.is_admin:
        accounts.grant(user.name, Role.ADMIN)
    elif is_admin(call.stores.accounts.list_grants(user.name)):
        with call.stores.transactions.transaction():
            require_another_admin(call, user.name)
            accounts.withdraw(user.name)
    return {}


def delete_user(call: Call, body: OneUser) -> dict[str, Any]:
    """Remove another user."""
    user = user_of(call, body.username)
    if user.name == name_of(caller_of(call)):
        raise WireError("BAD_REQUEST", "Users cannot delete their own account: expected another name. Ask an admin.")
    accounts_of(call).remove(user.name)
    return {}


def user_routes(authenticator: Authenticator) -> tuple[Route, ...]:
    """The endpoints.

    Args:
        authenticator: Verifies passwords, and counts those that were wrong.
    """

    def update_user_password(call: Call, body: NewPassword) -> dict[str, Any]:
        """Replace a password; all sessions of the user end."""
        principal = caller_of(call)
        if body.username.lower() == name_of(principal):
            _check_own(authenticator, call, body)
        elif not principal.may(Role.ADMIN, EVERY_PROJECT):
            raise refusal("an admin, or the user")
        accounts_of(call).set_password(user_of(call, body.username).name, body.password)
        authenticator.forget()
        return {}

    name, both = ("username",), ("username", "password")
    return (
        _route("POST", "create", NewUser, create_user, both, _ADMIN),
        _route("GET", "get", OneUser, get_user, name, _KNOWN),
        _route("GET", "list", NoParameters, list_users, (), Rule(Access.READ, visible)),
        _route("GET", "current", NoParameters, get_current_user, (), _KNOWN),
        _route("PATCH", "update-password", NewPassword, update_user_password, both, _KNOWN),
        _route("PATCH", "update-admin", AdminStatus, update_user_admin, ("username", "is_admin"), _ADMIN),
        _route("DELETE", "delete", OneUser, delete_user, name, _ADMIN),
    )


def _check_own(authenticator: Authenticator, call: Call, body: NewPassword) -> None:
    if not body.current_password:
        raise invalid("Current password is required when changing your own password.")
    try:
        authenticator.check_password(body.username, body.current_password, client_of(dict(call.scope)))
    except UnauthenticatedError as error:
        raise invalid("Current password does not match.") from error
    if body.password == body.current_password:
        raise invalid("New password must differ from the current password.")


def _route(method: str, name: str, body: type[Struct], handler: Any, required: tuple[str, ...], rule: Rule) -> Route:
    # Read mode: hashing a password takes long, and must not hold up the writes of others.
    return Route(method=method, path=f"/mlflow/users/{name}", body=body, handler=handler, required=required, rule=rule)
