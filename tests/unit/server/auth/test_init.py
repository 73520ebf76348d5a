"""Every route of the server: nobody gets by without a rule, whatever way they take."""

from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

from millwright.core.records.account import Role
from millwright.server.auth.authentication import OPEN, OPEN_FOLDER, OPEN_HOOKS, Everyone
from millwright.server.auth.authorization import RoleAuthorizer, wire_identity
from millwright.server.auth.mlflow_role import ROUTES
from millwright.server.auth.mlflow_user import user_routes
from millwright.server.auth.native import HANDLERS, needs_of, role_guard
from millwright.server.mlflow.application import MlflowApp, WireOptions
from millwright.server.mlflow.permission import Access, Rule
from millwright.server.mlflow.route import Route
from millwright.server.mlflow.routes import all_routes
from millwright.server.principal import Principal
from millwright.server.service import services_of
from millwright.server.site import build_litestar

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTHENTICATOR: Any = None  # asked by handlers, not here
ROUTES_OF_WIRE = all_routes((*user_routes(AUTHENTICATOR), *ROUTES))
WIRE = [(route, path) for route in ROUTES_OF_WIRE for path, _ in route.paths()]
ASSETS = {f"/assets/{name}" for name in ("page.css", "mark.svg", "chart.js", "plotly.js")}


def filled(path: str) -> str:
    """A path with something in each of its parameters."""
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


@pytest.fixture(scope="module")
def native(team) -> list[tuple[str, str, object]]:
    app = build_litestar()
    return list(_native(app))


def _native(app) -> Iterator[tuple[str, str, object]]:
    for route in app.routes:
        for handler in route.route_handlers:
            for method in handler.http_methods:
                yield method, route.path, handler


def test_route_of_the_wire_has_a_rule_that_names_something():
    assert len(WIRE) > 10
    for route, path in WIRE:
        assert isinstance(route.rule, Rule), path
        assert isinstance(route.rule.access, Access), path


def test_what_everybody_may_ask_of_the_wire_is_little():
    public = {route.path for route, _ in WIRE if route.rule.access is Access.PUBLIC}
    assert public == {"/mlflow/server-info", "/openapi-mlflow.json"}


def test_what_everybody_with_a_name_may_ask_is_about_users():
    known = {route.path for route, _ in WIRE if route.rule.access is Access.KNOWN}
    assert known
    assert all(path.startswith(("/mlflow/users/", "/mlflow/roles/")) for path in known)


def test_handler_of_pages_and_native_api_has_a_rule(native):
    assert len(native) > 60
    assert [path for _, path, handler in native if needs_of(handler) is None] == []


def test_handlers_have_rules_by_names_of_their_own(native):
    ours = {str(handler) for _, _, handler in native if not str(handler).startswith("litestar.")}
    names = [name.rpartition(".")[2] for name in ours]
    assert len(names) == len(set(names))
    known = [name for group in HANDLERS.values() for name in group]
    assert len(known) == len(set(known))
    assert set(known) == set(names)


def test_stranger_gets_nothing_but_the_open_paths(team, native):
    asked = {(route.method, filled(path)) for route, path in WIRE}
    asked |= {(method, filled(path)) for method, path, _ in native}
    asked |= {("GET", "/metrics"), ("GET", "/nowhere"), ("POST", "/logout"), ("GET", "/logout")}
    with_answer = set()
    for method, path in sorted(asked):
        answer = team.ask("", method, path)
        if answer.status_code != 401:
            with_answer.add(path)
    assets = {path for _, path, _ in native if path.startswith(OPEN_FOLDER)}
    hooks = {path for path in with_answer if path.startswith(OPEN_HOOKS)}  # which answer that there is no such token
    assert len(hooks) == 1
    assert with_answer - hooks == {"/health", "/version", *assets} <= OPEN | assets


def test_user_without_a_role_gets_nothing_of_the_wire(team):
    for route, path in WIRE:
        if route.rule.access in {Access.PUBLIC, Access.KNOWN}:
            continue
        body = dict.fromkeys(route.required, "1")
        answer = team.ask(
            "nix", route.method, filled(path), **({} if route.method in {"GET", "PUT"} else {"json": body})
        )
        assert answer.status_code in {400, 403}, (route.method, path, answer.status_code, answer.text)
        if answer.status_code == 403:
            assert answer.json()["error_code"] == "PERMISSION_DENIED"


