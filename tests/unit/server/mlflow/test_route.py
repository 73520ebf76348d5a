from __future__ import annotations

import pytest

from millwright.server.mlflow.permission import Access, Rule, server
from millwright.server.mlflow.route import NoRouteError, Route, Router


def route(method, path, **more):
    return Route(method=method, path=path, handler=print, rule=Rule(Access.READ, server), **more)


ROUTER = Router(
    [
        route("GET", "/mlflow/runs/get"),
        route("POST", "/mlflow/traces", versions=(2, 3)),
        route("GET", "/mlflow/logged-models/{model_id}"),
        route("PATCH", "/mlflow/logged-models/{model_id}"),
        route("DELETE", "/mlflow/logged-models/{model_id}/tags/{key}"),
        route("GET", "/mlflow-artifacts/artifacts/{name:path}"),
        route("POST", "/v1/traces", prefixes=("",)),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "named", "version"),
    [
        ("GET", "/api/2.0/mlflow/runs/get", {}, 2),
        ("HEAD", "/ajax-api/2.0/mlflow/runs/get", {}, 2),
        ("POST", "/api/3.0/mlflow/traces", {}, 3),
        ("PATCH", "/api/2.0/mlflow/logged-models/m-1", {"model_id": "m-1"}, 2),
        ("DELETE", "/api/2.0/mlflow/logged-models/m-1/tags/a.b", {"model_id": "m-1", "key": "a.b"}, 2),
        ("GET", "/api/2.0/mlflow-artifacts/artifacts/1/a b/c", {"name": "1/a b/c"}, 2),
        ("POST", "/v1/traces", {}, 2),
    ],
)
def test_route_is_found_with_what_its_path_names(method, path, named, version):
    match = ROUTER.find(method, path)
    assert (dict(match.path), match.version) == (named, version)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/2.0/mlflow/runs/none", []),
        ("POST", "/api/2.0/mlflow/runs/get", ["GET"]),
        ("POST", "/api/2.0/mlflow/logged-models/m-1", ["GET", "PATCH"]),
        ("GET", "/api/2.0/mlflow/logged-models/", []),
        ("GET", "/api/2.0/mlflow/logged-models/a/b", []),
        ("GET", "/api/2.0/mlflow-artifacts/artifacts/", []),
        ("GET", "/api/3.0/mlflow/runs/get", []),
        ("GET", "/api/2.0/mlflow/runs/get/", []),
        ("GET", "/API/2.0/mlflow/runs/get", []),
        ("GET", "//api/2.0/mlflow/runs/get", []),
    ],
)
def test_what_is_not_there_is_told_with_the_methods_that_are(method, path, allowed):
    with pytest.raises(NoRouteError) as caught:
        ROUTER.find(method, path)
    assert caught.value.allowed == allowed


def test_two_routes_for_one_thing_are_refused():
    with pytest.raises(ValueError, match=r"Two routes answer GET /api/2\.0/a"):
        Router([route("GET", "/a"), route("GET", "/a")])
