from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from millwright.core.listener import listener_url, open_listener
from millwright.deployment.realtime.http_server import HttpServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def running(make_serving):
    serving = make_serving()
    listener = open_listener("127.0.0.1", 0)
    started = threading.Event()
    server = HttpServer(serving.app, serving.state, drain_s=5, started=started.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    assert started.wait(10)
    with contextlib.closing(listener), httpx.Client(base_url=listener_url(listener, "127.0.0.1")) as client:
        yield serving, server, client
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


def test_server_answers_over_http(running, row):
    _, _, client = running
    response = client.post("/predict", json=row)
    assert (response.status_code, response.headers["x-model-version"]) == (200, "delay@1")


def test_body_over_the_limit_is_refused_and_the_connection_goes_on(running, row):
    _, _, client = running
    assert client.post("/predict", content=b"x" * (17 << 20)).status_code == 413
    assert client.post("/predict", json=row).status_code == 200


def test_body_without_a_length_is_refused_while_it_arrives(running):
    _, _, client = running

    def parts() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * (1 << 20)

    assert client.post("/predict", content=parts()).status_code == 413


def test_draining_server_tells_busy_callers_to_close(running, row):
    serving, server, client = running
    client.post("/predict", json=row)
    server.stop()
    assert serving.state.draining
    response = client.post("/predict", json=row)
    assert (response.status_code, response.headers["connection"]) == (200, "close")


def test_request_in_flight_is_answered_before_the_end(running, row):
    serving, server, client = running
    predict = serving.predictor.predict_rows

    def slow(rows: object) -> object:
        time.sleep(1)
        return predict(rows)

    serving.predictor.predict_rows = slow
    threading.Timer(0.2, server.stop).start()
    assert client.post("/predict", json=row).status_code == 200
