"""Decides on calls of MLflow's wire: the caller's role in the project of each thing that a call names."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.core.records.account import EVERY_PROJECT, Role
from millwright.server.auth.project import Projects
from millwright.server.mlflow.application import Identity
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.permission import Access, ResourceKind
from millwright.server.principal import principal_of

if TYPE_CHECKING:
    from typing import Any

    from millwright.server.asgi import Scope
    from millwright.server.mlflow.call import Call
    from millwright.server.mlflow.permission import Resource, Rule
    from millwright.server.principal import Principal
    from millwright.storage.catalog import Stores

NEEDED = {
    Access.READ: Role.VIEWER,
    Access.WRITE: Role.CONTRIBUTOR,
    Access.APPROVE: Role.APPROVER,
    Access.ADMIN: Role.ADMIN,
}
_KEEP_S = 10.0
_KEPT = 16_384


def wire_identity(scope: Scope) -> Identity:
    """Who calls, as the wire's handlers see it; a stranger sees nothing."""
    principal = principal_of(scope)
    if principal is None:
        return Identity(actor="nobody", projects=())
    return Identity(actor=principal.actor, projects=principal.projects)


class RoleAuthorizer:
    """Lets a call pass when the caller's role is enough for everything that it names.

    Which project something belongs to is remembered for ten seconds. What does not exist belongs to none: who has the
    role anywhere gets to hear from the handler that it is not there; everybody else hears nothing.

    Args:
        stores: Where experiments, runs, models and traces are.
    """

    def __init__(self, stores: Stores) -> None:
        self._projects = Projects(stores)
        self._known: OrderedDict[Resource, tuple[frozenset[str], float]] = OrderedDict()

    async def check(self, rule: Rule, call: Call, body: Any) -> None:
        """Pass if the caller may.

        Raises:
            WireError: They may not (403), or nobody knows who they are (401).
        """
        if rule.access is Access.PUBLIC:
            return
        principal = principal_of(dict(call.scope))
        if principal is None:
            raise WireError("UNAUTHENTICATED", "Expected credentials, found none.")
        if rule.access is Access.KNOWN:
            return
        needed = NEEDED[rule.access]
        if principal.may(needed, EVERY_PROJECT):
            return
        if not principal.may_somewhere(needed):
            raise _refusal(needed, None)
        resources = rule.resources(call, body)
        if not resources:
            raise _refusal(needed, None)  # a rule that names nothing protects nothing
        for resource in resources:
            await self._check_one(principal, needed, resource)

    async def _check_one(self, principal: Principal, needed: Role, resource: Resource) -> None:
        if resource.kind is ResourceKind.SERVER:
            raise _refusal(needed, EVERY_PROJECT)
        if resource.kind is ResourceKind.VISIBLE:
            if needed is not Role.VIEWER:
                raise _refusal(needed, EVERY_PROJECT)
            return
        if resource.kind is ResourceKind.PROJECT:
            projects = frozenset({resource.name})
        elif not resource.name:
            raise _refusal(needed, EVERY_PROJECT)  # what nothing names may turn out to be anything
        else:
            projects = await self._projects_of(resource)
        for project in projects:
            if not principal.may(needed, project):
                raise _refusal(needed, project)

    async def _projects_of(self, resource: Resource) -> frozenset[str]:
        now = time.monotonic()
        found = self._known.get(resource)
        if found is not None and now < found[1]:
            return found[0]
        try:
            projects = await asyncio.to_thread(self._projects.of, resource)
        except NotFoundError:
            return frozenset()  # not remembered: it may be made in the next moment, by anybody
        self._known.pop(resource, None)
        self._known[resource] = (projects, now + _KEEP_S)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return projects


def _refusal(needed: Role, project: str | None) -> WireError:
    # The project's name is not told: whoever may not see it need not know that it exists.
    where = "every project" if project == EVERY_PROJECT else "a project" if project is None else "that project"
    return WireError(
        "PERMISSION_DENIED", f"Permission denied: expected the role '{needed.value}' or more in {where}. Ask an admin."
    )
