"""MLflow's endpoints of users over real HTTP."""

from __future__ import annotations

import httpx
import pytest

from millwright.core.records.account import Role
from millwright.server.auth.attempt import FREE
from millwright.server.options import ServerOptions

USERS = "/api/2.0/mlflow/users"
WORD = "a staple for the horse"


def add(team, name: str) -> None:
    answer = team.ask("root", "POST", f"{USERS}/create", json={"username": name, "password": WORD})
    assert answer.status_code == 200, answer.text


def as_user(team, name: str, password: str = WORD, method: str = "GET", path: str = f"{USERS}/current", **more):
    team.client.cookies.clear()
    return team.client.request(method, team.url + path, auth=(name, password), **more)


def test_user_is_made_found_and_removed_by_an_admin_alone(team):
    body = {"username": "Mia", "password": WORD}
    for who in ("adam", "cora", "nix"):
        assert team.ask(who, "POST", f"{USERS}/create", json=body).status_code == 403
        assert team.ask(who, "DELETE", f"{USERS}/delete", json={"username": "vera"}).status_code == 403
        status = {"username": who, "is_admin": True}
        assert team.ask(who, "PATCH", f"{USERS}/update-admin", json=status).status_code == 403
    made = team.ask("root", "POST", f"{USERS}/create", json=body).json()["user"]
    assert made == {"id": made["id"], "username": "mia", "is_admin": False}
    again = team.ask("root", "POST", f"{USERS}/create", json=body)
    assert (again.status_code, again.json()["error_code"]) == (400, "RESOURCE_ALREADY_EXISTS")
    assert team.ask("root", "GET", f"{USERS}/get?username=mia").json() == {"user": made}
    assert as_user(team, "mia").json() == {"user": made, "is_basic_auth": True}
    assert as_user(team, "mia", path=f"{USERS}/get?username=mia").json() == {"user": made}
    assert as_user(team, "mia", path=f"{USERS}/get?username=vera").status_code == 403
    assert as_user(team, "mia", path=f"{USERS}/get?username=nobody").status_code == 403
    assert team.ask("root", "DELETE", f"{USERS}/delete", json={"username": "mia"}).json() == {}
    gone = team.ask("root", "GET", f"{USERS}/get?username=mia")
    assert (gone.status_code, gone.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"username": "x", "password": "short"}, "8 to 1024 characters"),
        ({"username": "a b", "password": WORD}, "Expected a name"),
        ({"username": "x"}, "'password'"),
        ({"password": WORD}, "'username'"),
    ],
)
def test_names_and_passwords_follow_the_rules_of_the_command(team, body, message):
    answer = team.ask("root", "POST", f"{USERS}/create", json=body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert message in answer.json()["message"]


def test_own_password_takes_the_present_one(team):
    add(team, "pia")
    new = "quite another word"

    def change(**body: str) -> httpx.Response:
        path = f"{USERS}/update-password"
        return as_user(team, "pia", method="PATCH", path=path, json={"username": "pia", **body})

    assert "Current password is required" in change(password=new).json()["message"]
    assert "does not match" in change(password=new, current_password="wrong").json()["message"]
    assert "must differ" in change(password=WORD, current_password=WORD).json()["message"]
    assert change(password=new, current_password=WORD).json() == {}
    assert as_user(team, "pia").status_code == 401
    assert as_user(team, "pia", new).status_code == 200
    actions = [(event.actor, event.action) for event in team.workspace.stores.audit.list(limit=2)]
    assert actions[0] == ("user:pia", "user.password")


def test_password_of_another_is_for_admins(team):
    add(team, "lia")
    body = {"username": "lia", "password": "quite another word"}
    for who in ("adam", "nix"):
        assert team.ask(who, "PATCH", f"{USERS}/update-password", json=body).status_code == 403
    assert team.ask("root", "PATCH", f"{USERS}/update-password", json=body).json() == {}
    assert as_user(team, "lia", "quite another word").status_code == 200
    missing = team.ask("root", "PATCH", f"{USERS}/update-password", json={**body, "username": "nobody"})
    assert missing.status_code == 404


def test_present_password_cannot_be_guessed_without_waiting(team):
    add(team, "gia")
    body = {"username": "gia", "password": "quite another word", "current_password": "guess"}
    token = str(team.accounts.create_token("gia", role=Role.VIEWER)[0])
    asked = [
        team.client.patch(
            f"{team.url}{USERS}/update-password", json=body, headers={"authorization": f"Bearer {token}"}
        ).status_code
        for _ in range(FREE + 2)
    ]
    assert asked[:FREE] == [400] * FREE
    assert asked[-1] == 429


def test_admins_are_made_and_unmade_but_never_the_last_one(team):
    add(team, "tia")
    for status in (True, False):
        answer = team.ask("root", "PATCH", f"{USERS}/update-admin", json={"username": "tia", "is_admin": status})
        assert answer.json() == {}
        assert team.ask("root", "GET", f"{USERS}/get?username=tia").json()["user"]["is_admin"] is status
    last = team.ask("root", "PATCH", f"{USERS}/update-admin", json={"username": "root", "is_admin": False})
    assert (last.status_code, last.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    unsaid = team.ask("root", "PATCH", f"{USERS}/update-admin", json={"username": "tia"})
    assert "'is_admin'" in unsaid.json()["message"]
    own = team.ask("root", "DELETE", f"{USERS}/delete", json={"username": "root"})
    assert (own.status_code, own.json()["error_code"]) == (400, "BAD_REQUEST")


def test_list_shows_others_of_the_same_projects(team):
    def names(who: str) -> set[str]:
        return {user["username"] for user in team.ask(who, "GET", f"{USERS}/list").json()["users"]}

    everybody = {user.name for user in team.workspace.stores.accounts.list_users()}
    assert names("root") == everybody >= {"root", "vera", "cora", "chad", "nix"}
    assert {"root", "vera", "cora"} <= names("vera")
    assert not names("vera") & {"chad", "nix"}
    assert team.ask("nix", "GET", f"{USERS}/list").status_code == 403
    listed = team.ask("root", "GET", f"{USERS}/list").json()["users"]
    roles = {user["username"]: [(role["workspace"], role["name"]) for role in user["roles"]] for user in listed}
    assert roles["chad"] == [("churn", "admin")]
    seen = {user["username"]: user["roles"] for user in team.ask("vera", "GET", f"{USERS}/list").json()["users"]}
    assert seen["cora"] == []
    assert len(seen["vera"]) == 1


def test_change_from_a_browser_needs_the_sessions_token(team):
    add(team, "bia")
    with httpx.Client(base_url=team.url) as browser:
        browser.post("/login", data={"name": "bia", "password": WORD})
        body = {"username": "bia", "password": "quite another word", "current_password": WORD}
        assert browser.patch(f"{USERS}/update-password", json=body).status_code == 403
    assert as_user(team, "bia").status_code == 200


def test_server_that_asks_nobody_has_no_users(empty_workspace, run_server):
    with run_server(empty_workspace, ServerOptions(port=0)) as url:
        for path in (f"{USERS}/current", f"{USERS}/list", "/api/3.0/mlflow/roles/list"):
            assert httpx.get(url + path).status_code == 404
        assert "/api/2.0/mlflow/users/create" not in httpx.get(f"{url}/openapi-mlflow.json").json()["paths"]
