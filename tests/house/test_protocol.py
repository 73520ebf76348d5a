"""Every endpoint of MLflow's protocol is answered, or the guide says that it is not."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from house.source import ROOT
from millwright.server.mlflow.route import NoRouteError, Router
from millwright.server.mlflow.routes import all_routes

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("mlflow", reason="needs mlflow's published definitions")

PROTOCOL = ("service_pb2", "model_registry_pb2", "mlflow_artifacts_pb2", "webhooks_pb2")
# What is left out, by the beginning of its paths → what the guide calls it.
LEFT_OUT = {
    "/mlflow/gateway/": "`/mlflow/gateway/…`",
    "/mlflow/get-online-trace-details": "`/mlflow/get-online-trace-details`",
    "/mlflow/issues": "issues",
    "/mlflow/label-schemas/": "label schemas",
    "/mlflow/prompt-optimization/": "prompt optimisation",
    "/mlflow/review-queues/": "review queues",
    "/mlflow/scorers/online-config": "online scoring",
    "/mlflow/unified-traces": "`/mlflow/unified-traces`",
    "/mlflow/workspaces": "`/mlflow/workspaces`",
}
# Not in the published definitions, but asked for by clients.
UNPUBLISHED = [("PUT", 3, "/mlflow/scorers/online-config")]


def endpoints() -> Iterator[tuple[str, int, str]]:
    """Method, version and path of every endpoint that MLflow's definitions name, with `x` for what a path names."""
    rpc = import_module("mlflow.protos.databricks_pb2").rpc
    for name in PROTOCOL:
        for service in import_module(f"mlflow.protos.{name}").DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                for endpoint in method.GetOptions().Extensions[rpc].endpoints:
                    path = re.sub(r"\{[^}]*\}", "x", endpoint.path.lstrip("/"))
                    yield endpoint.method, endpoint.since.major, f"/{path}"


@pytest.fixture(scope="module")
def unanswered() -> list[tuple[str, str]]:
    router, found = Router(all_routes()), []
    known = [*endpoints(), *UNPUBLISHED]
    assert len(known) > 150
    for method, version, path in known:
        try:
            router.find(method, f"/api/{version}.0{path}")
        except NoRouteError:
            found.append((method, path))
    return found


def test_endpoint_is_answered_or_left_out_on_purpose(unanswered: list[tuple[str, str]]) -> None:
    unnamed = [f"{method} {path}" for method, path in unanswered if not path.startswith(tuple(LEFT_OUT))]
    assert not unnamed, "answer these, or leave them out on purpose: " + ", ".join(unnamed)


def test_what_is_left_out_is_left_out_as_a_whole(unanswered: list[tuple[str, str]]) -> None:
    paths = {path for _, path in unanswered}
    assert [beginning for beginning in LEFT_OUT if not any(path.startswith(beginning) for path in paths)] == []


def test_guide_names_what_is_left_out() -> None:
    guide = (ROOT / "docs" / "guides" / "mlflow.md").read_text(encoding="utf-8")
    section = guide.partition("\n## What is left out\n")[2].partition("\n## ")[0]
    assert [words for words in LEFT_OUT.values() if words not in " ".join(section.split())] == []
