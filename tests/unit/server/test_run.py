from __future__ import annotations

import socket
import threading

import httpx
import pytest

from millwright.core.errors import ConfigurationError, ServiceUnavailableError
from millwright.server.run import ServerOptions, serve
from millwright.server.service import services_of
from millwright.workspace.workspace import Workspace


def start(folder, options, **more):
    with Workspace.open(folder) as workspace:
        serve(options, services_of(workspace), **more)


def test_server_answers_until_it_is_stopped(watched_once):
    told, started, stop = [], threading.Event(), threading.Event()

    def ready(url: str) -> None:
        told.append(url)
        started.set()

    options = ServerOptions(port=0)
    thread = threading.Thread(target=start, args=(watched_once, options), kwargs={"ready": ready, "stop": stop})
    thread.start()
    try:
        assert started.wait(20)
        answer = httpx.get(f"{told[0]}/api/v1/models")
        assert [model["name"] for model in answer.json()["items"]] == ["late-visit"]
        assert "server" not in answer.headers
        head = httpx.head(f"{told[0]}/models")
        assert (head.status_code, head.content) == (200, b"")
        assert httpx.get(told[0], headers={"host": "evil.example"}).status_code == 421
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
    with pytest.raises(httpx.ConnectError):
        httpx.get(told[0])


def test_port_in_use_is_said(watched_once):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServiceUnavailableError, match="is in use"):
        start(watched_once, ServerOptions(port=taken.getsockname()[1]))


def test_address_that_others_reach_is_refused_as_long_as_nobody_could_log_in(watched_once):
    with pytest.raises(ConfigurationError, match="mw users add NAME"):
        start(watched_once, ServerOptions(host="0.0.0.0", port=0))  # noqa: S104 (it is refused)
