from __future__ import annotations

from millwright.server.mlflow.route import Router
from millwright.server.mlflow.routes import all_routes


def test_every_endpoint_of_the_wire_is_reached_under_each_of_its_paths():
    routes = all_routes()
    router = Router(routes)
    for each in routes:
        for path, version in each.paths():
            concrete = path.replace(":path}", "}").replace("{", "").replace("}", "")
            found = router.find(each.method, concrete)
            assert (found.route.handler, found.version) == (each.handler, version), path


def test_endpoints_that_a_training_client_calls_are_there():
    answered = {(route.method, path) for route in all_routes() for path, _ in route.paths()}
    for method, path in (
        ("POST", "/api/2.0/mlflow/runs/create"),
        ("POST", "/api/2.0/mlflow/runs/log-batch"),
        ("GET", "/api/2.0/mlflow/registered-models/alias"),
        ("POST", "/api/2.0/mlflow/logged-models"),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/{path:path}"),
        ("GET", "/api/3.0/mlflow/server-info"),
    ):
        assert (method, path) in answered
