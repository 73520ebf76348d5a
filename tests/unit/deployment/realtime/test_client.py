from __future__ import annotations

import json
import socket
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from millwright.core.errors import ConfigurationError, InvalidInputError, NotFoundError, ServiceUnavailableError
from millwright.deployment.realtime.client import PredictionClient


class Handler(BaseHTTPRequestHandler):
    """Answers like the server; fails as its server object tells it to."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.client_address, self.path, json.loads(body)))
        if self.server.hang_ups:
            self.server.hang_ups -= 1
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        rows = json.loads(body)["rows"]
        answer = self.server.answer or {
            "predictions": [{"prediction": row["x"], "prediction_id": f"id{row['x']}"} for row in rows]
        }
        content = json.dumps(answer).encode() if not isinstance(answer, bytes) else answer
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(content)))
        self.send_header("x-model-version", "delay@3")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.seen, server.hang_ups, server.status, server.answer = [], 0, 200, None
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(server):
    with PredictionClient(f"http://127.0.0.1:{server.server_port}", batch_rows=2) as client:
        yield client


def test_rows_are_sent_in_batches_over_one_connection(server, client):
    found = client.predict([{"x": number} for number in range(5)], keys=list("abcde"))
    assert [row["prediction"] for row in found.outputs] == [0, 1, 2, 3, 4]
    assert found.ids == ("id0", "id1", "id2", "id3", "id4")
    assert found.models == ("delay@3",) * 5
    assert [body.get("keys") for _, _, body in server.seen] == [["a", "b"], ["c", "d"], ["e"]]
    assert len({address for address, _, _ in server.seen}) == 1
    assert {path for _, path, _ in server.seen} == {"/predict"}


def test_no_rows_need_no_server():
    with PredictionClient("http://127.0.0.1:1") as client:
        assert client.predict([]).ids == ()


def test_values_that_json_lacks_are_written_for_it(server, client):
    client.predict([{"x": 1, "day": date(2026, 1, 31), "number": float("nan")}])
    assert server.seen[0][2] == {"rows": [{"x": 1, "day": "2026-01-31", "number": None}]}


def test_request_is_sent_again_when_the_connection_breaks(server, client):
    server.hang_ups = 2
    assert client.predict([{"x": 1}]).ids == ("id1",)
    assert len(server.seen) == 3


def test_server_that_keeps_breaking_is_told(server, client):
    server.hang_ups = 9
    with pytest.raises(ServiceUnavailableError, match="found none that answers"):
        client.predict([{"x": 1}])
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [(422, InvalidInputError), (400, InvalidInputError), (404, NotFoundError), (503, ServiceUnavailableError)],
)
def test_refusal_is_passed_on_and_not_repeated(server, client, status, kind):
    server.status = status
    server.answer = {"error": {"code": "x", "message": "Expected less.", "hint": "Send less.", "details": {"row": 1}}}
    with pytest.raises(kind) as caught:
        client.predict([{"x": 1}])
    assert (caught.value.message, caught.value.hint, caught.value.details) == (
        "Expected less.",
        "Send less.",
        {"row": 1},
    )
    assert len(server.seen) == 1


@pytest.mark.parametrize(("status", "answer"), [(200, b"<html>"), (200, {"rows": []}), (502, b"<html>"), (404, b"[]")])
def test_other_kind_of_server_is_told(server, client, status, answer):
    server.status, server.answer = status, answer
    with pytest.raises((ServiceUnavailableError, NotFoundError)):
        client.predict([{"x": 1}])


def test_server_that_is_not_there_is_told_with_how_to_start_one():
    with PredictionClient("http://127.0.0.1:1") as client, pytest.raises(ServiceUnavailableError, match="mw serve"):
        client.predict([{"x": 1}])


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://x", "http://", "http://x:port"])
def test_text_that_is_no_url_is_refused(url):
    with pytest.raises(ConfigurationError, match="Expected a server's URL"):
        PredictionClient(url)


def test_wrong_number_of_keys_is_refused(client):
    with pytest.raises(InvalidInputError, match="Expected 1 keys"):
        client.predict([{"x": 1}], keys=[])
