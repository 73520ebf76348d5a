"""Users, what they may do, and what they prove who they are with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from millwright.core.ids import TokenId

# The project of a grant that holds for all projects, of today and later.
EVERY_PROJECT = "*"
# The project of experiments and models that were not put into another one.
DEFAULT_PROJECT = "default"


class Role(StrEnum):
    """What someone may do in a project; each role may do what the ones before it may."""

    VIEWER = "viewer"  # reads
    CONTRIBUTOR = "contributor"  # also writes and deletes runs, artifacts, traces and model versions
    APPROVER = "approver"  # also decides: approves, moves aliases and stages
    ADMIN = "admin"  # also whatever else there is; on every project also webhooks

    def covers(self, needed: Role) -> bool:
        """Whether this role is enough where another one is needed."""
        return _RANK[self] >= _RANK[needed]

    def capped(self, most: Role) -> Role:
        """The lesser of two roles."""
        return self if most.covers(self) else most


_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, kw_only=True, slots=True)
class UserRecord:
    """Someone who may come in.

    Attributes:
        name: In lower case; what audit entries and runs call them.
        password_hash: Argon2, in its own text form; None for who comes in by a provider or by tokens only.
        disabled: Nothing of this user's is accepted any more: password, tokens, sessions, provider.
        issuer: URL of the OpenID provider that vouches for this user; empty for none.
        subject: What that provider calls the user; never given to another one.
        email: As the provider told it, or empty; never used to recognise anyone.
    """

    name: str
    created_at: datetime
    password_hash: str | None = field(default=None, repr=False)
    disabled: bool = False
    issuer: str = ""
    subject: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantRecord:
    """A user's role in a project.

    Attributes:
        project: Its name, or `*` for all of them.
        granted_by: Who gave it; `oidc` when it was read from a provider's claim.
    """

    user: str
    project: str
    role: Role
    granted_at: datetime
    granted_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRecord:
    """A token that programs use instead of a password. The secret itself is kept nowhere.

    Attributes:
        prefix: The public part, by which it is looked up.
        secret_hash: SHA-256 of the secret, in hex; the secret is 256 random bits, so that no slow hash is needed.
        user: Whose it is; it can do nothing that this user cannot.
        label: What it is for.
        role: The most that it can do.
        projects: Where it can do it; empty for wherever its user can.
        expires_at: From when on it is not accepted; None for never.
        revoked_at: None as long as it is accepted.
        last_used_at: To the minute; None when it was never used.
    """

    id: TokenId
    prefix: str
    secret_hash: str = field(repr=False)
    user: str
    label: str
    role: Role
    projects: tuple[str, ...] = ()
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRecord:
    """A browser that someone has logged in with.

    Attributes:
        id_hash: SHA-256 of the cookie's value, in hex.
        csrf_token: What each request that changes something must repeat.
    """

    id_hash: str = field(repr=False)
    user: str
    csrf_token: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
