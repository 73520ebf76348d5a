"""Roles and projects, over real HTTP and with every alias of a path."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from millwright.core.ids import ExperimentId
from millwright.core.records.account import Role
from millwright.core.records.experiment import ExperimentRecord
from millwright.server.auth.authorization import RoleAuthorizer, wire_identity
from millwright.server.mlflow.call import Call
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule
from millwright.server.principal import KEY, Principal
from millwright.server.service import services_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROLES = ("root", "vera", "cora", "apo", "adam", "chad", "nix")
READS, WRITES = {"root", "vera", "cora", "apo", "adam"}, {"root", "cora", "apo", "adam"}
PREFIXES = ("/api/2.0", "/ajax-api/2.0")


@pytest.fixture(scope="module")
def places(team) -> dict[str, str]:
    """One experiment in each project; its id by project."""
    store = team.workspace.stores.experiments
    made = {}
    for project in ("default", "churn"):
        record = ExperimentRecord(id=ExperimentId(""), name=f"of {project}", created_at=NOW, project=project)
        made[project] = store.create(record).id
    return made


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("who", ROLES)
def test_artifact_is_read_by_viewers_and_written_by_contributors_of_its_project(team, places, who, prefix):
    path = f"{prefix}/mlflow-artifacts/artifacts/{places['default']}/{who}.txt"
    put = team.ask(who, "PUT", path, content=b"x")
    assert put.status_code == (200 if who in WRITES else 403), put.text
    team.ask("root", "PUT", path, content=b"x")
    got = team.ask(who, "GET", path)
    assert got.status_code == (200 if who in READS else 403), got.text
    deleted = team.ask(who, "DELETE", path)
    assert deleted.status_code == (200 if who in WRITES else 403), deleted.text


@pytest.mark.parametrize("who", ["adam", "nix"])
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "way",
    ["{}/a.txt", "{}/./a.txt", "{}//a.txt", "{}%2fa.txt", "x/../{}/a.txt", "x%2f..%2f{}/a.txt", "%2e/{}/a.txt",
     "/{}/a.txt", "x%252f%252e%252e%252f{}/a.txt", "{}/a.txt/", "{}/a.txt%00", "{}/a.txt%23", "{}/a.txt%3Fx"],
)  # fmt: skip
def test_artifact_of_another_project_is_out_of_reach_whatever_way(team, places, who, prefix, way):
    team.ask("root", "PUT", f"/api/2.0/mlflow-artifacts/artifacts/{places['churn']}/a.txt", content=b"secret")
    path = f"{prefix}/mlflow-artifacts/artifacts/{way.format(places['churn'])}"
    for method, content in (("GET", None), ("PUT", b"planted"), ("DELETE", None)):
        answer = team.ask(who, method, path, content=content, headers={"X-HTTP-Method-Override": "GET"})
        assert b"secret" not in answer.content
        assert answer.status_code >= 400, (method, path, answer.text)
    kept = team.ask("chad", "GET", f"/api/2.0/mlflow-artifacts/artifacts/{places['churn']}/a.txt")
    assert kept.content == b"secret"


def test_nobody_plants_files_where_a_later_experiment_would_find_them(team):
    for who in ("cora", "adam", "chad"):
        answer = team.ask(who, "PUT", "/api/2.0/mlflow-artifacts/artifacts/987654/x.txt", content=b"x")
        assert answer.status_code == 403


def test_webhooks_are_for_admins_of_everything(team):
    for who in ROLES:
        expected = 200 if who == "root" else 403
        assert team.ask(who, "GET", "/api/2.0/mlflow/webhooks").status_code == expected, who


def caller(**roles: Role) -> dict[str, object]:
    return {KEY: Principal(actor="user:x", roles=roles)}


class TestRules:
    @pytest.fixture
    def authorizer(self, team) -> RoleAuthorizer:
        return RoleAuthorizer(team.workspace.stores)

    @pytest.fixture
    def call(self, team) -> Call:
        principal = Principal(actor="user:x", roles={"default": Role.CONTRIBUTOR, "churn": Role.VIEWER})
        return Call(services=services_of(team.workspace), actor="user:x", scope={KEY: principal})

    @staticmethod
    async def refused(authorizer, access, call, *resources: Resource) -> int:
        try:
            await authorizer.check(Rule(access, lambda _call, _body: resources), call, None)
        except WireError as error:
            return error.status
        return 0

    def check(self, *arguments: Any) -> int:
        return asyncio.run(self.refused(*arguments))

    def test_every_resource_is_asked_for(self, authorizer, call, places):
        one, other = (Resource(ResourceKind.EXPERIMENT, places[name]) for name in ("default", "churn"))
        assert self.check(authorizer, Access.WRITE, call, one) == 0
        assert self.check(authorizer, Access.READ, call, one, other) == 0
        assert self.check(authorizer, Access.WRITE, call, one, other) == 403
        assert self.check(authorizer, Access.APPROVE, call, one) == 403

    def test_experiment_is_found_by_name(self, authorizer, call):
        assert self.check(authorizer, Access.WRITE, call, Resource(ResourceKind.EXPERIMENT_NAME, "of churn")) == 403
        assert self.check(authorizer, Access.READ, call, Resource(ResourceKind.EXPERIMENT_NAME, "of churn")) == 0

    def test_what_is_made_belongs_to_a_project(self, authorizer, call):
        assert self.check(authorizer, Access.WRITE, call, Resource(ResourceKind.PROJECT, "default")) == 0
        for name in ("churn", "new", "*", "", "Default"):
            assert self.check(authorizer, Access.WRITE, call, Resource(ResourceKind.PROJECT, name)) == 403

    def test_listing_is_for_readers_and_the_server_for_nobody_of_one_project(self, authorizer, call):
        assert self.check(authorizer, Access.READ, call, Resource(ResourceKind.VISIBLE)) == 0
        assert self.check(authorizer, Access.WRITE, call, Resource(ResourceKind.VISIBLE)) == 403
        assert self.check(authorizer, Access.READ, call, Resource(ResourceKind.SERVER)) == 403

    def test_rule_that_names_nothing_lets_nobody_through(self, authorizer, call):
        assert self.check(authorizer, Access.READ, call) == 403

    def test_what_is_not_there_is_told_by_the_handler(self, authorizer, call):
        for kind in (ResourceKind.EXPERIMENT, ResourceKind.RUN, ResourceKind.MODEL, ResourceKind.LOGGED_MODEL):
            assert self.check(authorizer, Access.WRITE, call, Resource(kind, "nothing")) == 0

    def test_root_of_the_tree_is_for_those_who_see_everything(self, authorizer, call):
        assert self.check(authorizer, Access.READ, call, Resource(ResourceKind.FILE, "")) == 403
        assert self.check(authorizer, Access.WRITE, call, Resource(ResourceKind.FILE, "some/folder")) == 0

    def test_stranger_is_not_known(self, authorizer, call):
        stranger = replace(call, scope={})
        assert self.check(authorizer, Access.READ, stranger, Resource(ResourceKind.VISIBLE)) == 401
        assert self.check(authorizer, Access.PUBLIC, stranger) == 0


def test_handlers_see_who_calls_and_their_projects():
    assert wire_identity({}).projects == ()
    known = wire_identity(caller(default=Role.VIEWER))
    assert (known.actor, known.projects) == ("user:x", ("default",))


API = "/api/2.0/mlflow"


@pytest.fixture(scope="module")
def made(team) -> dict[str, dict[str, str]]:
    found = {}
    for project, who in (("default", "cora"), ("churn", "chad")):
        there = {"x-mlflow-workspace": project}
        name = f"wire-{project}"
        answer = team.ask(who, "POST", f"{API}/experiments/create", json={"name": name}, headers=there)
        assert answer.status_code == 200, answer.text
        experiment = answer.json()["experiment_id"]
        run = team.ask(who, "POST", f"{API}/runs/create", json={"experiment_id": experiment}).json()["run"]
        answer = team.ask(who, "POST", f"{API}/registered-models/create", json={"name": name}, headers=there)
        assert answer.status_code == 200, answer.text
        found[project] = {"experiment": experiment, "run": run["info"]["run_id"], "name": name}
    return found


class TestProjectsOnTheWire:
    """Two projects with an experiment, a run and a model each: nobody of one gets at the other's."""

    @pytest.mark.parametrize("api", ["/api/2.0/mlflow", "/ajax-api/2.0/mlflow"])
    @pytest.mark.parametrize(("who", "other"), [("adam", "churn"), ("chad", "default"), ("nix", "default")])
    def test_thing_of_another_project_is_out_of_reach(self, team, made, who, other, api):
        of = made[other]
        run, experiment, model = {"run_id": of["run"]}, {"experiment_id": of["experiment"]}, {"name": of["name"]}
        asked = [
            ("GET", "runs/get", run),
            ("GET", "experiments/get", experiment),
            ("GET", "registered-models/get", model),
            ("GET", "artifacts/list", run),
            ("GET", "artifacts/list", {"run_uuid": of["run"], "run_id": ""}),
            ("GET", "metrics/get-history", {**run, "metric_key": "m"}),
            ("POST", "runs/create", experiment),
            ("POST", "runs/update", {**run, "status": "FAILED"}),
            ("POST", "runs/delete", run),
            ("POST", "runs/log-metric", {**run, "key": "m", "value": 1, "timestamp": 1}),
            ("POST", "runs/log-metric", {"run_uuid": of["run"], "key": "m", "value": 1, "timestamp": 1}),
            ("POST", "runs/log-batch", run),
            ("POST", "runs/set-tag", {**run, "key": "a", "value": "b"}),
            ("POST", "runs/search", {"experiment_ids": [of["experiment"]]}),
            ("POST", "experiments/delete", experiment),
            ("POST", "experiments/update", {**experiment, "new_name": "taken"}),
            ("PATCH", "registered-models/update", {**model, "description": "taken"}),
            ("DELETE", "registered-models/delete", model),
            ("POST", "registered-models/rename", {**model, "new_name": "taken"}),
            ("POST", "registered-models/create", {"name": "planted"}),
            ("POST", "experiments/create", {"name": "planted"}),
        ]
        for method, path, body in asked:
            there = {"x-mlflow-workspace": other}
            more = {"params": body} if method == "GET" else {"json": body}
            answer = team.ask(who, method, f"{api}/{path}", headers=there, **more)
            assert answer.status_code in {400, 403}, (method, path, answer.text)
            if answer.status_code == 400:
                assert "run_id" in body
                assert not body["run_id"]

    def test_lists_hold_what_their_reader_may_see(self, team, made):
        for who, seen in (("vera", {"default"}), ("chad", {"churn"}), ("root", {"default", "churn"})):
            listed = team.ask(who, "POST", f"{API}/experiments/search", json={"max_results": 1000}).json()
            names = {each["name"] for each in listed["experiments"]}
            assert {made[project]["name"] for project in made} & names == {made[project]["name"] for project in seen}
            listed = team.ask(who, "GET", f"{API}/registered-models/search").json()
            names = {each["name"] for each in listed["registered_models"] if each["name"].startswith("wire-")}
            assert names == {made[project]["name"] for project in seen}

    def test_experiment_of_another_project_is_not_found_by_name(self, team, made):
        name = {"experiment_name": made["churn"]["name"]}
        assert team.ask("chad", "GET", f"{API}/experiments/get-by-name", params=name).status_code == 200
        assert team.ask("vera", "GET", f"{API}/experiments/get-by-name", params=name).status_code == 404

    def test_run_cannot_be_led_to_the_files_of_another_project(self, team, made):
        place = f"mlflow-artifacts:/{made['churn']['experiment']}"
        body = {"name": "thief", "artifact_location": place}
        answer = team.ask("cora", "POST", f"{API}/experiments/create", json=body)
        if answer.status_code != 200:
            return  # refused at once: as good
        experiment = answer.json()["experiment_id"]
        answer = team.ask("cora", "POST", f"{API}/runs/create", json={"experiment_id": experiment})
        if answer.status_code == 200:
            run = {"run_id": answer.json()["run"]["info"]["run_id"]}
            assert team.ask("cora", "GET", f"{API}/artifacts/list", params=run).status_code == 403
            file = {"run_uuid": run["run_id"], "path": "a.txt"}
            assert team.ask("cora", "GET", "/get-artifact", params=file).status_code == 403
            own = {"run_id": made["default"]["run"], **file}
            assert team.ask("cora", "POST", "/ajax-api/2.0/mlflow/upload-artifact", params=own).status_code == 403

    def test_logged_model_of_another_project_gets_no_points_makers_or_sources(self, team, made):
        own, other = made["churn"], made["default"]
        body = {"experiment_id": other["experiment"], "name": "m"}
        model = team.ask("cora", "POST", f"{API}/logged-models", json=body).json()["model"]["info"]["model_id"]
        point = {"key": "planted", "value": 1, "timestamp": 1, "model_id": model}
        asked = (
            ("runs/log-metric", {"run_id": own["run"], **point}),
            ("runs/log-batch", {"run_id": own["run"], "metrics": [{**point, "model_id": ""}, point]}),
            ("runs/outputs", {"run_id": own["run"], "models": [{"model_id": model, "step": 0}]}),
            ("logged-models", {"experiment_id": own["experiment"], "name": "m", "source_run_id": other["run"]}),
        )
        for path, body in asked:
            for api in (API, "/ajax-api/2.0/mlflow"):
                assert team.ask("chad", "POST", f"{api}/{path}", json=body).status_code == 403, path
        told = team.ask("cora", "GET", f"{API}/logged-models/{model}").json()["model"]
        assert "planted" not in str(told)

    def test_root_of_the_artifacts_lists_the_folders_of_ones_own_projects(self, team, made):
        root = "/api/2.0/mlflow-artifacts/artifacts"
        for project in made:
            team.ask("root", "PUT", f"{root}/{made[project]['experiment']}/a.txt", content=b"x")
        team.ask("root", "PUT", f"{root}/shared/a.txt", content=b"x")
        folders = {project: made[project]["experiment"] for project in made}
        for who, there, hidden in (
            ("vera", {folders["default"], "shared"}, {folders["churn"]}),
            ("chad", {folders["churn"]}, {folders["default"], "shared"}),
            ("root", {*folders.values(), "shared"}, set()),
        ):
            names = {each["path"] for each in team.ask(who, "GET", root).json()["files"]}
            assert there <= names
            assert not hidden & names

    @pytest.mark.parametrize(("who", "status"), [("vera", 403), ("cora", 403), ("apo", 200), ("adam", 200)])
    def test_alias_is_moved_by_approvers(self, team, made, who, status):
        of = made["default"]
        name = of["name"]
        source = f"mlflow-artifacts:/{of['experiment']}/{of['run']}/artifacts/m"
        body = {"name": name, "source": source, "run_id": of["run"]}
        version = team.ask("cora", "POST", f"{API}/model-versions/create", json=body)
        assert version.status_code == 200, version.text
        body = {"name": name, "alias": "champion", "version": version.json()["model_version"]["version"]}
        for api in (API, "/ajax-api/2.0/mlflow"):
            answer = team.ask(who, "POST", f"{api}/registered-models/alias", json=body)
            assert answer.status_code == status, answer.text


