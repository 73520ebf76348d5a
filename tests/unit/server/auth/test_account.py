from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.account import Role
from millwright.server.auth.account import Accounts, parse_role, valid_name


@pytest.fixture
def accounts(empty_workspace) -> Accounts:
    return Accounts(empty_workspace.stores, empty_workspace.clock, "user:root")


@pytest.mark.parametrize("name", ["", "a b", "-a", "a/b", "ä", "a" * 129, "token", "a\n", "<b>"])
def test_name_that_is_not_allowed_is_refused(name):
    with pytest.raises(InvalidInputError, match="Expected a name"):
        valid_name(name)


def test_name_is_kept_in_small_letters():
    assert valid_name("Ada.Lovelace@Example.org") == "ada.lovelace@example.org"


def test_role_is_parsed_and_the_nearest_named():
    assert parse_role("Admin") is Role.ADMIN
    with pytest.raises(InvalidInputError, match="Did you mean 'approver'"):
        parse_role("approve")


def test_change_is_audited_in_its_transaction(accounts, empty_workspace):
    accounts.add("ada")
    accounts.grant("ada", Role.VIEWER, "churn")
    accounts.withdraw("ada", "churn")
    with pytest.raises(NotFoundError):
        accounts.withdraw("ada", "churn")
    token, record = accounts.create_token("ada", label="x")
    accounts.revoke_token(str(token))
    events = empty_workspace.stores.audit.list()
    assert [event.action for event in events] == [
        "token.revoke", "token.create", "user.withdraw", "user.grant", "user.add",
    ]  # fmt: skip
    assert {event.actor for event in events} == {"user:root"}
    assert token.secret not in str(events)
    assert events[0].details == {"prefix": record.prefix}


def test_failed_change_leaves_no_entry(accounts, empty_workspace):
    with pytest.raises(NotFoundError):
        accounts.grant("nobody", Role.ADMIN)
    assert empty_workspace.stores.audit.list() == []


@pytest.mark.parametrize("more", [{"label": "x" * 201}, {"days": -1.0}, {"days": 1e9}])
def test_token_that_is_not_allowed_is_refused(accounts, more):
    accounts.add("ada")
    with pytest.raises(InvalidInputError):
        accounts.create_token("ada", **more)
