from __future__ import annotations

import pytest

from millwright.server.security import HEADERS

PLACES = (
    "/",
    "/models",
    "/api/v1/models",
    "/health",
    "/nowhere",
    "/api/v1/nowhere",
    "/openapi.json",
    "/assets/page.css",
)


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("header", sorted(HEADERS))
def test_header_is_on_every_answer(control, path, header):
    assert control.get(path).headers[header] == HEADERS[header]


def test_page_runs_no_script_and_loads_nothing_from_elsewhere(control):
    policy = control.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "a b", "[::2]"]
)
def test_request_for_another_host_is_misdirected(control, host):
    answer = control.get("/api/v1/models", host=host)
    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "misdirected_request"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000"])
def test_request_for_this_machine_is_answered(control, host):
    assert control.get("/api/v1/models", host=host).status_code == 200


@pytest.mark.parametrize("path", ["/models/%00", "/api/v1/runs?pipeline=%00", "/runs/a%0d%0aX-Evil:1", "/models/%7f"])
def test_control_characters_in_an_address_are_refused(control, path):
    answer = control.get(path)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed_request"
    assert "x-evil" not in answer.headers


def test_head_is_answered_as_get(control):
    assert control.client.head("/health").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/models", "/api/v1/models", "/api/v1/audit", "/audit", "/openapi.json"])
def test_method_that_could_change_something_is_refused(control, method, path):
    answer = control.client.request(method, path)
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