class TestEvaluationsOnTheWire:
    """Evaluation datasets and scorers of two projects: nobody of one gets at the other's."""

    API = "/api/3.0/mlflow"

    @pytest.fixture
    def datasets(self, team, made) -> dict[str, str]:
        found = {}
        for project, who in (("default", "cora"), ("churn", "chad")):
            body = {"name": f"of {project}", "experiment_ids": [made[project]["experiment"]]}
            answer = team.ask(who, "POST", f"{self.API}/datasets/create", json=body)
            assert answer.status_code == 200, answer.text
            found[project] = answer.json()["dataset"]["dataset_id"]
            scorer = {"experiment_id": made[project]["experiment"], "name": project, "serialized_scorer": "{}"}
            assert team.ask(who, "POST", f"{self.API}/scorers/register", json=scorer).status_code == 200
        return found

    def test_dataset_of_another_project_is_out_of_reach(self, team, made, datasets):
        path, own = f"{self.API}/datasets/{datasets['default']}", f"{self.API}/datasets/{datasets['churn']}"
        foreign = {"experiment_ids": [made["default"]["experiment"]]}
        asked = [
            ("GET", path, None),
            ("GET", f"{path}/records", None),
            ("GET", f"{path}/experiment-ids", None),
            ("POST", f"{path}/records", {"records": "[]"}),
            ("DELETE", f"{path}/records", {"dataset_record_ids": []}),
            ("PATCH", f"{path}/tags", {"tags": "{}"}),
            ("DELETE", f"{path}/tags/a", None),
            ("POST", f"{path}/add-experiments", {"experiment_ids": [made["churn"]["experiment"]]}),
            ("POST", f"{path}/remove-experiments", {"experiment_ids": []}),
            ("DELETE", path, None),
            ("POST", f"{own}/add-experiments", foreign),
            ("POST", f"{self.API}/datasets/search", foreign),
            ("POST", f"{self.API}/datasets/create", {"name": "planted", **foreign}),
            ("POST", f"{self.API}/datasets/create", {"name": "planted"}),  # in the project default
        ]
        for method, place, body in asked:
            answer = team.ask("chad", method, place, json=body)
            assert answer.status_code == 403, (method, place, answer.text)
        assert team.ask("vera", "GET", path).status_code == 200
        assert team.ask("vera", "DELETE", path).status_code == 403

    def test_dataset_is_not_planted_in_a_later_experiment(self, team):
        body = {"name": "planted", "experiment_ids": ["987654"]}
        assert team.ask("chad", "POST", f"{self.API}/datasets/create", json=body).status_code == 404
        assert team.ask("root", "POST", f"{self.API}/datasets/create", json=body).status_code == 200

    def test_lists_hold_what_their_reader_may_see(self, team, made, datasets):
        for who, seen in (("vera", {"default"}), ("chad", {"churn"}), ("root", {"default", "churn"})):
            listed = team.ask(who, "POST", f"{self.API}/datasets/search", json={}).json()["datasets"]
            ids = {each["dataset_id"] for each in listed}
            assert ids & set(datasets.values()) == {datasets[project] for project in seen}
            listed = team.ask(who, "GET", f"{self.API}/scorers/list").json()["scorers"]
            assert {each["scorer_name"] for each in listed} == seen
        shared = {"experiment_ids": [made["default"]["experiment"]]}
        place = f"{self.API}/datasets/{datasets['churn']}/add-experiments"
        assert team.ask("root", "POST", place, json=shared).status_code == 200
        listed = team.ask("vera", "POST", f"{self.API}/datasets/search", json=shared).json()["datasets"]
        assert datasets["churn"] not in {each["dataset_id"] for each in listed}

    def test_scorer_of_another_project_is_out_of_reach(self, team, made, datasets):
        del datasets
        scorer = {"experiment_id": made["default"]["experiment"], "name": "default"}
        several = {"experiment_ids": [made["churn"]["experiment"], made["default"]["experiment"]]}
        for path, query in (("get", scorer), ("versions", scorer), ("list", scorer), ("list", several)):
            answer = team.ask("chad", "GET", f"{self.API}/scorers/{path}", params=query)
            assert answer.status_code == 403, (path, answer.text)
        for who in ("chad", "vera"):
            body = {**scorer, "serialized_scorer": "{}"}
            assert team.ask(who, "POST", f"{self.API}/scorers/register", json=body).status_code == 403
            assert team.ask(who, "DELETE", f"{self.API}/scorers/delete", json=scorer).status_code == 403


