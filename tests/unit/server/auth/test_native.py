"""Pages and the native API: who sees what, with models in two projects."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx
import pytest

from millwright.automation.triggers.triggers import hash_token
from millwright.core.errors import NotFoundError
from millwright.core.records.account import Role
from millwright.core.records.model import RegisteredModelRecord
from millwright.core.records.schedule import LaunchTarget, TriggerKind, TriggerRecord
from millwright.server.auth.native import VisibleModels, visible_services
from millwright.server.principal import KEY, Principal, owner
from millwright.server.service import services_of
from millwright.testing import sample

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def models(team):
    store = team.workspace.stores.models
    for project in ("default", "churn"):
        name = f"of-{project}"
        store.create_model(RegisteredModelRecord(name=name, created_at=NOW, project=project))
        version = store.create_version(sample.model_version(name))
        store.put_alias(sample.alias(name, version.version))
    return store


def names(team, who: str, path: str) -> list[str]:
    answer = team.ask(who, "GET", path)
    assert answer.status_code == 200, answer.text
    return sorted(item["name"] for item in answer.json()["items"])


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("path", ["/api/v1/models", "/api/v1/versions", "/api/v1/aliases"])
def test_list_holds_what_its_reader_may_see(team, path):
    assert names(team, "root", path) == ["of-churn", "of-default"]
    assert names(team, "vera", path) == ["of-default"]
    assert names(team, "chad", path) == ["of-churn"]
    assert team.ask("nix", "GET", path).status_code == 403


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    "path",
    ["/api/v1/models/{}", "/api/v1/models/{}/versions", "/api/v1/models/{}/versions/1", "/models/{}", "/models/{}/1"],
)
def test_model_is_shown_to_viewers_of_its_project(team, path):
    own, other = path.format("of-default"), path.format("of-churn")
    assert team.ask("vera", "GET", own).status_code == 200
    assert team.ask("vera", "GET", other).status_code == 403
    assert team.ask("chad", "GET", other).status_code == 200
    assert team.ask("chad", "GET", own).status_code == 403
    assert team.ask("vera", "GET", path.format("nothing")).status_code == 404


@pytest.mark.usefixtures("models")
def test_page_names_no_model_of_another_project(team):
    page = team.ask("vera", "GET", "/models", headers={"accept": "text/html"}).text
    assert "of-default" in page
    assert "of-churn" not in page
    assert "of-churn" not in team.ask("vera", "GET", "/", headers={"accept": "text/html"}).text


@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/v1/datasets", "/api/v1/endpoints", "/runs", "/monitoring", "/"])
def test_what_belongs_to_no_project_is_for_viewers_of_the_default_one(team, path):
    assert team.ask("vera", "GET", path).status_code == 200
    assert team.ask("chad", "GET", path).status_code == 403


@pytest.mark.parametrize("path", ["/api/v1/audit", "/api/v1/audit/verify", "/audit"])
def test_audit_log_is_for_those_who_see_everything(team, path):
    assert team.ask("root", "GET", path).status_code == 200
    for who in ("vera", "adam", "chad", "nix"):
        assert team.ask(who, "GET", path).status_code == 403


def test_models_of_other_projects_do_not_exist(models):
    seen = VisibleModels(models, ("default",))
    assert seen.find_model("of-churn") is None
    assert seen.find_alias("of-churn", "champion") is None
    assert seen.find_alias("of-default", "champion") is not None
    assert seen.list_versions("of-churn") == []
    for ask in (lambda: seen.get_version("of-churn", 1), lambda: seen.list_approvals("of-churn", 1)):
        with pytest.raises(NotFoundError):
            ask()
    assert seen.get_version("of-default", 1).name == "of-default"
    assert not hasattr(seen, "create_model")


def test_services_are_whole_for_those_who_see_everything(team):
    services = services_of(team.workspace)
    assert visible_services(services, {KEY: owner("root")}) is services
    narrowed = visible_services(services, {KEY: Principal(actor="user:x", roles={"a": Role.ADMIN})})
    assert narrowed.stores.models.list_models() == []


def test_pipelines_are_run_by_contributors_in_their_name(team):
    team.workspace.stores.triggers.create(hook())
    path = "/api/v1/pipelines/delay/runs"
    answers = {who: team.ask(who, "POST", path, json={}).status_code for who in ("", "nix", "vera", "chad", "cora")}
    assert answers == {"": 401, "nix": 403, "vera": 403, "chad": 403, "cora": 202}
    refused = team.ask("vera", "POST", path, json={}).json()["error"]
    assert "contributor" in refused["message"]
    run = team.ask("cora", "POST", path, json={}).json()["id"]
    assert team.workspace.stores.queue.get(run).trigger == "api:user:cora"
    assert team.ask("vera", "GET", f"/api/v1/queue/{run}").status_code == 200
    assert team.ask("chad", "GET", "/api/v1/queue").status_code == 403
    assert team.ask("vera", "POST", f"/api/v1/runs/{run}/cancel").status_code == 403
    assert team.ask("cora", "POST", f"/api/v1/runs/{run}/cancel").json()["state"] == "cancelled"


def test_whoever_has_a_webhooks_token_starts_its_pipeline(team):
    team.workspace.stores.triggers.create(hook(name="hook", token_hash=hash_token("mwh_secret")))
    assert team.ask("", "POST", "/api/v1/hooks/mwh_secret").status_code == 202
    assert team.ask("", "POST", "/api/v1/hooks/mwh_other").status_code == 404
    assert team.ask("", "GET", "/api/v1/hooks/mwh_secret").status_code == 405
    foreign = {"origin": "https://evil.example"}
    assert team.ask("", "POST", "/api/v1/hooks/mwh_secret", headers=foreign).status_code == 403


def hook(**changes) -> TriggerRecord:
    target = LaunchTarget(name="delay", pipeline="/project/pipeline.py:delay")
    fields = {"name": "push", "kind": TriggerKind.WEBHOOK, "subject": "push", "target": target}
    return TriggerRecord(**{**fields, "created_at": NOW, "created_by": "ada", **changes})


@pytest.fixture
def alert(team):
    record = sample.alert()
    team.workspace.stores.monitors.append_alert(record)
    return record


def test_labels_are_told_by_contributors_in_their_own_name(team):
    team.workspace.stores.endpoints.put(sample.endpoint("delay"))
    path, body = "/api/v1/endpoints/delay/labels", {"labels": []}
    for who in ("vera", "chad", "nix"):
        assert team.ask(who, "POST", path, json=body).status_code == 403
    assert team.ask("cora", "POST", path, json=body).json()["added"] == 0


def test_alert_is_taken_on_by_contributors_in_their_own_name(team, alert):
    path, silence = f"/api/v1/alerts/{alert.id}/acknowledge", {"lasts": "1h", "reason": "x"}
    for who in ("vera", "chad", "nix"):
        assert team.ask(who, "POST", path, json={}).status_code == 403
        assert team.ask(who, "POST", "/api/v1/silences", json=silence).status_code == 403
        assert team.ask(who, "POST", "/alerts/resolve", data={"alert": alert.id}).status_code == 403
    assert "contributor" in team.ask("vera", "POST", path, json={}).json()["error"]["message"]
    assert team.ask("vera", "GET", f"/api/v1/alerts/{alert.id}").json()["state"] == "open"
    assert team.ask("cora", "POST", path, json={}).json()["acknowledged_by"] == "user:cora"
    assert team.ask("apo", "POST", "/api/v1/silences", json=silence).json()["created_by"] == "user:apo"
    assert team.workspace.stores.audit.list(subject=f"endpoint:{alert.endpoint}")[0].actor == "user:cora"


def test_page_of_an_alert_shows_its_forms_to_who_may_send_them(team, alert):
    path = f"/alerts/{alert.id}"
    assert "Take it on" in team.ask("cora", "GET", path, headers={"accept": "text/html"}).text
    seen = team.ask("vera", "GET", path, headers={"accept": "text/html"})
    assert (seen.status_code, "<form" in seen.text) == (200, False)
    assert "<form" not in team.ask("vera", "GET", "/silences", headers={"accept": "text/html"}).text


def test_form_of_a_browser_carries_the_token_of_its_login(team, alert):
    with httpx.Client(base_url=team.url, headers={"accept": "text/html"}, timeout=20) as client:
        assert client.post("/login", data={"name": "root", "password": team.password}).status_code == 303
        page = client.get(f"/alerts/{alert.id}").text
        form = {"alert": alert.id, "reason": "mine"}
        for given in ({}, {"csrf_token": "é"}):
            assert client.post("/alerts/acknowledge", data=form | given).status_code == 403
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        assert client.post("/alerts/acknowledge", data=form | {"csrf_token": token[1]}).status_code == 303
        assert client.post(f"/api/v1/alerts/{alert.id}/resolve", json={}).status_code == 403  # a header proves it there
    assert team.workspace.stores.monitors.get_alert(alert.id).acknowledged_by == "user:root"
