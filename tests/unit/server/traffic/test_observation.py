from __future__ import annotations

import logging

import pytest

from millwright.server.traffic.metrics import RequestMetrics
from millwright.server.traffic.observation import Observation


@pytest.fixture
def metrics() -> RequestMetrics:
    return RequestMetrics(())


@pytest.fixture
def client(client_of, app, metrics):
    return client_of(Observation(app, metrics, access_log=True))


def test_request_keeps_the_id_that_it_came_with(client):
    assert client.get("/a", headers={"x-request-id": "trace-1.a_B"}).headers["x-request-id"] == "trace-1.a_B"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a;b", "<script>", "é"])
def test_other_ids_are_replaced(client, given):
    made = client.get("/a", headers={"x-request-id": given.encode("latin-1")}).headers["x-request-id"]
    assert made != given
    assert len(made) == 32


def test_request_is_logged_with_what_became_of_it(client, caplog):
    with caplog.at_level(logging.INFO, "millwright"):
        client.get("/a?token=secret")
    told = caplog.records[-1].fields
    assert (told["method"], told["path"], told["status"], told["actor"]) == ("GET", "/a", 200, None)
    assert "secret" not in str(told)


def test_failure_is_answered_counted_and_logged_with_its_traceback(client, caplog, metrics):
    answer = client.get("/broken")
    assert (answer.status_code, answer.text) == (500, "Something unexpected went wrong here.")
    assert "x-request-id" in answer.headers
    assert any(record.exc_info for record in caplog.records)
    assert b'status="500"} 1.0' in metrics.text()[0]


def test_only_failures_are_logged_unless_asked_for(client_of, app, metrics, caplog):
    client = client_of(Observation(app, metrics, access_log=False))
    with caplog.at_level(logging.INFO, "millwright"):
        client.get("/a")
        assert caplog.records == []
        client.get("/broken")
    assert [record.fields["status"] for record in caplog.records if record.message == "request"] == [500]
