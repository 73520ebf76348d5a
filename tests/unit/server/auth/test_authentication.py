from __future__ import annotations

import base64
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from millwright.core.records.account import Role
from millwright.server.auth import authentication, password

PAGE = {"accept": "text/html"}
NAMES = ("root", "nobody", "cora")
INFO = "/api/3.0/mlflow/server-info"


@pytest.fixture
def _soon_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of who comes is looked up anew after a moment instead of two seconds."""
    monkeypatch.setattr(authentication, "_KEEP_S", 0.05)


def basic(name: str, word: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()}


def status(team, **headers: str) -> int:
    return httpx.get(team.url + INFO, headers=headers, timeout=20).status_code


def test_token_lets_in(team):
    assert team.ask("cora", "GET", INFO).status_code == 200


def test_password_lets_in_and_costs_argon_once(team, monkeypatch):
    def noted(stored: str, given: str) -> bool:
        verified.append(stored)
        return verify(stored, given)

    verified, verify = [], password._verify
    monkeypatch.setattr(password, "_verify", noted)
    team.accounts.add("argo", password=team.password)
    team.accounts.grant("argo", Role.VIEWER)
    for name in ("argo", "ARGO") * 10:
        assert status(team, **basic(name, team.password)) == 200
    assert len(verified) == 1


@pytest.mark.parametrize("name", ["vera", "token", ""])
def test_token_may_stand_in_the_place_of_a_password(team, name):
    assert status(team, **basic(name, team.tokens["vera"])) == 200


@pytest.mark.parametrize(
    "header",
    [
        "Bearer mw_000000000000_" + "a" * 43,
        "Bearer nonsense",
        "Basic !!!",
        "Basic " + base64.b64encode(b"root").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Digest username=root",
        "Bearer",
        "é",
    ],
)
def test_credentials_of_another_kind_are_refused(team, header):
    answer = httpx.get(team.url + INFO, headers={"authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.json()["error_code"] == "UNAUTHENTICATED"
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_token_of_somebody_else_does_not_go_with_a_name(team):
    assert status(team, **basic("root", team.tokens["vera"])) == 401


def test_wrong_password_unknown_user_and_user_without_password_are_told_alike(team):
    told = {httpx.get(team.url + INFO, headers=basic(name, "wrong horse battery")).text for name in NAMES}
    assert len(told) == 1


@pytest.mark.usefixtures("_soon_forgotten")
def test_guessing_has_to_wait_and_the_right_password_goes_on(team):
    assert status(team, **basic("vera", team.password)) == 200
    answers = [httpx.get(team.url + INFO, headers=basic("vera", f"guess {each} 123")) for each in range(13)]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    time.sleep(0.06)  # what is known is looked up anew
    assert status(team, **basic("vera", team.password)) == 200


@pytest.mark.usefixtures("_soon_forgotten")
def test_expired_and_revoked_tokens_are_refused(team):
    token, record = team.accounts.create_token("cora")
    assert status(team, authorization=f"Bearer {token}") == 200
    team.accounts.revoke_token(record.prefix)
    time.sleep(0.06)
    assert status(team, authorization=f"Bearer {token}") == 401
    short, _ = team.accounts.create_token("cora", days=timedelta(seconds=1) / timedelta(days=1))
    assert status(team, authorization=f"Bearer {short}") == 200
    time.sleep(1.1)
    assert status(team, authorization=f"Bearer {short}") == 401


@pytest.mark.usefixtures("_soon_forgotten")
def test_disabled_user_is_shut_out_with_everything(team):
    team.accounts.add("dora", password=team.password)
    team.accounts.grant("dora", Role.ADMIN)
    token, _ = team.accounts.create_token("dora")
    assert status(team, **basic("dora", team.password)) == 200
    team.accounts.disable("dora")
    time.sleep(0.06)
    assert status(team, **basic("dora", team.password)) == 401
    assert status(team, authorization=f"Bearer {token}") == 401


def test_use_of_a_token_is_noted(team):
    token, record = team.accounts.create_token("cora")
    status(team, authorization=f"Bearer {token}")
    assert team.workspace.stores.accounts.find_token(record.prefix).last_used_at is not None


def test_browser_is_sent_to_the_login_page_and_back(team):
    with httpx.Client(base_url=team.url, headers=PAGE) as browser:
        sent = browser.get("/models")
        assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=/models")
        page = browser.get(sent.headers["location"])
        assert 'name="next" value="/models"' in page.text
        answer = browser.post("/login", data={"name": "root", "password": team.password, "next": "/models"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/models")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert browser.get("/models").status_code == 200


def test_session_changes_nothing_without_its_csrf_token_and_ends_with_log_out(team):
    with httpx.Client(base_url=team.url, headers=PAGE) as browser:
        browser.post("/login", data={"name": "root", "password": team.password})
        path = "/api/2.0/mlflow/webhooks"
        assert browser.post(path, json={}).status_code == 403
        assert browser.post(path, json={}, headers={"x-csrf-token": "guess"}).status_code == 403
        token = browser.get("/logout").text.split('name="csrf_token" value="')[1].split('"')[0]
        assert browser.post(path, json={}, headers={"x-csrf-token": token}).status_code == 400
        assert browser.post("/logout", data={"csrf_token": "guess"}).status_code == 403
        assert browser.get("/models").status_code == 200
        kept = dict(browser.cookies)
        assert browser.post("/logout", data={"csrf_token": token}).status_code == 303
        assert not dict(browser.cookies)
        assert httpx.get(f"{team.url}/models", cookies=kept, headers=PAGE).status_code == 303


def test_wrong_login_is_told_on_the_page(team):
    answer = httpx.post(f"{team.url}/login", data={"name": "<b>x", "password": "wrong"})
    assert answer.status_code == 401
    assert "Expected the name and password of a user" in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize("target", ["//evil.example", "https://x.example", "/\\x.example", "javascript:x", "/a\r\nb"])
def test_login_leads_nowhere_else(team, target):
    answer = httpx.post(f"{team.url}/login", data={"name": "root", "password": team.password, "next": target})
    assert answer.headers["location"] == "/"


def test_page_of_another_site_cannot_log_anybody_in(team):
    headers = {"origin": "https://evil.example"}
    answer = httpx.post(f"{team.url}/login", data={"name": "root", "password": team.password}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_provider_is_not_offered_where_there_is_none(team):
    assert httpx.get(f"{team.url}/login/oidc").status_code == 404
    assert httpx.get(f"{team.url}/login/oidc/callback").status_code == 404
    assert "organisation" not in httpx.get(f"{team.url}/login").text
    assert parse_qs(urlsplit(team.url).query) == {}
