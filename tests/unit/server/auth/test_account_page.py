"""Pages of tokens and users, as a browser uses them."""

from __future__ import annotations

import re
from contextlib import contextmanager

import httpx
import pytest

from millwright.core.records.account import Role

FORM = re.compile(r'name="csrf_token" value="([^"]+)"')


@contextmanager
def browser(team, name: str = "vera"):
    with httpx.Client(base_url=team.url, headers={"accept": "text/html"}, timeout=20) as client:
        assert client.post("/login", data={"name": name, "password": team.password}).status_code == 303
        yield client


def csrf(client: httpx.Client) -> str:
    found = FORM.search(client.get("/account").text)
    assert found is not None
    return found[1]


def test_token_is_shown_once_works_and_is_revoked_by_a_button(team):
    with browser(team) as client:
        form = {
            "csrf_token": csrf(client),
            "label": "<b>nightly</b>",
            "role": "viewer",
            "projects": "a, b",
            "days": "2",
        }
        made = client.post("/account/tokens", data=form)
        assert made.status_code == 200
        assert made.headers["cache-control"] == "no-store"
        token = re.search(r"mw_[0-9a-f]{12}_[\w-]{43}", made.text)[0]
        assert "<b>nightly" not in made.text
        record = team.workspace.stores.accounts.find_token(token.split("_")[1])
        assert (record.user, record.role, record.projects) == ("vera", Role.VIEWER, ("a", "b"))
        page = client.get("/account").text
        assert token not in page
        assert f"mw_{record.prefix}_" in page
        assert "&lt;b&gt;nightly" in page
        revoked = client.post("/account/tokens/revoke", data={"csrf_token": form["csrf_token"], "id": record.id})
        assert (revoked.status_code, revoked.headers["location"]) == (303, "/account")
        assert "revoked 2" in client.get("/account").text


@pytest.mark.parametrize("given", ["", "x", "é"])
@pytest.mark.parametrize("path", ["/account/tokens", "/account/tokens/revoke"])
def test_form_of_another_page_is_refused(team, path, given):
    before = team.workspace.stores.accounts.list_tokens("vera")
    with browser(team) as client:
        assert client.post(path, data={"csrf_token": given, "role": "viewer", "id": before[0].id}).status_code == 403
    assert team.workspace.stores.accounts.list_tokens("vera") == before


def test_form_without_a_session_is_refused(team):
    for path in ("/account/tokens", "/account/tokens/revoke"):
        answer = team.ask("vera", "POST", path, data={"csrf_token": "", "role": "admin"})
        assert answer.status_code == 403
    assert "in a browser" in team.ask("vera", "GET", "/account").text
    assert team.ask("", "POST", "/account/tokens", data={}).status_code == 401


@pytest.mark.parametrize("wrong", [{"role": "boss"}, {"days": "soon"}, {"days": "nan"}, {"label": "x" * 300}])
def test_what_cannot_be_is_told(team, wrong):
    with browser(team) as client:
        form = {"csrf_token": csrf(client), "label": "x", "role": "viewer", "days": "1", **wrong}
        answer = client.post("/account/tokens", data=form)
        assert answer.status_code in {400, 422}
        assert "Expected" in answer.text


def test_users_are_shown_to_admins_of_everything(team):
    with browser(team, "root") as client:
        page = client.get("/users").text
        assert "admin in churn, by test" in page
        assert all(f"<td>{name}</td>" in page for name in ("root", "vera", "nix"))
        assert "argon2" not in page
        assert 'href="/users"' in client.get("/account").text
    with browser(team) as client:
        assert client.get("/users").status_code == 403
        assert 'href="/users"' not in client.get("/account").text
    assert team.ask("chad", "GET", "/users").status_code == 403


def test_stranger_is_sent_to_the_login(team):
    answer = httpx.get(f"{team.url}/account", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/account")


def test_every_page_leads_who_is_logged_in_to_their_account(team):
    with browser(team) as client:
        assert '<a href="/account">vera</a>' in client.get("/experiments").text
