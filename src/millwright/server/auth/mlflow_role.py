"""MLflow's endpoints of roles and permissions, as far as Millwright's roles can be told in their terms.

A role is one of four in a project, and a user has at most one in each: `assign` gives it, `unassign` takes it away.
What a role may do stands in the program, so nothing makes or changes roles; and nothing gives a permission on a single
experiment or model, since roles hold for whole projects. Those endpoints are not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from millwright.core.errors import NotFoundError
from millwright.core.records.account import DEFAULT_PROJECT, EVERY_PROJECT, Role
from millwright.server.auth.mlflow_caller import (
    PERMISSIONS,
    accounts_of,
    caller_of,
    is_admin,
    name_of,
    number,
    refusal,
    require_another_admin,
    user_of,
)
from millwright.server.auth.project import Projects
from millwright.server.mlflow.failure import invalid, not_there
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, visible
from millwright.server.mlflow.route import Route
from millwright.server.principal import roles_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.core.records.account import GrantRecord
    from millwright.server.mlflow.call import Call
    from millwright.server.principal import Principal

_KNOWN = Rule(Access.KNOWN, visible)
_TYPES = {
    "experiment": ResourceKind.EXPERIMENT,
    "registered_model": ResourceKind.MODEL,
    "prompt": ResourceKind.MODEL,
}
_TOLD = {
    Role.VIEWER: "reads",
    Role.CONTRIBUTOR: "also writes and deletes runs, artifacts, traces and model versions",
    Role.APPROVER: "also approves, moves aliases and stages",
    Role.ADMIN: "also whatever else there is",
}


class OneRole(Struct):
    """A role's number."""

    role_id: int | None = None


class RoleList(Struct):
    """Projects, called workspaces there; all when empty."""

    workspace: list[str] = field(default_factory=list)


class Assignment(Struct):
    """A user and a role's number."""

    username: str = ""
    role_id: int | None = None


class OneUser(Struct):
    """A user's name."""

    username: str = ""


class OnePermission(Struct):
    """A user, and an experiment or model."""

    username: str = ""
    resource_type: str = ""
    resource_id: str = ""


def role_json(project: str, role: Role) -> dict[str, Any]:
    """A role in a project as MLflow's clients read one."""
    return {
        "id": number("role", project, role),
        "name": role.value,
        "workspace": project,
        "description": _TOLD[role],
        "permissions": _permissions(project, role),
    }


def visible_grants(principal: Principal, user: str, grants: Iterable[GrantRecord]) -> list[GrantRecord]:
    """Which of a user's roles a caller sees: users their own, admins those in what they are admin of."""
    own = user == name_of(principal)
    return [grant for grant in grants if own or principal.may(Role.ADMIN, grant.project)]


def list_roles(call: Call, body: RoleList) -> dict[str, Any]:
    """The roles that there are in projects in which the caller has one, too."""
    principal = caller_of(call)
    if not all(principal.may(Role.VIEWER, project) for project in body.workspace or [EVERY_PROJECT]):
        raise refusal("a role in every project that is asked for")
    projects = sorted(set(body.workspace)) or _projects(call)
    return {"roles": [role_json(project, role) for project in projects for role in Role]}


def get_role(call: Call, body: OneRole) -> dict[str, Any]:
    """A role by its number."""
    return {"role": role_json(*_found(call, body.role_id, Role.VIEWER))}


def list_role_permissions(call: Call, body: OneRole) -> dict[str, Any]:
    """What a role may do, in MLflow's words."""
    return {"role_permissions": _permissions(*_found(call, body.role_id, Role.VIEWER))}


def list_role_users(call: Call, body: OneRole) -> dict[str, Any]:
    """Who has a role."""
    project, role = _found(call, body.role_id, Role.ADMIN)
    grants = call.stores.accounts.list_grants()
    found = [grant for grant in grants if grant.project == project and grant.role is role]
    return {"assignments": [_assignment(grant.user, project, role) for grant in found]}


def list_user_roles(call: Call, body: OneUser) -> dict[str, Any]:
    """The roles of a user that the caller may see."""
    grants = _grants(call, body.username)
    return {"roles": [role_json(grant.project, grant.role) for grant in grants]}


def assign_role(call: Call, body: Assignment) -> dict[str, Any]:
    """Give a user a role in a project, in place of the one they have there."""
    project, role = _found(call, body.role_id, Role.ADMIN)
    user = user_of(call, body.username)
    with call.stores.transactions.transaction():
        if project == EVERY_PROJECT and role is not Role.ADMIN:
            _keep_admin(call, user.name)
        accounts_of(call).grant(user.name, role, project)
    return {"assignment": _assignment(user.name, project, role)}


def unassign_role(call: Call, body: Assignment) -> dict[str, Any]:
    """Take a role away from a user who has it."""
    project, role = _found(call, body.role_id, Role.ADMIN)
    user = user_of(call, body.username)
    held = {grant.project: grant.role for grant in call.stores.accounts.list_grants(user.name)}
    if held.get(project) is not role:
        raise not_there(f"Expected a user with the role '{role}' in '{project}', found '{user.name}' without it.")
    with call.stores.transactions.transaction():
        if project == EVERY_PROJECT:
            _keep_admin(call, user.name)
        accounts_of(call).withdraw(user.name, project)
    return {}


def list_permissions(call: Call, body: OneUser) -> dict[str, Any]:
    """What a user may do, as far as the caller may see it."""
    return _told_permissions(call, body.username)


