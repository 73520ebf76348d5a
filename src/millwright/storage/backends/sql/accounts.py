"""Users, roles, tokens and sessions in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError, closest
from millwright.core.records.account import GrantRecord, SessionRecord, TokenRecord, UserRecord
from millwright.storage.backends.sql.account_table import GRANTS, SESSIONS, TOKENS, USERS
from millwright.storage.backends.sql.column import Moment
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.accounts import AccountStore

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from millwright.core.ids import TokenId
    from millwright.storage.backends.sql.database import Database


class SqlAccountStore(AccountStore):
    """See `AccountStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._users = RecordRow(UserRecord, USERS)
        self._grants = RecordRow(GrantRecord, GRANTS)
        self._tokens = RecordRow(TokenRecord, TOKENS)
        self._sessions = RecordRow(SessionRecord, SESSIONS)

    def create_user(self, record: UserRecord) -> None:
        """See `AccountStore.create_user`."""
        insert = self._database.insert(USERS).values(self._users.values(record)).on_conflict_do_nothing()
        with self._database.write() as connection:
            if connection.execute(insert.returning(USERS.c.name)).first() is None:
                raise AlreadyExistsError(
                    f"There is a user '{record.name}' already, or one whom the same provider vouches for.",
                    hint="Choose another name, or change the user with mw users grant or mw users passwd.",
                    details={"user": record.name},
                )

    def find_user(self, name: str) -> UserRecord | None:
        """See `AccountStore.find_user`."""
        return self._find_user(USERS.c.name == name)

    def find_identity(self, issuer: str, subject: str) -> UserRecord | None:
        """See `AccountStore.find_identity`."""
        if not issuer:
            return None
        return self._find_user((USERS.c.issuer == issuer) & (USERS.c.subject == subject))

    def _find_user(self, condition: Any) -> UserRecord | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(USERS).where(condition)).first()
        return None if row is None else self._users.record(row)

    def list_users(self) -> list[UserRecord]:
        """See `AccountStore.list_users`."""
        with self._database.read() as connection:
            return [self._users.record(row) for row in connection.execute(sa.select(USERS).order_by(USERS.c.name))]

    def set_password(self, name: str, password_hash: str | None) -> None:
        """See `AccountStore.set_password`."""
        with self._database.write() as connection:
            _require_user(connection, name)
            connection.execute(sa.update(USERS).where(USERS.c.name == name).values(password_hash=password_hash))
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.user == name))

    def set_disabled(self, name: str, *, disabled: bool) -> None:
        """See `AccountStore.set_disabled`."""
        with self._database.write() as connection:
            _require_user(connection, name)
            connection.execute(sa.update(USERS).where(USERS.c.name == name).values(disabled=disabled))
            if disabled:
                connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.user == name))

    def delete_user(self, name: str) -> None:
        """See `AccountStore.delete_user`."""
        with self._database.write() as connection:
            _require_user(connection, name)
            for table in (SESSIONS, TOKENS, GRANTS):
                connection.execute(sa.delete(table).where(table.c.user == name))
            connection.execute(sa.delete(USERS).where(USERS.c.name == name))

    def put_grant(self, record: GrantRecord) -> None:
        """See `AccountStore.put_grant`."""
        insert = self._database.insert(GRANTS).values(self._grants.values(record))
        changed = {name: insert.excluded[name] for name in ("role", "granted_at", "granted_by")}
        with self._database.write() as connection:
            _require_user(connection, record.user)
            connection.execute(insert.on_conflict_do_update(index_elements=["user", "project"], set_=changed))

    def delete_grant(self, user: str, project: str) -> bool:
        """See `AccountStore.delete_grant`."""
        delete = sa.delete(GRANTS).where(GRANTS.c.user == user, GRANTS.c.project == project)
        with self._database.write() as connection:
            return connection.execute(delete).rowcount > 0

    def list_grants(self, user: str | None = None) -> list[GrantRecord]:
        """See `AccountStore.list_grants`."""
        statement = sa.select(GRANTS).order_by(GRANTS.c.user, GRANTS.c.project)
        if user is not None:
            statement = statement.where(GRANTS.c.user == user)
        with self._database.read() as connection:
            return [self._grants.record(row) for row in connection.execute(statement)]

    def create_token(self, record: TokenRecord) -> None:
        """See `AccountStore.create_token`."""
        insert = self._database.insert(TOKENS).values(self._tokens.values(record)).on_conflict_do_nothing()
        with self._database.write() as connection:
            _require_user(connection, record.user)
            if connection.execute(insert.returning(TOKENS.c.id)).first() is None:
                raise AlreadyExistsError(f"There is a token '{record.prefix}' already.", hint="Make another one.")

    def find_token(self, prefix: str) -> TokenRecord | None:
        """See `AccountStore.find_token`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(TOKENS).where(TOKENS.c.prefix == prefix)).first()
        return None if row is None else self._tokens.record(row)

    def list_tokens(self, user: str | None = None) -> list[TokenRecord]:
        """See `AccountStore.list_tokens`."""
        statement = sa.select(TOKENS).order_by(TOKENS.c.created_at.desc(), TOKENS.c.id.desc())
        if user is not None:
            statement = statement.where(TOKENS.c.user == user)
        with self._database.read() as connection:
            return [self._tokens.record(row) for row in connection.execute(statement)]

    def revoke_token(self, token_id: TokenId, at: datetime) -> None:
        """See `AccountStore.revoke_token`."""
        update = sa.update(TOKENS).where(TOKENS.c.id == token_id)
        with self._database.write() as connection:
            changed = connection.execute(
                update.values(revoked_at=sa.func.coalesce(TOKENS.c.revoked_at, sa.literal(at, Moment())))
            )
            if changed.rowcount == 0:
                raise NotFoundError(f"There is no token '{token_id}'.", hint="mw tokens list shows them.")

    def touch_token(self, token_id: TokenId, at: datetime) -> None:
        """See `AccountStore.touch_token`."""
        with self._database.write() as connection:
            connection.execute(sa.update(TOKENS).where(TOKENS.c.id == token_id).values(last_used_at=at))

    def create_session(self, record: SessionRecord) -> None:
        """See `AccountStore.create_session`."""
        with self._database.write() as connection:
            _require_user(connection, record.user)
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.expires_at <= record.created_at))
            connection.execute(sa.insert(SESSIONS), self._sessions.values(record))

    def find_session(self, id_hash: str) -> SessionRecord | None:
        """See `AccountStore.find_session`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(SESSIONS).where(SESSIONS.c.id_hash == id_hash)).first()
        return None if row is None else self._sessions.record(row)

    def delete_session(self, id_hash: str) -> None:
        """See `AccountStore.delete_session`."""
        with self._database.write() as connection:
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.id_hash == id_hash))


def _require_user(connection: Connection, name: str) -> None:
    # Locked on PostgreSQL, so that nobody is removed while something is given to them.
    found = connection.execute(sa.select(USERS.c.name).where(USERS.c.name == name).with_for_update()).first()
    if found is None:
        known = connection.execute(sa.select(USERS.c.name)).scalars()
        raise NotFoundError(f"There is no user '{name}'.", hint=closest(name, known) or "Add one: mw users add NAME.")
