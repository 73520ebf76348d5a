from __future__ import annotations

import pytest

from millwright.server.traffic.origin import Origins

LAB = "https://lab.example"
EVIL = {"origin": "https://evil.example"}


@pytest.fixture
def client(client_of, app):
    return client_of(Origins(app, [LAB + "/"]))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        EVIL,
        {"origin": "null"},
        {"origin": "http://mill.example:81"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "\x01"},
        {"origin": "http://["},
        {"sec-fetch-site": "Cross-Site"},
        {"origin": "http://mill.example", "sec-fetch-site": "same-site"},
        [("origin", "http://evil.example"), ("origin", "http://mill.example")],
    ],
)
def test_page_of_another_origin_changes_nothing(client, method, headers):
    answer = client.request(method, "/a", headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://mill.example"}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}]
)
def test_programs_and_our_own_pages_pass(client, headers):
    assert client.post("/a", headers=headers).status_code == 200


def test_page_of_another_origin_may_ask_but_not_read(client):
    answer = client.get("/a", headers=EVIL)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_listed_origin_reads_and_changes(client):
    answer = client.post("/a", headers={"origin": LAB})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == LAB
    assert answer.headers["vary"] == "origin"


def test_preflight_is_answered_for_listed_origins_only(client):
    asked = {"access-control-request-method": "PUT", "access-control-request-headers": "authorization"}
    answer = client.options("/a", headers={"origin": LAB, **asked})
    assert answer.status_code == 204
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization"
    assert client.options("/a", headers={**EVIL, **asked}).status_code == 403
