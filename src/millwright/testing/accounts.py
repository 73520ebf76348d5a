"""Conformance of `AccountStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.ids import TokenId, new_id
from millwright.core.records.account import GrantRecord, Role, SessionRecord, TokenRecord, UserRecord
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.storage.base.accounts import AccountStore


def user(name: str = "ada", **changes: Any) -> UserRecord:
    """A user with a password."""
    fields: dict[str, Any] = {"name": name, "created_at": sample.NOON, "password_hash": "$argon2id$…"}
    return UserRecord(**fields | changes)


def grant(name: str = "ada", project: str = "default", role: Role = Role.VIEWER) -> GrantRecord:
    """A role in a project."""
    return GrantRecord(user=name, project=project, role=role, granted_at=sample.NOON, granted_by="user:größe")


def token(name: str = "ada", *, seconds: float = 0, **changes: Any) -> TokenRecord:
    """A token with every field filled, not used and not revoked."""
    fields: dict[str, Any] = {
        "id": TokenId(new_id()),
        "prefix": new_id()[-12:],
        "secret_hash": sample.digest(),
        "user": name,
        "label": "nächtlich",
        "role": Role.CONTRIBUTOR,
        "projects": ("default", "größe"),
        "created_at": sample.moment(seconds),
        "expires_at": sample.moment(60),
    }
    return TokenRecord(**fields | changes)


def session(name: str = "ada", *, begin: float = 0, end: float = 60) -> SessionRecord:
    """A session of some seconds."""
    return SessionRecord(
        id_hash=sample.digest(),
        user=name,
        csrf_token=new_id(),
        created_at=sample.moment(begin),
        expires_at=sample.moment(end),
    )


class AccountStoreConformance(StoreConformance):
    """Who may come in, and what they may do."""

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_user_comes_back_as_created(self, store: AccountStore, name: str) -> None:
        """Whatever its name."""
        record = user(name, issuer="https://id.example", subject="42", email="ada@example.org", disabled=True)
        store.create_user(record)
        assert store.find_user(name) == record
        assert store.find_identity("https://id.example", "42") == record
        assert store.find_user("nobody") is None

    def test_users_are_listed_by_name(self, store: AccountStore) -> None:
        """None at first; several without a provider do not stand in each other's way."""
        assert store.list_users() == []
        for name in ("b", "a"):
            store.create_user(user(name, password_hash=None))
        assert [each.name for each in store.list_users()] == ["a", "b"]
        assert store.find_identity("", "") is None

    def test_user_exists_once(self, store: AccountStore) -> None:
        """By name, and by what the provider calls them."""
        store.create_user(user(issuer="https://id.example", subject="42"))
        with pytest.raises(AlreadyExistsError, match="'ada'"):
            store.create_user(user(password_hash="another"))  # noqa: S106
        with pytest.raises(AlreadyExistsError):
            store.create_user(user("bob", issuer="https://id.example", subject="42"))
        assert store.find_user("ada") == user(issuer="https://id.example", subject="42")
        assert store.find_user("bob") is None

    def test_new_password_ends_sessions(self, store: AccountStore) -> None:
        """Of this user, and of nobody else."""
        store.create_user(user())
        store.create_user(user("bob"))
        mine, theirs = session(), session("bob")
        store.create_session(mine)
        store.create_session(theirs)
        store.set_password("ada", "new")
        assert store.find_user("ada") == user(password_hash="new")  # noqa: S106
        assert store.find_session(mine.id_hash) is None
        assert store.find_session(theirs.id_hash) == theirs
        store.set_password("ada", None)
        assert store.find_user("ada") == user(password_hash=None)

    def test_disabling_ends_sessions_and_can_be_taken_back(self, store: AccountStore) -> None:
        """Grants and tokens stay for when it is."""
        store.create_user(user())
        store.put_grant(grant())
        mine, made = session(), token()
        store.create_session(mine)
        store.create_token(made)
        store.set_disabled("ada", disabled=True)
        assert store.find_user("ada") == user(disabled=True)
        assert store.find_session(mine.id_hash) is None
        store.set_disabled("ada", disabled=False)
        assert store.find_user("ada") == user()
        assert store.list_grants("ada") == [grant()]
        assert store.find_token(made.prefix) == made

    def test_deleted_user_leaves_nothing(self, store: AccountStore) -> None:
        """One of the same name begins with nothing."""
        store.create_user(user())
        store.put_grant(grant())
        mine, made = session(), token()
        store.create_session(mine)
        store.create_token(made)
        store.delete_user("ada")
        store.create_user(user())
        assert store.list_grants() == []
        assert store.list_tokens() == []
        assert store.find_token(made.prefix) is None
        assert store.find_session(mine.id_hash) is None

    def test_unknown_user_is_named(self, store: AccountStore) -> None:
        """By everything that changes one, with the nearest known name."""
        store.create_user(user("adam"))
        with pytest.raises(NotFoundError, match="Did you mean 'adam'"):
            store.set_password("ada", "new")
        changes: tuple[Callable[[], None], ...] = (
            lambda: store.set_disabled("ada", disabled=True),
            lambda: store.delete_user("ada"),
            lambda: store.put_grant(grant()),
            lambda: store.create_token(token()),
            lambda: store.create_session(session()),
        )
        for change in changes:
            with pytest.raises(NotFoundError, match="'ada'"):
                change()

    def test_grant_is_replaced_and_taken_away(self, store: AccountStore) -> None:
        """One role per user and project; listed by both."""
        for name in ("bob", "ada"):
            store.create_user(user(name))
            for project in ("größe", "*"):
                store.put_grant(grant(name, project))
        store.put_grant(grant("ada", "*", Role.ADMIN))
        assert store.list_grants("ada") == [grant("ada", "*", Role.ADMIN), grant("ada", "größe")]
        assert [each.user for each in store.list_grants()] == ["ada", "ada", "bob", "bob"]
        assert store.delete_grant("ada", "*")
        assert not store.delete_grant("ada", "*")
        assert store.list_grants("ada") == [grant("ada", "größe")]

    def test_token_comes_back_by_its_prefix(self, store: AccountStore) -> None:
        """And is listed, newest first."""
        store.create_user(user())
        store.create_user(user("bob"))
        old, new = token(), token(seconds=1, expires_at=None, projects=())
        for record in (new, old):
            store.create_token(record)
        assert store.find_token(old.prefix) == old
        assert store.find_token("nothing") is None
        assert store.list_tokens("ada") == [new, old]
        assert store.list_tokens("bob") == []
        with pytest.raises(AlreadyExistsError):
            store.create_token(replace(token(), prefix=old.prefix))

    def test_token_is_revoked_once_and_use_is_noted(self, store: AccountStore) -> None:
        """The time of the first revocation stays."""
        store.create_user(user())
        made = token()
        store.create_token(made)
        store.touch_token(made.id, sample.moment(5))
        store.revoke_token(made.id, sample.moment(6))
        store.revoke_token(made.id, sample.moment(7))
        store.touch_token(TokenId("nothing"), sample.moment(8))
        found = store.find_token(made.prefix)
        assert found == replace(made, last_used_at=sample.moment(5), revoked_at=sample.moment(6))
        with pytest.raises(NotFoundError, match="'nothing'"):
            store.revoke_token(TokenId("nothing"), sample.NOON)

    def test_session_comes_back_until_it_is_ended(self, store: AccountStore) -> None:
        """Ending twice does no harm."""
        store.create_user(user())
        mine = session()
        store.create_session(mine)
        assert store.find_session(mine.id_hash) == mine
        for _ in range(2):
            store.delete_session(mine.id_hash)
        assert store.find_session(mine.id_hash) is None

    def test_ended_sessions_are_forgotten_when_one_begins(self, store: AccountStore) -> None:
        """So that they do not pile up."""
        store.create_user(user())
        over, going = session(end=10), session(end=11)
        for record in (over, going, session(begin=10, end=20)):
            store.create_session(record)
        assert store.find_session(over.id_hash) is None
        assert store.find_session(going.id_hash) == going
