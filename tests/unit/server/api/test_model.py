from __future__ import annotations

import json


def test_model_comes_with_its_aliases(control):
    detail = control.json("/api/v1/models/late-visit")
    assert detail["model"]["name"] == "late-visit"
    assert [(alias["alias"], alias["version"]) for alias in detail["aliases"]] == [("champion", 1)]


def test_version_comes_with_aliases_and_approvals(control):
    detail = control.json("/api/v1/models/late-visit/versions/1")
    assert detail["version"]["state"] == "approved"
    assert detail["aliases"][0]["alias"] == "champion"
    assert isinstance(detail["approvals"], list)
    assert control.json("/api/v1/models/late-visit/versions")["items"] == [detail["version"]]
    assert control.json("/api/v1/versions")["items"] == [detail["version"]]
    assert control.json("/api/v1/aliases")["items"] == detail["aliases"]


def test_version_is_explained(control):
    explained = control.json("/api/v1/models/late-visit/versions/1/explanation")
    assert explained["gates_passed"] is True
    assert explained["datasets"][0]["ref"] == "visits@1"


def test_document_is_a_file_to_be_saved(control):
    answer = control.get("/api/v1/models/late-visit/versions/1/documents/report.html")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="late-visit-1-report.html"'
    gates = control.get("/api/v1/models/late-visit/versions/1/documents/gates.json")
    assert json.loads(gates.content)["passed"] is True
