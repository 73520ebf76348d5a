from __future__ import annotations

import json

import msgspec

from millwright.server.mlflow.document import wire_document
from millwright.server.mlflow.permission import Access, Rule, server
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.routes import all_routes


class Ask(msgspec.Struct):
    run_id: str = ""
    keys: list[str] = msgspec.field(default_factory=list)


def route(method, path, **more):
    return Route(method=method, path=path, handler=ask, rule=Rule(Access.READ, server), **more)


def ask(_call, _body):
    """Answer a question.

    At length.
    """


def test_document_describes_bodies_queries_and_paths():
    document = wire_document(
        [
            route("GET", "/a", body=Ask, required=("run_id",)),
            route("POST", "/a", body=Ask, versions=(2, 3)),
            route("PUT", "/files/{name:path}", mode=Mode.STREAM),
        ]
    )
    assert set(document["paths"]) == {"/api/2.0/a", "/api/3.0/a", "/api/2.0/files/{name}"}
    get = document["paths"]["/api/2.0/a"]["get"]
    assert get["summary"] == "Answer a question."
    assert [(each["name"], each["required"]) for each in get["parameters"]] == [("run_id", True), ("keys", False)]
    assert document["paths"]["/api/3.0/a"]["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Ask"
    }
    assert document["paths"]["/api/2.0/files/{name}"]["put"]["parameters"][0]["name"] == "name"


def test_every_endpoint_is_described_in_words_and_its_document_is_json():
    document = wire_document(all_routes())
    json.dumps(document)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], f"{method} {path}"


def test_document_is_served(wire):
    assert wire.ask("GET", "/openapi-mlflow.json").json()["openapi"] == "3.1.0"
