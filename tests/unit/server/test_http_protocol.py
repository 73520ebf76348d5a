"""Bytes on a real socket, against the server as it runs."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from millwright.server import http_protocol
from millwright.server.http_protocol import MOST_HEAD_BYTES
from millwright.server.options import ServerOptions
from millwright.server.run import serve
from millwright.server.service import services_of
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CREATE = b"POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    stop, ready, told = threading.Event(), threading.Event(), []

    def tell(url: str) -> None:
        told.append(urlsplit(url))
        ready.set()

    with pytest.MonkeyPatch.context() as patch, Workspace.open(tmp_path_factory.mktemp("bounds")) as workspace:
        for name, seconds in (("HEAD_S", 0.5), ("IDLE_S", 0.5), ("CHECK_S", 0.1)):
            patch.setattr(http_protocol, name, seconds)
        thread = threading.Thread(
            target=serve, args=(ServerOptions(port=0), services_of(workspace)), kwargs={"ready": tell, "stop": stop}
        )
        thread.start()
        assert ready.wait(30)
        yield told[0].hostname, told[0].port
        stop.set()
        thread.join(30)


def answers(address: tuple[str, int], *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """What comes back until the server closes the connection, or nothing more comes."""
    with socket.create_connection(address, timeout=3) as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
            except OSError:
                break
            time.sleep(pause_s)
        got = b""
        try:
            while more := connection.recv(65_536):
                got += more
        except OSError:
            pass
        return got


def test_requests_follow_each_other_on_a_connection(address):
    got = answers(address, HEAD + b"\r\n", HEAD + b"\r\n" + HEAD + b"\r\n", HEAD + b"Connection: close\r\n\r\n")
    assert got.count(b"200 OK") == 4


@pytest.mark.parametrize(
    "flood",
    [
        HEAD + b"X: " + b"a" * MOST_HEAD_BYTES + b"\r\n\r\n",
        HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(30_000)) + b"\r\n",
        HEAD + b"X: " + b"a" * (8 << 20),
        b"GET /" + b"a" * (8 << 20),
    ],
    ids=["one long header", "many headers", "a header without end", "a line without end"],
)
def test_head_without_measure_is_refused(address, flood):
    got = answers(address, flood)
    assert got == b"" or got.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
    assert b"200 OK" not in got


def test_long_but_fair_request_line_is_answered(address):
    query = b"&".join(b"run_id=" + b"a" * 32 for _ in range(100))
    assert b"200 OK" in answers(
        address, b"GET /health?" + query + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    )


@pytest.mark.parametrize("piece", [b"", b"GET /hea", HEAD, CREATE + b"Content-Length: 100\r\n\r\n{"])
def test_client_that_keeps_us_waiting_is_left(address, piece):
    begun = time.monotonic()
    assert b"200 OK" not in answers(address, piece)
    assert time.monotonic() - begun < 2.5


def test_slow_but_steady_body_is_read(address):
    body = b'{"name": "slow but steady"}'
    pieces = [body[at : at + 3] for at in range(0, len(body), 3)]
    head = CREATE + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert b'"experiment_id"' in answers(address, head, *pieces, pause_s=0.1)


def test_headers_behind_the_body_are_dropped(address):
    body = b'{"name": "trailers"}'
    chunk = b"%x\r\n%s\r\n0\r\n" % (len(body), body)
    trailers = b"X-Request-Id: planted\r\nOrigin: http://evil\r\n\r\n"
    got = answers(address, CREATE + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + trailers)
    assert b'"experiment_id"' in got
    assert b"planted" not in got


def test_client_that_leaves_is_no_failure_of_ours(address, caplog):
    with socket.create_connection(address, timeout=3) as connection:
        connection.sendall(CREATE + b"Content-Length: 100\r\n\r\n{")
        time.sleep(0.1)
    time.sleep(0.3)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
