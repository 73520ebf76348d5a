from __future__ import annotations

import pytest

from millwright.server.traffic.limit import Limits, RequestRate

UPLOAD = "/api/2.0/mlflow-artifacts/artifacts/1/a"


@pytest.fixture
def client(client_of, app):
    return client_of(Limits(app, RequestRate(0), max_body_bytes=1000, max_artifact_bytes=5000))


def test_rate_lets_a_minute_through_at_once_and_then_evenly():
    now = [0.0]
    rate = RequestRate(60, lambda: now[0])
    assert [rate.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert rate.wait_s("a") == pytest.approx(1.0)
    assert rate.wait_s("b") == 0
    now[0] = 1.0
    assert rate.wait_s("a") == 0
    assert rate.wait_s("a") > 0
    now[0] = 1000.0
    assert [rate.wait_s("a") for _ in range(61)].count(0.0) == 60


def test_no_rate_is_no_limit_and_memory_is_bounded():
    assert RequestRate(0).wait_s("a") == 0
    rate = RequestRate(1)
    for each in range(10_050):
        rate.wait_s(str(each))
    assert len(rate._buckets) == 10_000


def test_client_that_asks_too_often_is_told_when_to_come_again(client_of, app):
    client = client_of(Limits(app, RequestRate(2), max_body_bytes=0, max_artifact_bytes=0))
    assert [client.get("/a").status_code for _ in range(3)] == [200, 200, 429]
    answer = client.post("/api/2.0/mlflow/runs/get", json={})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 30
    assert answer.json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert client.get("/a").json()["error"]["code"] == "too_many_requests"
    assert client.get("/health").status_code == 200


def test_body_at_its_limit_is_taken_and_a_longer_one_refused(client):
    assert client.post("/a", content=b"x" * 1000).text == "1000"
    answer = client.post("/a", content=b"x" * 1001)
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert "1,000 bytes" in answer.json()["error"]["message"]


def test_body_in_chunks_is_refused_as_soon_as_it_is_too_long(client):
    assert client.post("/a", content=iter([b"x" * 500] * 2)).text == "1000"
    assert client.post("/a", content=iter([b"x" * 500] * 3)).status_code == 413


def test_artifact_has_a_limit_of_its_own(client):
    assert client.put(UPLOAD, content=b"x" * 5000).text == "5000"
    assert client.put(UPLOAD, content=b"x" * 5001).status_code == 413
    assert client.post(UPLOAD, content=b"x" * 1001).status_code == 413
