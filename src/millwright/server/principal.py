"""Who calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from millwright.core.records.account import EVERY_PROJECT, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.core.records.account import GrantRecord, TokenRecord
    from millwright.server.asgi import Scope

# Where the principal stands in an ASGI scope.
KEY = "millwright.principal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Somebody who has proved who they are.

    Attributes:
        actor: For the audit log: `user:ada`.
        roles: Project → role; the project `*` holds for every one.
        session: Hash of the session's id; empty for callers that are no browsers.
        csrf_token: What requests of that session must repeat; empty likewise.
        user: Their name as a user; empty for whoever reaches a server that asks nobody who they are.
        token: The public part of the token that they came with; empty for a password or a session.
    """

    actor: str
    roles: Mapping[str, Role]
    session: str = ""
    csrf_token: str = field(default="", repr=False)
    user: str = ""
    token: str = ""

    @property
    def projects(self) -> Sequence[str] | None:
        """The projects that they may see; None means all."""
        return None if EVERY_PROJECT in self.roles else tuple(sorted(self.roles))

    def may(self, needed: Role, project: str) -> bool:
        """Whether their role in a project, or in all, is enough; `*` asks for all projects."""
        held = (self.roles.get(EVERY_PROJECT), self.roles.get(project))
        return any(role is not None and role.covers(needed) for role in held)

    def may_somewhere(self, needed: Role) -> bool:
        """Whether there is a project in which their role is enough."""
        return any(role.covers(needed) for role in self.roles.values())


def owner(actor: str) -> Principal:
    """Whoever reaches a server without authentication: the one who started it, and may do everything."""
    return Principal(actor=actor, roles={EVERY_PROJECT: Role.ADMIN})


def principal_of(scope: Scope) -> Principal | None:
    """Who sends a request; None when nobody knows."""
    found = scope.get(KEY)
    return found if isinstance(found, Principal) else None


def roles_of(grants: Iterable[GrantRecord], token: TokenRecord | None = None) -> dict[str, Role]:
    """Roles by project, as far as a token lets them through.

    Args:
        grants: Of one user.
        token: What the user came with; None for everything that the user has.
    """
    roles = {grant.project: grant.role for grant in grants}
    if token is None:
        return roles
    capped = {project: role.capped(token.role) for project, role in roles.items()}
    if not token.projects:
        return capped
    everywhere = capped.get(EVERY_PROJECT)
    narrowed: dict[str, Role] = {}
    for project in token.projects:
        held = [role for role in (everywhere, capped.get(project)) if role is not None]
        if held:
            narrowed[project] = max(held, key=list(Role).index)
    return narrowed
