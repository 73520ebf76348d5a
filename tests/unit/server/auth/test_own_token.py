"""Users and their own tokens, over the native API."""

from __future__ import annotations

import httpx
import pytest

from millwright.core.errors import NotFoundError
from millwright.core.records.account import Role
from millwright.server.auth.own_token import OwnTokens
from millwright.server.options import ServerOptions
from millwright.server.principal import owner

TOKENS = "/api/v1/tokens"


def by_password(team, method: str, path: str = TOKENS, name: str = "vera", **more) -> httpx.Response:
    team.client.cookies.clear()
    return team.client.request(method, team.url + path, auth=(name, team.password), **more)


def bearer(team, token: str, method: str, path: str, **more) -> httpx.Response:
    team.client.cookies.clear()
    return team.client.request(method, team.url + path, headers={"authorization": f"Bearer {token}"}, **more)


def test_token_is_made_used_listed_and_revoked(team):
    made = by_password(team, "POST", json={"label": "nightly", "role": "viewer", "days": 1})
    assert made.status_code == 201, made.text
    assert made.headers["cache-control"] == "no-store"
    token, about = made.json()["token"], made.json()["about"]
    assert bearer(team, token, "GET", "/api/v1/models").status_code == 200
    listed = by_password(team, "GET")
    assert about["id"] in [each["id"] for each in listed.json()["items"]]
    assert token.rpartition("_")[2] not in listed.text
    assert "secret" not in listed.text
    assert by_password(team, "DELETE", f"{TOKENS}/{about['id']}").status_code == 204
    found = team.workspace.stores.accounts.find_token(about["prefix"])
    assert found.revoked_at is not None
    actions = [(event.actor, event.action) for event in team.workspace.stores.audit.list(limit=2)]
    assert actions == [("user:vera", "token.revoke"), ("user:vera", "token.create")]


def test_token_of_somebody_else_is_not_there(team):
    foreign = team.workspace.stores.accounts.list_tokens("cora")[0]
    assert by_password(team, "DELETE", f"{TOKENS}/{foreign.id}").status_code == 404
    assert by_password(team, "DELETE", f"{TOKENS}/{foreign.id}", name="root").status_code == 404
    assert team.workspace.stores.accounts.list_tokens("cora")[0].revoked_at is None
    assert foreign.id not in by_password(team, "GET", name="root").text


def test_token_makes_no_token_and_revokes_only_itself(team):
    made = [by_password(team, "POST", json={"role": "viewer"}).json() for _ in range(2)]
    first, second = made
    refused = bearer(team, first["token"], "POST", TOKENS, json={"role": "admin"})
    assert refused.status_code == 403
    assert "tokens make no tokens" in refused.json()["error"]["message"]
    assert bearer(team, first["token"], "DELETE", f"{TOKENS}/{second['about']['id']}").status_code == 403
    assert bearer(team, first["token"], "GET", TOKENS).status_code == 200
    assert bearer(team, first["token"], "DELETE", f"{TOKENS}/{first['about']['id']}").status_code == 204


def test_browser_has_to_repeat_the_sessions_token(team):
    with httpx.Client(base_url=team.url) as browser:
        browser.post("/login", data={"name": "vera", "password": team.password})
        assert browser.post(TOKENS, json={}).status_code == 403
        csrf = browser.get("/account").text.partition('name="csrf_token" value="')[2].partition('"')[0]
        made = browser.post(TOKENS, json={}, headers={"x-csrf-token": csrf})
        assert made.status_code == 201
        number = made.json()["about"]["id"]
        assert browser.delete(f"{TOKENS}/{number}").status_code == 403
        assert browser.delete(f"{TOKENS}/{number}", headers={"x-csrf-token": csrf}).status_code == 204


def test_token_is_never_more_than_its_user(team):
    token = by_password(team, "POST", json={"role": "admin"}).json()["token"]
    assert bearer(team, token, "GET", "/api/v1/audit").status_code == 403
    body = {"name": "x"}
    assert bearer(team, token, "POST", "/api/2.0/mlflow/experiments/create", json=body).status_code == 403


@pytest.mark.parametrize("body", [{"days": 0}, {"role": "boss"}, {"user": "root"}, {"label": "x" * 201}])
def test_what_a_token_cannot_be_is_refused(team, body):
    answer = by_password(team, "POST", json=body)
    assert 400 <= answer.status_code < 500
    assert set(answer.json()) == {"error"}


def test_stranger_and_user_without_a_role_get_none(team):
    assert team.ask("", "GET", TOKENS).status_code == 401
    assert team.ask("", "POST", TOKENS, json={}).status_code == 401
    assert team.ask("nix", "GET", TOKENS).status_code == 403


def test_server_that_asks_nobody_has_no_tokens(empty_workspace, run_server):
    with pytest.raises(NotFoundError, match="asks nobody"):
        OwnTokens(empty_workspace.stores, empty_workspace.clock, owner("user:me"))
    with run_server(empty_workspace, ServerOptions(port=0)) as url:
        assert httpx.get(url + TOKENS).status_code == 404
        assert httpx.post(url + TOKENS, json={}).status_code == 404
        assert httpx.get(f"{url}/account").status_code == 404
        assert httpx.get(f"{url}/users").status_code == 404


def test_every_role_can_be_asked_for(team):
    for role in Role:
        assert by_password(team, "POST", json={"role": role.value}).json()["about"]["role"] == role.value
