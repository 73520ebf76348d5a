"""Who calls MLflow's endpoints of users, and what these call a user, a role and a permission."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from millwright.core.records.account import EVERY_PROJECT, Role
from millwright.server.auth.account import Accounts
from millwright.server.mlflow.failure import WireError, invalid, not_there
from millwright.server.principal import Principal, principal_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.core.records.account import GrantRecord, UserRecord
    from millwright.server.mlflow.call import Call

# The most that is true of each role; MLflow has none that deletes without also handing out permissions.
PERMISSIONS = {Role.VIEWER: "READ", Role.CONTRIBUTOR: "EDIT", Role.APPROVER: "EDIT", Role.ADMIN: "MANAGE"}


def caller_of(call: Call) -> Principal:
    """Who calls.

    Raises:
        WireError: Nobody knows.
    """
    principal = principal_of(dict(call.scope))
    if principal is None:
        raise WireError("UNAUTHENTICATED", "Expected credentials, found none.")
    return principal


def name_of(principal: Principal) -> str:
    """What a caller is called as a user."""
    return principal.actor.removeprefix("user:")


def accounts_of(call: Call) -> Accounts:
    """Changes of users, in the caller's name."""
    return Accounts(call.stores, call.services.clock, call.actor)


def user_of(call: Call, name: str) -> UserRecord:
    """A user by name.

    Raises:
        WireError: There is none of that name.
    """
    found = call.stores.accounts.find_user(name.lower())
    if found is None:
        raise not_there(f"User with username={name[:128]} not found")
    return found


def number(*parts: str) -> int:
    """The number that stands for what has a name here; the same at each call, and exact in JavaScript."""
    return int.from_bytes(hashlib.sha256("\x00".join(parts).encode()).digest()[:6])


def user_json(user: UserRecord, grants: Iterable[GrantRecord]) -> dict[str, Any]:
    """A user as MLflow's clients read one."""
    return {"id": number("user", user.name), "username": user.name, "is_admin": is_admin(grants)}


def is_admin(grants: Iterable[GrantRecord]) -> bool:
    """Whether a user with these grants is admin of everything."""
    return any(grant.project == EVERY_PROJECT and grant.role is Role.ADMIN for grant in grants)


def refusal(what: str) -> WireError:
    """The caller may not."""
    return WireError("PERMISSION_DENIED", f"Permission denied: expected {what}. Ask an admin.")


def require_another_admin(call: Call, name: str) -> None:
    """Refuse to take the last admin away.

    Raises:
        WireError: Nobody else who may come in is admin of everything.
    """
    enabled = {user.name for user in call.stores.accounts.list_users() if not user.disabled}
    grants = call.stores.accounts.list_grants()
    if not any(grant.user in enabled - {name} and is_admin([grant]) for grant in grants):
        raise invalid(f"Expected another admin than '{name}' to stay, found none. Make one first.")