def test_traces_are_read_and_written_by_members_of_their_project_only(team, places):
    """Also where a request names a trace of another project beside an experiment of the caller's own."""
    v3 = "/api/3.0/mlflow/traces"

    def body(trace_id: str, project: str, **more: Any) -> dict[str, Any]:
        place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": places[project]}}
        return {"trace": {"trace_info": {"trace_id": trace_id, "trace_location": place, "state": "OK", **more}}}

    for project in ("default", "churn"):
        assert team.ask("root", "POST", v3, json=body(f"tr-{project}", project)).status_code == 200
    feedback = {"assessment": {"assessment_name": "q", "feedback": {"value": True}}}
    search = {"locations": [body("", "churn")["trace"]["trace_info"]["trace_location"]]}
    tag = {"key": "a", "value": "b"}
    for who in ("cora", "adam"):
        mine, other = ("default", "churn")
        assert team.ask(who, "GET", f"{v3}/tr-{mine}").status_code == 200
        assert team.ask(who, "PATCH", f"{v3}/tr-{mine}/tags", json=tag).status_code == 200
        for method, path, given in (
            ("GET", f"{v3}/tr-{other}", None),
            ("GET", f"/api/2.0/mlflow/traces/tr-{other}/info", None),
            ("PATCH", f"{v3}/tr-{other}/tags", tag),
            ("POST", f"{v3}/tr-{other}/assessments", feedback),
            ("POST", v3, body(f"tr-{other}", mine)),
            ("POST", f"{v3}/search", search),
            ("GET", f"/api/2.0/mlflow/traces?experiment_ids={places[other]}", None),
            ("POST", f"{v3}/delete-traces", {"experiment_id": places[other], "request_ids": [f"tr-{other}"]}),
            ("POST", "/api/2.0/mlflow/traces/link-prompts", {"trace_id": f"tr-{other}", "prompt_versions": []}),
        ):
            assert team.ask(who, method, path, json=given).status_code == 403, (who, method, path)
        both = {"trace_ids": ["tr-default", "tr-churn"]}
        infos = team.ask(who, "POST", f"{v3}/batchGetInfos", json=both).json()["trace_infos"]
        assert [info["trace_id"] for info in infos] == [f"tr-{mine}"]
    assert team.ask("vera", "PATCH", f"{v3}/tr-default/tags", json=tag).status_code == 403
    assert team.ask("vera", "POST", f"{v3}/tr-default/assessments", json=feedback).status_code == 403
    assert team.ask("vera", "GET", f"{v3}/tr-default").status_code == 200


