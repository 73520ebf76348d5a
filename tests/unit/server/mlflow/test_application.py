from __future__ import annotations

import asyncio

import pytest

from millwright.core.errors import PayloadTooLargeError
from millwright.server.mlflow.application import read_body
from millwright.server.mlflow.probe import server_info


def test_unknown_endpoint_is_answered_like_any_missing_page(wire):
    answer = wire.ask("GET", "no/such/endpoint")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_wrong_method_is_405_with_the_right_one(wire):
    answer = wire.ask("POST", "/api/3.0/mlflow/server-info", {})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_wire_answers_under_both_prefixes_with_the_headers_of_the_guard(wire):
    for prefix in ("api", "ajax-api"):
        answer = wire.ask("GET", f"/{prefix}/3.0/mlflow/server-info")
        assert answer.status_code == 200
        assert answer.json()["store_type"] == "SqlStore"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_pages_and_native_api_stay_where_they_are(wire):
    assert wire.ask("GET", "/health").text == "OK"
    assert wire.ask("GET", "/api/v1/runs").status_code == 200
    assert wire.ask("GET", "/").status_code == 200


def test_foreign_host_is_refused_on_the_wire_too(wire):
    assert wire.ask("GET", "/api/3.0/mlflow/server-info", headers={"host": "evil.example"}).status_code == 421


def messages(*chunks: bytes, end=True):
    queue = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    queue.append({"type": "http.request", "body": b"", "more_body": False} if end else {"type": "http.disconnect"})

    async def receive() -> dict[str, object]:
        return queue.pop(0)

    return receive


def test_body_is_read_whole_up_to_its_limit():
    assert asyncio.run(read_body(messages(b"ab", b"cd"), 4)) == b"abcd"
    with pytest.raises(PayloadTooLargeError, match="at most 3 bytes"):
        asyncio.run(read_body(messages(b"ab", b"cd"), 3))
    with pytest.raises(ConnectionError):
        asyncio.run(read_body(messages(b"ab", end=False), 9))


def test_server_says_what_store_it_has():
    assert b"SqlStore" in server_info(None, None).body
