from __future__ import annotations

from typing import Any

import pytest
from litestar.testing import TestClient

from millwright.server.app import build_app
from millwright.server.options import ServerOptions
from millwright.server.service import services_of
from millwright.workspace.workspace import Workspace


@pytest.fixture
def ask(tmp_path):
    clients = []

    def make(options: ServerOptions) -> TestClient[Any]:
        app = build_app(services_of(workspace), options)
        client = TestClient(app, base_url="http://127.0.0.1")
        clients.append(client)
        client.__enter__()
        return client

    with Workspace.open(tmp_path) as workspace:
        yield make
        for client in clients:
            client.__exit__(None, None, None)


def test_every_layer_is_in_place(ask):
    client = ask(ServerOptions(max_body_bytes=100, requests_per_minute=5, cors_origins=("https://lab.example",)))
    assert client.post("/api/2.0/mlflow/runs/get", content=b"x" * 101).status_code == 413
    assert client.post("/api/2.0/mlflow/runs/get", headers={"origin": "https://evil.example"}).status_code == 403
    told = client.get("/version", headers={"origin": "https://lab.example"}).headers
    assert told["access-control-allow-origin"] == "https://lab.example"
    assert told["x-content-type-options"] == "nosniff"
    assert told["x-request-id"]
    statuses = [client.get("/api/v1/models").status_code for _ in range(6)]
    assert statuses[-1] == 429


def test_whoever_reaches_a_server_without_authentication_may_do_everything(ask):
    client = ask(ServerOptions())
    assert client.get("/api/v1/audit").status_code == 200
    assert client.get("/api/2.0/mlflow/webhooks").status_code == 200


def test_server_that_asks_who_knows_addresses_but_no_foreign_names(ask):
    client = ask(ServerOptions(auth=True))
    assert client.get("/version", headers={"host": "10.1.2.3:8000"}).status_code == 200
    assert client.get("/version", headers={"host": "[fe80::1]:8000"}).status_code == 200
    assert client.get("/version", headers={"host": "evil.example"}).status_code == 421
    assert ask(ServerOptions()).get("/version", headers={"host": "10.1.2.3"}).status_code == 421