@pytest.mark.parametrize("who", ROLES)
def test_spans_are_sent_by_contributors_and_read_by_viewers_of_their_project(team, places, who):
    digits = f"{ROLES.index(who):032x}"
    span = {"traceId": digits, "spanId": "00000000000000aa", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}

    def sent(by: str) -> int:
        headers = {"x-mlflow-experiment-id": places["default"]}
        return team.ask(by, "POST", "/v1/traces", json=body, headers=headers).status_code

    assert sent(who) == (200 if who in WRITES else 403)
    assert sent("root") == 200
    seen = who in READS
    for path in (
        f"/api/3.0/mlflow/traces/get?trace_id=tr-{digits}",
        f"/ajax-api/2.0/mlflow/get-trace-artifact?request_id=tr-{digits}",
    ):
        assert team.ask(who, "GET", path).status_code == (200 if seen else 403)
    batch = team.ask(who, "GET", f"/api/3.0/mlflow/traces/batchGet?trace_ids=tr-{digits}&trace_ids=tr-no")
    assert batch.status_code == (403 if who == "nix" else 200)  # who has no role at all is told so
    assert len(batch.json().get("traces", [])) == int(seen)
    asked = {"experiment_ids": [places["default"]], "view_type": "TRACES", "metric_name": "trace_count"}
    metrics = asked | {"aggregations": [{"aggregation_type": "COUNT"}]}
    answer = team.ask(who, "POST", "/api/3.0/mlflow/traces/metrics", json=metrics)
    assert answer.status_code == (200 if seen else 403)
