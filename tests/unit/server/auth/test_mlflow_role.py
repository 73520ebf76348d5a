"""MLflow's endpoints of roles over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from millwright.core.ids import ExperimentId
from millwright.core.records.account import EVERY_PROJECT, Role
from millwright.core.records.experiment import ExperimentRecord

ROLES, USERS = "/api/3.0/mlflow/roles", "/api/3.0/mlflow/users"


@pytest.fixture(scope="module")
def experiment(team) -> str:
    record = ExperimentRecord(
        id=ExperimentId(""), name="of churn", created_at=datetime(2026, 1, 1, tzinfo=UTC), project="churn"
    )
    return team.workspace.stores.experiments.create(record).id


def role_id(team, project: str, name: str, who: str = "root") -> int:
    roles = team.ask(who, "GET", f"{ROLES}/list?workspace={project}").json()["roles"]
    return next(role["id"] for role in roles if role["name"] == name)


def held(team, name: str) -> dict[str, Role]:
    return {grant.project: grant.role for grant in team.workspace.stores.accounts.list_grants(name)}


def test_roles_are_four_in_each_project(team):
    roles = team.ask("chad", "GET", f"{ROLES}/list?workspace=churn").json()["roles"]
    assert [role["name"] for role in roles] == [role.value for role in Role]
    assert {role["workspace"] for role in roles} == {"churn"}
    assert {each["permission"] for role in roles for each in role["permissions"]} == {"READ", "EDIT", "MANAGE"}
    every = team.ask("root", "GET", f"{ROLES}/list").json()["roles"]
    assert {role["workspace"] for role in every} >= {"churn", "default", EVERY_PROJECT}
    one = team.ask("chad", "GET", f"{ROLES}/get?role_id={roles[0]['id']}").json()["role"]
    assert one == roles[0]
    rows = team.ask("chad", "GET", f"{ROLES}/permissions/list?role_id={roles[0]['id']}").json()["role_permissions"]
    assert rows == roles[0]["permissions"]


def test_roles_of_a_project_are_for_those_who_have_one_there(team):
    assert team.ask("vera", "GET", f"{ROLES}/list?workspace=churn").status_code == 403
    assert team.ask("vera", "GET", f"{ROLES}/list").status_code == 403
    assert team.ask("nix", "GET", f"{ROLES}/list?workspace=default").status_code == 403
    hidden = role_id(team, "churn", "viewer")
    assert team.ask("vera", "GET", f"{ROLES}/get?role_id={hidden}").status_code == 403
    assert team.ask("vera", "GET", f"{ROLES}/get?role_id=1").status_code == 403
    assert team.ask("root", "GET", f"{ROLES}/get?role_id=1").status_code == 404
    assert team.ask("root", "GET", f"{ROLES}/get").status_code == 400


def test_admin_of_a_project_gives_and_takes_its_roles(team):
    viewer, contributor = (role_id(team, "churn", name) for name in ("viewer", "contributor"))
    for who in ("vera", "adam", "nix"):
        answer = team.ask(who, "POST", f"{ROLES}/assign", json={"username": who, "role_id": viewer})
        assert answer.status_code == 403, who
    for number in (viewer, contributor):
        given = team.ask("chad", "POST", f"{ROLES}/assign", json={"username": "nix", "role_id": number})
        assert given.json()["assignment"]["role_id"] == number
    assert held(team, "nix") == {"churn": Role.CONTRIBUTOR}
    assert team.workspace.stores.audit.list(limit=1)[0].action == "user.grant"
    users = team.ask("chad", "GET", f"{ROLES}/users/list?role_id={contributor}").json()["assignments"]
    assert [each["role_id"] for each in users] == [contributor]
    assert team.ask("vera", "GET", f"{ROLES}/users/list?role_id={contributor}").status_code == 403
    not_held = team.ask("chad", "DELETE", f"{ROLES}/unassign", json={"username": "nix", "role_id": viewer})
    assert not_held.status_code == 404
    taken = team.ask("chad", "DELETE", f"{ROLES}/unassign", json={"username": "nix", "role_id": contributor})
    assert taken.json() == {}
    assert held(team, "nix") == {}


def test_role_on_everything_is_given_by_admins_of_everything_and_the_last_admin_stays(team):
    number = role_id(team, EVERY_PROJECT, "admin")
    asked = team.ask("adam", "POST", f"{ROLES}/assign", json={"username": "adam", "role_id": number})
    assert asked.status_code == 403
    for method, path, role in (("DELETE", "unassign", number), ("POST", "assign", role_id(team, "*", "viewer"))):
        answer = team.ask("root", method, f"{ROLES}/{path}", json={"username": "root", "role_id": role})
        assert "another admin" in answer.json()["message"]
    assert held(team, "root") == {EVERY_PROJECT: Role.ADMIN}


def test_roles_of_a_user_are_shown_to_them_and_to_admins_of_their_projects(team):
    def roles(who: str, name: str) -> list[str] | int:
        answer = team.ask(who, "GET", f"{USERS}/roles/list?username={name}")
        return [each["name"] for each in answer.json()["roles"]] if answer.status_code == 200 else answer.status_code

    assert roles("vera", "vera") == roles("adam", "vera") == roles("root", "vera") == ["viewer"]
    assert roles("chad", "vera") == roles("cora", "vera") == roles("chad", "nobody") == 403
    assert roles("nix", "nix") == []
    assert roles("root", "nobody") == 404


def test_permissions_of_a_user_are_what_roles_allow(team, experiment):
    def permission(who: str, name: str, kind: str = "experiment", thing: str = experiment) -> tuple[int, object]:
        query = f"username={name}&resource_type={kind}&resource_id={thing}"
        answer = team.ask(who, "GET", f"{USERS}/permissions/get?{query}")
        return answer.status_code, answer.json().get("permission", answer.json().get("error_code"))

    assert permission("chad", "chad") == permission("root", "chad") == (200, "MANAGE")
    assert permission("chad", "vera") == permission("vera", "vera") == (200, "NO_PERMISSIONS")
    assert permission("root", "root", thing="*") == (200, "MANAGE")
    assert permission("vera", "vera", kind="registered_model", thing="nothing") == (200, "NO_PERMISSIONS")
    assert permission("vera", "chad") == (403, "PERMISSION_DENIED")
    assert permission("adam", "chad", thing="987654") == (403, "PERMISSION_DENIED")
    assert permission("root", "root", kind="workspace") == (400, "INVALID_PARAMETER_VALUE")
    rows = team.ask("cora", "GET", f"{USERS}/current/permissions").json()
    assert (rows["is_admin"], {row["permission"] for row in rows["permissions"]}) == (False, {"EDIT"})
    assert team.ask("root", "GET", f"{USERS}/permissions/list?username=cora").json() == rows
    assert team.ask("root", "GET", f"{USERS}/current/permissions").json()["is_admin"] is True


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{ROLES}/create"), ("PATCH", f"{ROLES}/update"), ("DELETE", f"{ROLES}/delete"),
        ("POST", f"{ROLES}/permissions/add"), ("POST", f"{USERS}/permissions/grant"),
        ("POST", f"{USERS}/permissions/revoke"), ("POST", "/api/2.0/mlflow/experiments/permissions/create"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_in_roles_of_projects_is_not_there(team, method, path):
    assert team.ask("root", method, path, json={}).status_code == 404
