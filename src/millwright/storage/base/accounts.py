"""Users, roles, tokens and sessions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.ids import TokenId
    from millwright.core.records.account import GrantRecord, SessionRecord, TokenRecord, UserRecord


class AccountStore(ABC):
    """Who may come in, and what they may do.

    Nothing here can be used to come in: passwords are kept as Argon2 hashes, tokens and sessions as hashes of secrets
    that only their holders have. Whoever calls sees to the audit log.
    """

    @abstractmethod
    def create_user(self, record: UserRecord) -> None:
        """Add a user.

        Raises:
            AlreadyExistsError: There is one of that name, or of that issuer and subject.
        """

    @abstractmethod
    def find_user(self, name: str) -> UserRecord | None:
        """A user, disabled ones included."""

    @abstractmethod
    def find_identity(self, issuer: str, subject: str) -> UserRecord | None:
        """The user that an OpenID provider vouches for."""

    @abstractmethod
    def list_users(self) -> list[UserRecord]:
        """All users, by name."""

    @abstractmethod
    def set_password(self, name: str, password_hash: str | None) -> None:
        """Replace a user's password; their sessions end.

        Raises:
            NotFoundError: There is no such user.
        """

    @abstractmethod
    def set_disabled(self, name: str, *, disabled: bool) -> None:
        """Shut a user out, or let them in again; when shut out, their sessions end.

        Raises:
            NotFoundError: There is no such user.
        """

    @abstractmethod
    def delete_user(self, name: str) -> None:
        """Remove a user with grants, tokens and sessions.

        Raises:
            NotFoundError: There is no such user.
        """

    @abstractmethod
    def put_grant(self, record: GrantRecord) -> None:
        """Set a user's role in a project.

        Raises:
            NotFoundError: There is no such user.
        """

    @abstractmethod
    def delete_grant(self, user: str, project: str) -> bool:
        """Take a user's role in a project away; whether there was one."""

    @abstractmethod
    def list_grants(self, user: str | None = None) -> list[GrantRecord]:
        """Grants of one user, or of all, by user and project."""

    @abstractmethod
    def create_token(self, record: TokenRecord) -> None:
        """Add a token.

        Raises:
            NotFoundError: There is no such user.
            AlreadyExistsError: There is a token of that id or prefix.
        """

    @abstractmethod
    def find_token(self, prefix: str) -> TokenRecord | None:
        """The token of a prefix, expired and revoked ones included."""

    @abstractmethod
    def list_tokens(self, user: str | None = None) -> list[TokenRecord]:
        """Tokens of one user, or of all, newest first."""

    @abstractmethod
    def revoke_token(self, token_id: TokenId, at: datetime) -> None:
        """Accept a token no more; one that is revoked keeps the time at which it was.

        Raises:
            NotFoundError: There is no such token.
        """

    @abstractmethod
    def touch_token(self, token_id: TokenId, at: datetime) -> None:
        """Note that a token was used; an unknown one is passed over."""

    @abstractmethod
    def create_session(self, record: SessionRecord) -> None:
        """Add a session, and forget those that had ended before it was made.

        Raises:
            NotFoundError: There is no such user.
        """

    @abstractmethod
    def find_session(self, id_hash: str) -> SessionRecord | None:
        """A session, ended ones included as long as they are not forgotten."""

    @abstractmethod
    def delete_session(self, id_hash: str) -> None:
        """End a session; an unknown one is passed over."""
