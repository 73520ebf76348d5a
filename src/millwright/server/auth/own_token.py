"""What users do with their own tokens, by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import ForbiddenError, NotFoundError
from millwright.server.auth.account import Accounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.clock import Clock
    from millwright.core.records.account import Role, TokenRecord
    from millwright.server.auth.token import Token
    from millwright.server.principal import Principal
    from millwright.storage.catalog import Stores


class OwnTokens:
    """The tokens of whoever calls; those of others do not exist here.

    A token makes no tokens, and revokes none but itself: otherwise one that may only read, or only for a day, could
    make itself one that may everything for ever.

    Args:
        stores: Where they are, with the audit log.
        clock: The time.
        principal: Who calls.

    Raises:
        NotFoundError: The server asks nobody who they are, and so has no users.
    """

    def __init__(self, stores: Stores, clock: Clock, principal: Principal | None) -> None:
        if principal is None or not principal.user:
            raise NotFoundError(
                "This server asks nobody who they are, so there are no tokens here.",
                hint="Start it with --auth on, or make one with mw tokens create.",
            )
        self._principal = principal
        self._store = stores.accounts
        self._accounts = Accounts(stores, clock, principal.actor)

    def list(self) -> list[TokenRecord]:
        """All of them, newest first, expired and revoked ones included."""
        return self._store.list_tokens(self._principal.user)

    def create(
        self, *, label: str, role: Role, projects: Sequence[str], days: float | None
    ) -> tuple[Token, TokenRecord]:
        """Make one; see `Accounts.create_token`.

        Raises:
            ForbiddenError: The caller came with a token.
            InvalidInputError: The label is too long, or the time not above 0.
        """
        if self._principal.token:
            raise ForbiddenError(
                "Expected a password or a login in a browser, found a token: tokens make no tokens.",
                hint="Log in at /account, or send name and password.",
            )
        return self._accounts.create_token(self._principal.user, label=label, role=role, projects=projects, days=days)

    def revoke(self, token_id: str) -> None:
        """Accept one no more.

        Raises:
            NotFoundError: The caller has none of that id.
            ForbiddenError: The caller came with another token.
        """
        found = next((each for each in self.list() if token_id in {each.id, each.prefix}), None)
        if found is None:
            raise NotFoundError(f"You have no token '{token_id[:40]}'.", hint="GET /api/v1/tokens lists yours.")
        if self._principal.token not in {"", found.prefix}:
            raise ForbiddenError(
                "Expected a password or a login in a browser, found another token: a token revokes only itself.",
                hint="Log in at /account, or send name and password.",
            )
        self._accounts.revoke_token(found.id)
