"""The caller's own tokens: the one thing that the native API changes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Request, delete, get, post
from litestar.params import JSONBody  # noqa: TC002 - Litestar reads the annotation

from millwright.core.records.account import Role, TokenRecord
from millwright.server.api.listing import Limit, Listing, Name, listing
from millwright.server.auth.own_token import OwnTokens
from millwright.server.injection import FromApp
from millwright.server.principal import principal_of

if TYPE_CHECKING:
    from millwright.server.service import Services

# What a browser or proxy must not keep.
_PRIVATE = {"cache-control": "no-store"}


class NewToken(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a token is to be.

    Attributes:
        label: What it is for.
        role: The most that it can do; never more than its user.
        projects: Where; empty for wherever its user can.
        days: How long it is accepted; null for ever.
    """

    label: Annotated[str, msgspec.Meta(max_length=200)] = ""
    role: Role = Role.CONTRIBUTOR
    projects: Annotated[list[str], msgspec.Meta(max_length=100)] = []
    days: Annotated[float, msgspec.Meta(gt=0, le=36_500)] | None = None


class ApiToken(msgspec.Struct, kw_only=True, frozen=True):
    """A token without its secret.

    Attributes:
        id: By which it is revoked.
        prefix: Its public part.
    """

    id: str
    prefix: str
    label: str
    role: Role
    projects: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class MadeToken(msgspec.Struct, kw_only=True, frozen=True):
    """A token with its text, which cannot be had a second time.

    Attributes:
        token: What to send as `Authorization: Bearer …`.
    """

    token: str
    about: ApiToken


@get("/tokens", sync_to_thread=True, tags=["tokens"])
def list_tokens(services: FromApp, request: Request[Any, Any, Any], limit: Limit = 100) -> Listing[ApiToken]:
    """List your own tokens, newest first, with those that expired or were revoked."""
    return listing([told(each) for each in _own(services, request).list()], limit)


@post("/tokens", sync_to_thread=True, tags=["tokens"], response_headers=_PRIVATE)
def create_token(services: FromApp, request: Request[Any, Any, Any], data: JSONBody[NewToken]) -> MadeToken:
    """Make a token of your own; its text is shown this once. Needs a password or a login in a browser."""
    token, record = _own(services, request).create(
        label=data.label, role=data.role, projects=data.projects, days=data.days
    )
    return MadeToken(token=str(token), about=told(record))


@delete("/tokens/{token_id:str}", sync_to_thread=True, tags=["tokens"])
def revoke_token(services: FromApp, request: Request[Any, Any, Any], token_id: Name) -> None:
    """Revoke a token of your own."""
    _own(services, request).revoke(token_id)


def told(record: TokenRecord) -> ApiToken:
    """A token as its user sees it."""
    return ApiToken(**{name: getattr(record, name) for name in ApiToken.__struct_fields__})


def _own(services: Services, request: Request[Any, Any, Any]) -> OwnTokens:
    return OwnTokens(services.stores, services.clock, principal_of(dict(request.scope)))