def list_current_permissions(call: Call, _body: OneUser) -> dict[str, Any]:
    """What the caller may do."""
    return _told_permissions(call, name_of(caller_of(call)))


def get_permission(call: Call, body: OnePermission) -> dict[str, Any]:
    """What a user may do to one experiment or model; what is not there may nobody do anything to."""
    kind = _TYPES.get(body.resource_type)
    if kind is None:
        raise invalid(f"Expected resource_type to be one of {', '.join(_TYPES)}; found '{body.resource_type[:100]}'.")
    try:
        projects = _where(call, kind, body.resource_id)
    except NotFoundError:
        projects = frozenset()
    principal = caller_of(call)
    seen = bool(projects) and all(principal.may(Role.ADMIN, project) for project in projects)
    if not seen and body.username.lower() != name_of(principal) and not principal.may(Role.ADMIN, EVERY_PROJECT):
        raise refusal("an admin of its project, or the user")
    roles = roles_of(call.stores.accounts.list_grants(user_of(call, body.username).name))
    held = [role for project in projects for role in (roles.get(project), roles.get(EVERY_PROJECT)) if role]
    name = PERMISSIONS[max(held, key=list(Role).index)] if held else "NO_PERMISSIONS"
    return {"allowed": name in {"EDIT", "MANAGE"}, "permission": name}


def _where(call: Call, kind: ResourceKind, name: str) -> frozenset[str]:
    return frozenset({EVERY_PROJECT}) if name == "*" else Projects(call.stores).of(Resource(kind, name))


def _grants(call: Call, username: str) -> list[GrantRecord]:
    principal = caller_of(call)
    if username.lower() != name_of(principal) and not principal.may_somewhere(Role.ADMIN):
        raise refusal("an admin, or the user")
    user = call.stores.accounts.find_user(username.lower())
    grants = [] if user is None else visible_grants(principal, user.name, call.stores.accounts.list_grants(user.name))
    if not grants and username.lower() != name_of(principal) and not principal.may(Role.ADMIN, EVERY_PROJECT):
        raise refusal("an admin of one of the user's projects")
    user_of(call, username)
    return grants


def _told_permissions(call: Call, username: str) -> dict[str, Any]:
    grants = _grants(call, username)
    rows = [
        {
            "role_id": number("role", grant.project, grant.role),
            "role_name": grant.role.value,
            "workspace": grant.project,
            "resource_type": row["resource_type"],
            "resource_pattern": "*",
            "permission": row["permission"],
        }
        for grant in grants
        for row in _permissions(grant.project, grant.role)
    ]
    return {"is_admin": is_admin(grants), "permissions": rows}


def _permissions(project: str, role: Role) -> list[dict[str, Any]]:
    return [
        {
            "id": number("permission", project, role, kind),
            "role_id": number("role", project, role),
            "resource_type": kind,
            "resource_pattern": "*",
            "permission": PERMISSIONS[role],
        }
        for kind in _TYPES
    ]


def _assignment(user: str, project: str, role: Role) -> dict[str, Any]:
    about = {"user_id": number("user", user), "role_id": number("role", project, role)}
    return {"id": number("assignment", user, project, role), **about}


def _found(call: Call, role_id: int | None, needed: Role) -> tuple[str, Role]:
    """The role of a number, if the caller has some role in its project."""
    principal = caller_of(call)
    for project in _projects(call):
        for role in Role:
            if number("role", project, role) == role_id and principal.may(needed, project):
                return project, role
    if principal.may(Role.ADMIN, EVERY_PROJECT):
        raise not_there(f"Expected the id of a role in a project that has something in it, found {role_id}.")
    raise refusal(f"the role '{needed}' or more in that role's project")


def _projects(call: Call) -> Sequence[str]:
    """Every project that something belongs to, and the one that stands for all."""
    stores = call.stores
    named = {grant.project for grant in stores.accounts.list_grants()}
    named |= {experiment.project for experiment in stores.experiments.list()}
    named |= {model.project for model in stores.models.list_models()}
    return sorted(named | {DEFAULT_PROJECT, EVERY_PROJECT})


def _keep_admin(call: Call, name: str) -> None:
    if is_admin(call.stores.accounts.list_grants(name)):
        require_another_admin(call, name)


def _route(method: str, path: str, body: type[Struct], handler: Any, *required: str) -> Route:
    return Route(
        method=method,
        path=f"/mlflow/{path}",
        body=body,
        handler=handler,
        required=required,
        rule=_KNOWN,
        versions=(3,),
    )


# Each handler asks for what the caller may, since it depends on the role or user that is named.
ROUTES = (
    _route("GET", "roles/list", RoleList, list_roles),
    _route("GET", "roles/get", OneRole, get_role, "role_id"),
    _route("GET", "roles/permissions/list", OneRole, list_role_permissions, "role_id"),
    _route("GET", "roles/users/list", OneRole, list_role_users, "role_id"),
    _route("GET", "users/roles/list", OneUser, list_user_roles, "username"),
    _route("POST", "roles/assign", Assignment, assign_role, "username", "role_id"),
    _route("DELETE", "roles/unassign", Assignment, unassign_role, "username", "role_id"),
    _route("GET", "users/permissions/list", OneUser, list_permissions, "username"),
    _route("GET", "users/permissions/get", OnePermission, get_permission, "username", "resource_type", "resource_id"),
    _route("GET", "users/current/permissions", OneUser, list_current_permissions),
)
