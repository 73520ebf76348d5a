from __future__ import annotations

from millwright.server.auth.token import hash_secret, parse_token
from millwright.workspace.workspace import Workspace


def test_token_is_shown_once_and_kept_as_a_hash(tmp_path, mw):
    mw(tmp_path, "users", "add", "ada", "--no-password")
    made = mw(tmp_path, "tokens", "create", "ada", "--label", "nightly", "--project", "churn", "--json").json
    token = parse_token(made["token"])
    with Workspace.open(tmp_path) as workspace:
        record = workspace.stores.accounts.find_token(token.prefix)
        told = str(workspace.stores.audit.list())
    assert record.secret_hash == hash_secret(token.secret)
    assert (record.label, record.projects, record.role.value) == ("nightly", ("churn",), "contributor")
    assert (record.expires_at - record.created_at).days == 90
    assert token.secret not in told
    assert token.secret not in mw(tmp_path, "tokens", "list").out


def test_tokens_are_listed_with_their_state_and_revoked(tmp_path, mw):
    assert "There are no tokens" in mw(tmp_path, "tokens", "list").out
    mw(tmp_path, "users", "add", "ada", "--no-password")
    made = mw(tmp_path, "tokens", "create", "ada", "--days", "0", "--json").json
    listed = mw(tmp_path, "tokens", "list", "--user", "ADA", "--json").json
    assert [(each["state"], each["expires_at"]) for each in listed] == [("accepted", None)]
    assert "accepted no more" in mw(tmp_path, "tokens", "revoke", made["token"]).out
    assert mw(tmp_path, "tokens", "list", "--json").json[0]["state"] == "revoked"
    assert "There is no token" in mw(tmp_path, "tokens", "revoke", "nothing").err


def test_token_of_nobody_is_refused(tmp_path, mw):
    assert "There is no user 'ada'" in mw(tmp_path, "tokens", "create", "ada").err
