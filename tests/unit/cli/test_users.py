from __future__ import annotations

import io

import pytest

from millwright.core.records.account import Role
from millwright.workspace.workspace import Workspace


@pytest.fixture
def typed(monkeypatch):
    def put(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return put


def test_user_is_added_with_a_role_and_a_password_from_standard_input(tmp_path, mw, typed):
    typed("correct horse\n")
    answer = mw(tmp_path, "users", "add", "Ada", "--role", "admin")
    assert "✓ ada was added as admin in all projects." in answer.out
    assert "horse" not in answer.out
    with Workspace.open(tmp_path) as workspace:
        accounts = workspace.stores.accounts
        assert accounts.find_user("ada").password_hash.startswith("$argon2id$")
        assert [(g.user, g.project, g.role) for g in accounts.list_grants()] == [("ada", "*", Role.ADMIN)]
        assert [event.action for event in workspace.stores.audit.list()] == ["user.grant", "user.add"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ada", "--role", "adminn"], "Did you mean 'admin'"),
        (["a b"], "letters, digits"),
        (["token"], "'token' is taken"),
        (["ada"], "Expected a password on standard input"),
    ],
)
def test_user_that_cannot_be_added_is_explained(tmp_path, mw, typed, words, said):
    typed("")
    assert said in mw(tmp_path, "users", "add", *words).err


def test_short_password_is_refused_and_nobody_added(tmp_path, mw, typed):
    typed("short\n")
    assert "8 to 1024 characters" in mw(tmp_path, "users", "add", "ada").err
    assert mw(tmp_path, "users", "list", "--json").json == []


def test_users_are_listed_with_roles(tmp_path, mw):
    assert "There are no users" in mw(tmp_path, "users", "list").out
    mw(tmp_path, "users", "add", "ada", "--no-password", "--role", "viewer", "--project", "churn")
    mw(tmp_path, "users", "grant", "ada", "approver")
    listed = mw(tmp_path, "users", "list", "--json").json
    assert listed[0]["roles"] == ["approver", "viewer in churn"]
    assert listed[0]["comes_in_by"] == "tokens"
    assert "approver, viewer in churn" in mw(tmp_path, "users", "list").out


def test_role_is_taken_away(tmp_path, mw):
    mw(tmp_path, "users", "add", "ada", "--no-password", "--role", "viewer")
    assert "no role any more in all projects" in mw(tmp_path, "users", "grant", "ada", "none").out
    assert "has no role in the project '*'" in mw(tmp_path, "users", "grant", "ada", "none").err


def test_user_is_shut_out_let_in_and_removed(tmp_path, mw):
    mw(tmp_path, "users", "add", "ada", "--no-password")
    assert mw(tmp_path, "users", "disable", "ada", "--json").json == {"name": "ada", "disabled": True}
    assert mw(tmp_path, "users", "list", "--json").json[0]["disabled"] is True
    assert "let in again" in mw(tmp_path, "users", "disable", "ada", "--undo").out
    assert "was removed" in mw(tmp_path, "users", "remove", "ada").out
    assert "There is no user 'ada'" in mw(tmp_path, "users", "remove", "ada").err
    with Workspace.open(tmp_path) as workspace:
        actions = [event.action for event in workspace.stores.audit.list()]
    assert actions == ["user.remove", "user.enable", "user.disable", "user.add"]


def test_password_is_replaced(tmp_path, mw, typed):
    mw(tmp_path, "users", "add", "ada", "--no-password")
    typed("correct horse\n")
    assert "new password" in mw(tmp_path, "users", "passwd", "ada").out
    assert mw(tmp_path, "users", "list", "--json").json[0]["comes_in_by"] == "password"