def test_user_without_a_role_gets_nothing_of_the_pages(team, native):
    seen = set()
    for method, path, _ in native:
        if team.ask("nix", method, filled(path).replace(":int", "")).status_code < 400 and method == "GET":
            seen.add(path)
    assert {path for path in seen if not path.startswith(OPEN_FOLDER)} == {"/health", "/version"}


def raw(team, who: str, method: str, target: str, **headers: str) -> int:
    """A request whose target is sent letter by letter."""
    connection = http.client.HTTPConnection(urlsplit(team.url).netloc, timeout=20)
    if who:
        headers["Authorization"] = f"Bearer {team.tokens[who]}"
    connection.request(method, target, headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


PROTECTED = "/api/2.0/mlflow/webhooks"
WAYS = [
    PROTECTED,
    "/ajax-api/2.0/mlflow/webhooks",
    f"{PROTECTED}/",
    f"/{PROTECTED}",
    "/api/2.0/mlflow//webhooks",
    "/api/2.0/mlflow/./webhooks",
    "/health/../api/2.0/mlflow/webhooks",
    "/assets/../api/2.0/mlflow/webhooks",
    "/assets/..%2fapi/2.0/mlflow/webhooks",
    "/assets/%2e%2e/api/2.0/mlflow/webhooks",
    "/assets/%252e%252e/api/2.0/mlflow/webhooks",
    "/API/2.0/mlflow/webhooks",
    "/api/2.0/MLFLOW/Webhooks",
    "/api/2.0/mlflow/%77ebhooks",
    "/api/2.0/mlflow%2fwebhooks",
    "/api%252f2.0/mlflow/webhooks",
    f"{PROTECTED};/health",
    f"{PROTECTED}?/health",
    f"{PROTECTED}%3f",
    f"{PROTECTED}%23",
    f"{PROTECTED}/%2e",
    "/api/v1/audit/",
    "/api/v1//audit",
    "/API/V1/AUDIT",
    "/audit/",
    "/audit%2f",
    "/login/../audit",
    "/login%2f..%2faudit",
]


@pytest.mark.parametrize("target", WAYS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("who", ["", "nix", "cora"])
def test_other_ways_to_write_a_path_lead_nowhere(team, who, method, target):
    # 308: asked again with single slashes, and refused there.
    assert raw(team, who, method, target) >= 308 or method == "OPTIONS"
    assert raw(team, who, method, target, **{"X-HTTP-Method-Override": "GET"}) >= 308 or method == "OPTIONS"
    hidden = {"X-Original-URL": "/health", "X-Rewrite-URL": "/health", "X-Forwarded-For": "127.0.0.1"}
    assert raw(team, who, method, target, **hidden) >= 308 or method == "OPTIONS"


def test_method_override_does_not_turn_a_read_into_a_write(team):
    headers = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE", "X-HTTP-Method": "DELETE"}
    answer = team.ask("root", "GET", PROTECTED, headers=headers)
    assert answer.status_code == 200


def test_admin_gets_by(team):
    assert team.ask("root", "GET", PROTECTED).status_code == 200
    assert team.ask("root", "GET", "/api/v1/audit").status_code == 200
    assert team.ask("root", "GET", "/metrics").status_code == 200


def test_counts_over_all_projects_are_told_to_no_one_with_roles_in_some(team):
    token = str(team.accounts.create_token("root", role=Role.VIEWER, projects=["churn"])[0])
    limited = team.ask("", "GET", "/metrics", headers={"authorization": f"Bearer {token}"})
    for answer, held in ((limited, "churn"), (team.ask("adam", "GET", "/metrics"), "default")):
        assert answer.status_code == 403
        told = answer.json()["error"]
        assert f"found roles in: {held}." in told["message"]
        assert "limited to projects" in told["hint"]
    assert team.ask("nix", "GET", "/metrics").status_code == 403
    assert team.ask("", "GET", "/metrics").status_code == 401
    whole = str(team.accounts.create_token("root", role=Role.VIEWER)[0])
    answer = team.ask("", "GET", "/metrics", headers={"authorization": f"Bearer {whole}"})
    assert answer.text.startswith("# HELP")


# Planted: routes without a rule, and a mark in everything of one project, which nobody of another gets to see.

API = "/api/2.0/mlflow"
FILES = "/api/2.0/mlflow-artifacts/artifacts"
MARK = "SecretOfDefault"
ADMIN = Principal(actor="user:x", roles={"default": Role.ADMIN})


@get("/planted")
async def planted_page() -> str:
    return MARK


def test_planted_page_without_a_rule_is_found_and_refused(team):
    services = services_of(team.workspace)
    app = Litestar(route_handlers=[planted_page], guards=[role_guard(lambda _: services)], logging_config=None)
    (handler,) = next(route for route in app.routes if route.path == "/planted").route_handlers[:1]
    assert needs_of(handler) is None
    with TestClient(Everyone(app, ADMIN)) as client:
        answer = client.get("/planted")
    assert answer.status_code >= 400
    assert MARK not in answer.text


@pytest.mark.parametrize("rule", [None, Rule(Access.READ, lambda _call, _body: ())], ids=["none", "of nothing"])
def test_planted_route_of_the_wire_is_refused(team, rule):
    services = services_of(team.workspace)
    route = Route(method="GET", path="/mlflow/planted", handler=lambda _call, _body: {MARK: 1}, rule=rule)
    options = WireOptions(identify=wire_identity, authorizer=RoleAuthorizer(services.stores))
    client = TestClient(Everyone(MlflowApp(services, [route], options), ADMIN), raise_server_exceptions=False)
    answer = client.get("/api/2.0/mlflow/planted")
    assert answer.status_code >= 400
    assert MARK not in answer.text


def test_route_of_the_wire_cannot_be_made_without_a_rule():
    with pytest.raises(TypeError, match="rule"):
        Route(method="GET", path="/mlflow/planted", handler=print)


@pytest.fixture(scope="module")
def marked(team) -> dict[str, object]:
    """One of everything in the project `default`, with the mark wherever it can stand; what requests would name."""

    def post(path: str, body: dict[str, object]) -> dict[str, object]:
        answer = team.ask("root", "POST", f"{API}/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    tags = [{"key": MARK, "value": MARK}]
    experiment = post("experiments/create", {"name": MARK, "tags": tags})["experiment_id"]
    run = post("runs/create", {"experiment_id": experiment, "run_name": MARK})["run"]["info"]["run_id"]
    point = {"key": MARK, "value": 1, "timestamp": 1, "step": 1}
    post("runs/log-batch", {"run_id": run, "metrics": [point], "params": tags, "tags": tags})
    dataset = {"name": MARK, "digest": MARK, "source_type": MARK, "source": MARK}
    post("runs/log-inputs", {"run_id": run, "datasets": [{"dataset": dataset, "tags": tags}]})
    model = post("logged-models", {"experiment_id": experiment, "name": MARK, "source_run_id": run, "params": tags})
    model_id = model["model"]["info"]["model_id"]
    post("registered-models/create", {"name": MARK, "tags": tags, "description": MARK})
    post("model-versions/create", {"name": MARK, "source": f"runs:/{run}/m", "run_id": run, "tags": tags})
    post("registered-models/alias", {"name": MARK, "alias": MARK, "version": "1"})
    hook = {"name": MARK, "url": f"https://example.com/{MARK}"}
    hook["events"] = [{"entity": "MODEL_VERSION", "action": "CREATED"}]
    team.ask("root", "POST", f"{API}/webhooks", json=hook)
    path = f"{experiment}/{run}/artifacts/{MARK}.txt"
    for place in (path, f"{experiment}/models/{model_id}/artifacts/{MARK}.txt"):
        assert team.ask("root", "PUT", f"{FILES}/{place}", content=MARK.encode()).status_code == 200
    return {
        "experiment_id": experiment,
        "experiment_ids": [experiment],
        "experiment_name": MARK,
        "experiment": experiment,
        "run_id": run,
        "run_uuid": run,
        "run_ids": [run],
        "run": run,
        "model_id": model_id,
        "name": MARK,
        "version": "1",
        "alias": MARK,
        "path": path,
        "metric_key": MARK,
        "key": MARK,
        "value": "v",
        "stage": "None",
        "max_results": 100,
        "artifact_file_path": f"{MARK}.txt",
        "new_name": "taken",
        "source": f"runs:/{run}/m",
        "timestamp": 1,
        "step": 1,
        "tags": [{"key": "a", "value": "b"}],
        "description": "taken",
        "points": 10,
    }


def test_nobody_sees_the_mark_of_another_project_in_any_answer(team, marked):
    document = team.ask("root", "GET", "/openapi-mlflow.json").json()
    mine = team.ask("chad", "POST", f"{API}/experiments/create", json={"name": "of chad"},
                    headers={"x-mlflow-workspace": "churn"}).json()["experiment_id"]  # fmt: skip
    schemas, seen, asked = document["components"]["schemas"], [], 0
    for path, operations in document["paths"].items():
        full = re.sub(r"\{(\w+)\}", lambda found: str(marked.get(found[1], MARK)), path)
        for method, operation in operations.items():
            kind = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            fields = schemas.get(kind.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
            query = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
            body = {name: marked[name] for name in fields if name in marked}
            for sent in ({}, body, {**body, "experiment_ids": [mine, marked["experiment_id"]]}):
                params = {name: marked[name] for name in query if name in marked} if sent else {}
                for who in ("chad", "nix", ""):
                    more = {"json": sent} if fields else {}
                    answer = team.ask(who, method.upper(), full, params=params, **more)
                    asked += 1
                    if answer.status_code < 400 and MARK in answer.text:
                        seen.append((who, method, full, answer.text[:200]))
    assert asked > 500
    assert seen == []


def test_nobody_sees_the_mark_of_another_project_on_a_page_or_in_the_api(team, marked):
    experiment, run, model = (marked[name] for name in ("experiment_id", "run_id", "model_id"))
    paths = [
        *("/", "/runs", "/models", "/experiments", "/datasets", "/monitoring", "/audit", "/decisions", "/metrics"),
        *(f"/models/{MARK}", f"/models/{MARK}/1", f"/experiments/{experiment}", f"/runs/{run}", f"/tracked/{run}"),
        *(f"/tracked/{run}/artifacts", f"/tracked/{run}/file?path={MARK}.txt", f"/compare?run={run}"),
        *(f"/logged-models/{model}", f"/logged-models/{model}/artifacts"),
        *(f"/api/v1/{name}" for name in ("runs", "models", "versions", "aliases", "lineage", "audit", "experiments")),
        *(f"/api/v1/{name}" for name in ("tracked", "endpoints", "reports", "alerts", "decisions", "datasets")),
        *(f"/api/v1/models/{MARK}", f"/api/v1/models/{MARK}/versions", f"/api/v1/experiments/{experiment}"),
        *(f"/api/v1/tracked/{run}", f"/api/v1/tracked/{run}/artifacts", f"/api/v1/tracked?experiment_id={experiment}"),
        f"/api/v1/tracked/{run}/history?key={MARK}",
    ]
    told = {path: team.ask("root", "GET", path) for path in paths}
    assert sum(MARK in answer.text for answer in told.values()) > 5
    for who in ("chad", "nix"):
        for path in paths:
            answer = team.ask(who, "GET", path)
            assert answer.status_code < 500, path
            assert answer.status_code >= 400 or MARK not in answer.text, (who, path)


def test_trace_of_another_project_is_linked_to_no_run(team, marked):
    trace = {"trace_id": "tr-of-default", "request_time": "2026-01-02T03:04:05Z", "state": "OK"}
    place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": marked["experiment_id"]}}
    body = {"trace": {"trace_info": {**trace, "trace_location": place}}}
    answer = team.ask("root", "POST", "/api/3.0/mlflow/traces", json=body)
    assert answer.status_code == 200, answer.text
    there = {"x-mlflow-workspace": "churn"}
    answer = team.ask("chad", "POST", f"{API}/experiments/create", json={"name": "links"}, headers=there)
    run = team.ask("chad", "POST", f"{API}/runs/create", json=answer.json()).json()["run"]["info"]["run_id"]
    body = {"run_id": run, "trace_ids": ["tr-of-default"]}
    for prefix in ("/api/2.0", "/ajax-api/2.0"):
        assert team.ask("chad", "POST", f"{prefix}/mlflow/traces/link-to-run", json=body).status_code == 403
    for method, path in (("GET", "/api/3.0/mlflow/traces/tr-of-default"), ("GET", "/api/3.0/mlflow/traces/get")):
        params = {"trace_id": "tr-of-default"} if path.endswith("get") else {}
        assert team.ask("chad", method, path, params=params).status_code == 403
