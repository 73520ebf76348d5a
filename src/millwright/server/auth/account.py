"""Changes of users, roles and tokens; each is one transaction with its audit entry."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.core.ids import TokenId, new_id
from millwright.core.records.account import EVERY_PROJECT, GrantRecord, Role, TokenRecord, UserRecord
from millwright.server.auth.password import hash_password
from millwright.server.auth.token import hash_secret, new_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.clock import Clock
    from millwright.server.auth.token import Token
    from millwright.storage.catalog import Stores

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,127}")
_RESERVED = frozenset({"token"})  # what stands for a name where only a token is sent
_LONGEST_LABEL = 200


class Accounts:
    """Adds, changes and removes users, their roles and their tokens.

    Args:
        stores: Where they are, with the audit log.
        clock: The time.
        actor: Who does it, for the audit log.
    """

    def __init__(self, stores: Stores, clock: Clock, actor: str) -> None:
        self._stores = stores
        self._accounts = stores.accounts
        self._clock = clock
        self._actor = actor

    def add(self, name: str, *, password: str | None = None, identity: tuple[str, str] = ("", "")) -> UserRecord:
        """Add a user, without any role.

        Args:
            name: Letters, digits and `._@+-`; capitals become small ones.
            password: None for somebody who comes in by tokens or a provider only.
            identity: Issuer and subject of an OpenID provider.

        Raises:
            InvalidInputError: The name or the password is not allowed.
            AlreadyExistsError: There is one of that name.
        """
        record = UserRecord(
            name=valid_name(name),
            created_at=self._clock.now(),
            password_hash=None if password is None else hash_password(password),
            issuer=identity[0],
            subject=identity[1],
        )
        with self._stores.transactions.transaction():
            self._accounts.create_user(record)
            self._note("user.add", f"user:{record.name}", {"password": password is not None, "issuer": identity[0]})
        return record

    def grant(self, name: str, role: Role, project: str = EVERY_PROJECT) -> GrantRecord:
        """Give a user a role in a project, in place of the one they have there.

        Raises:
            NotFoundError: There is no such user.
        """
        record = GrantRecord(
            user=name.lower(), project=project, role=role, granted_at=self._clock.now(), granted_by=self._actor
        )
        with self._stores.transactions.transaction():
            self._accounts.put_grant(record)
            self._note("user.grant", f"user:{record.user}", {"project": project, "role": role.value})
        return record

    def withdraw(self, name: str, project: str = EVERY_PROJECT) -> None:
        """Take a user's role in a project away.

        Raises:
            NotFoundError: They have none there.
        """
        with self._stores.transactions.transaction():
            if not self._accounts.delete_grant(name.lower(), project):
                raise NotFoundError(
                    f"'{name}' has no role in the project '{project}'.", hint="mw users list shows who has which."
                )
            self._note("user.withdraw", f"user:{name.lower()}", {"project": project})

    def disable(self, name: str, *, disabled: bool = True) -> None:
        """Shut a user out, or let them in again.

        Raises:
            NotFoundError: There is no such user.
        """
        with self._stores.transactions.transaction():
            self._accounts.set_disabled(name.lower(), disabled=disabled)
            self._note("user.disable" if disabled else "user.enable", f"user:{name.lower()}", {})

    def remove(self, name: str) -> None:
        """Remove a user with roles, tokens and sessions; what they did stays in the audit log.

        Raises:
            NotFoundError: There is no such user.
        """
        with self._stores.transactions.transaction():
            self._accounts.delete_user(name.lower())
            self._note("user.remove", f"user:{name.lower()}", {})

    def set_password(self, name: str, password: str) -> None:
        """Replace a user's password; their sessions end.

        Raises:
            NotFoundError: There is no such user.
            InvalidInputError: The password is not allowed.
        """
        hashed = hash_password(password)
        with self._stores.transactions.transaction():
            self._accounts.set_password(name.lower(), hashed)
            self._note("user.password", f"user:{name.lower()}", {})

    def create_token(
        self,
        name: str,
        *,
        label: str = "",
        role: Role = Role.CONTRIBUTOR,
        projects: Sequence[str] = (),
        days: float | None = None,
    ) -> tuple[Token, TokenRecord]:
        """Make a token; its text cannot be had a second time.

        Args:
            name: Whose it is.
            label: What it is for.
            role: The most that it can do; never more than its user.
            projects: Where; empty for wherever its user can.
            days: How long it is accepted; None for ever.

        Raises:
            NotFoundError: There is no such user.
            InvalidInputError: The label is too long, or the time not above 0.
        """
        if len(label) > _LONGEST_LABEL or (days is not None and not 0 < days <= 36_500):
            raise InvalidInputError(
                f"Expected a label of at most {_LONGEST_LABEL} characters and a time of 0 to 36,500 days, found others."
            )
        token, now = new_token(), self._clock.now()
        record = TokenRecord(
            id=TokenId(new_id()),
            prefix=token.prefix,
            secret_hash=hash_secret(token.secret),
            user=name.lower(),
            label=label,
            role=role,
            projects=tuple(projects),
            created_at=now,
            expires_at=None if days is None else now + timedelta(days=days),
        )
        about = {"role": role.value, "projects": list(projects), "label": label, "days": days, "prefix": token.prefix}
        with self._stores.transactions.transaction():
            self._accounts.create_token(record)
            self._note("token.create", f"user:{record.user}", about)
        return token, record

    def revoke_token(self, which: str) -> TokenRecord:
        """Accept a token no more.

        Args:
            which: Its id, its prefix, or its whole text.

        Raises:
            NotFoundError: There is no such token.
        """
        prefix = which.removeprefix("mw_").split("_")[0]
        records = self._accounts.list_tokens()
        found = next((each for each in records if prefix in {each.id, each.prefix}), None)
        if found is None:
            raise NotFoundError(
                f"There is no token '{prefix[:40]}'.", hint=closest(prefix, [each.prefix for each in records])
            )
        with self._stores.transactions.transaction():
            self._accounts.revoke_token(found.id, self._clock.now())
            self._note("token.revoke", f"user:{found.user}", {"prefix": found.prefix})
        return found

    def _note(self, action: str, subject: str, details: Mapping[str, Any]) -> None:
        self._stores.audit.append(
            at=self._clock.now(), actor=self._actor, action=action, subject=subject, details=details
        )


def valid_name(name: str) -> str:
    """A user's name as it is kept.

    Raises:
        InvalidInputError: It has other characters than letters, digits and `._@+-`, is too long, or is kept for others.
    """
    kept = name.lower()
    if _NAME.fullmatch(kept) is None or kept in _RESERVED:
        raise InvalidInputError(
            f"Expected a name of 1 to 128 letters, digits and any of . _ @ + -, found '{name[:140]}'.",
            hint="Begin with a letter or digit; 'token' is taken.",
        )
    return kept


def parse_role(text: str) -> Role:
    """The role of a name.

    Raises:
        InvalidInputError: There is no such role.
    """
    try:
        return Role(text.lower())
    except ValueError:
        known = [role.value for role in Role]
        raise InvalidInputError(
            f"Expected a role, one of {', '.join(known)}; found '{text}'.", hint=closest(text, known)
        ) from None
