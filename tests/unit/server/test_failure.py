from __future__ import annotations

import logging

import pytest
from litestar.exceptions import ClientException, InternalServerException

from millwright.core.errors import MalformedRequestError, NotFoundError
from millwright.server.failure import as_error


def is_error(document):
    return set(document) == {"error"} and set(document["error"]) == {"code", "message", "hint", "details"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/nowhere", 404, "not_found"),
        ("/api/v1/nowhere", 404, "not_found"),
        ("/api/v1/models/nobody", 404, "not_found"),
        ("/api/v1/models/late-visit/versions/99", 404, "not_found"),
        ("/api/v1/models/late-visit/versions/x", 404, "not_found"),
        ("/api/v1/models/late-visit/versions/0", 422, "invalid_input"),
        ("/api/v1/models/late-visit/versions/99999999999999999999", 422, "invalid_input"),
        ("/api/v1/models/late-visit/versions/1/documents/none.txt", 404, "not_found"),
        ("/api/v1/runs/nothing", 404, "not_found"),
        ("/api/v1/runs?limit=0", 422, "invalid_input"),
        ("/api/v1/runs?limit=1001", 422, "invalid_input"),
        ("/api/v1/runs?limit=many", 422, "invalid_input"),
        ("/api/v1/lineage", 422, "invalid_input"),
        ("/api/v1/lineage?kind=cat&node=x", 422, "invalid_input"),
        ("/api/v1/predictions/x/why", 404, "not_found"),
        ("/api/v1/reports/x", 404, "not_found"),
        ("/api/v1/endpoints/x", 404, "not_found"),
        ("/api/v1/datasets/x/versions", 404, "not_found"),
        ("/api/v1/audit/verify?head=x", 422, "invalid_input"),
        ("/models/nobody", 404, "not_found"),
        ("/predictions", 422, "invalid_input"),
    ],
)
def test_failure_has_the_one_shape(control, path, status, code):
    answer = control.get(path)
    assert answer.status_code == status, answer.text
    assert is_error(answer.json())
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


def test_wrong_parameter_is_named_with_what_was_expected(control):
    error = control.get("/api/v1/runs?limit=0").json()["error"]
    assert "limit" in error["message"]
    assert ">= 1" in error["message"]


def test_missing_parameter_is_named(control):
    error = control.get("/api/v1/lineage?kind=dataset").json()["error"]
    assert error["message"] == "Expected the query parameter 'node', found none."
    assert error["details"] == {"parameters": ["Expected the query parameter 'node', found none"]}


def test_unknown_name_is_answered_with_the_nearest(control):
    assert "late-visit" in control.get("/api/v1/models/late-vist").json()["error"]["hint"]


def test_failure_of_a_page_is_a_page_for_browsers_and_json_for_programs(control):
    answer = control.get("/models/<b>nobody", accept="text/html,*/*")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no model &#39;&lt;b&gt;nobody&#39;." in answer.text
    assert is_error(control.get("/api/v1/nowhere", accept="text/html").json())


def test_what_nobody_foresaw_is_logged_and_told_without_details(caplog):
    with caplog.at_level(logging.ERROR):
        error = as_error(RuntimeError("the secret"), method="GET", path="/x")
    assert (error.http_status, error.code) == (500, "internal")
    assert "secret" not in str(error)
    assert "GET /x failed" in caplog.text


def test_failures_of_the_framework_become_ours():
    assert isinstance(as_error(ClientException("bad"), method="GET", path="/x"), MalformedRequestError)
    assert as_error(InternalServerException("worse"), method="GET", path="/x").http_status == 500
    own = NotFoundError("gone")
    assert as_error(own, method="GET", path="/x") is own
