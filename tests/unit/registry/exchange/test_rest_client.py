from __future__ import annotations

import base64
import json
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from millwright.core.errors import ConfigurationError, InvalidInputError, NotFoundError, ServiceUnavailableError
from millwright.registry.exchange.rest_client import RestClient


@pytest.fixture
def server():
    """Answers what the test puts in `answers`, one after the other."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            listening.requests.append((self.command, self.path, body, dict(self.headers)))
            status, text = listening.answers.pop(0)
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        listening.answers, listening.requests = [], []
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


@pytest.fixture
def client(server, monkeypatch):
    monkeypatch.setattr("millwright.registry.exchange.rest_client.time.sleep", lambda _: None)
    opened = RestClient(f"http://127.0.0.1:{server.server_port}/prefix/")
    yield opened
    opened.close()


def test_listing_is_read_in_pages(server, client):
    server.answers = [(200, b'{"runs": [{"a": 1}], "next_page_token": "t"}'), (200, b'{"runs": [{"a": 2}]}')]
    assert list(client.list_all("POST", "runs/search", "runs", max_results=1)) == [{"a": 1}, {"a": 2}]
    method, path, body, _ = server.requests[1]
    assert (method, path) == ("POST", "/prefix/api/2.0/mlflow/runs/search")
    assert json.loads(body) == {"max_results": 1, "page_token": "t"}


def test_server_that_is_busy_is_asked_again_with_the_whole_body(server, client, tmp_path):
    (tmp_path / "x").write_bytes(b"data")
    server.answers = [(503, b"busy"), (429, b""), (200, b"{}")]
    with (tmp_path / "x").open("rb") as file:
        client.upload("1/ü x", file)
    assert [request[2] for request in server.requests] == [b"data"] * 3
    assert server.requests[0][1].endswith("/mlflow-artifacts/artifacts/1/%C3%BC%20x")


@pytest.mark.parametrize(
    ("status", "text", "error", "told"),
    [
        (404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "gone"}', NotFoundError, "gone"),
        (400, b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "gone"}', NotFoundError, "gone"),
        (400, b'{"error_code": "INVALID_PARAMETER_VALUE", "message": "no"}', InvalidInputError, "no"),
        (403, b"<h1>no</h1>", InvalidInputError, "403"),
        (500, b"oops", ServiceUnavailableError, "oops"),
    ],
)
def test_refusal_is_told(server, client, status, text, error, told):
    server.answers = [(status, text)]
    with pytest.raises(error, match=told):
        client.get("runs/get", run_id="a")
    assert len(server.requests) == 1


def test_server_that_stays_away_is_an_error(server, client):
    server.answers = [(502, b"")] * 5
    with pytest.raises(ServiceUnavailableError, match="it answered 502"):
        client.get("runs/get")


def test_credentials_are_those_of_mlflows_clients(server, monkeypatch):
    server.answers = [(200, b""), (200, b"")]
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "pw")
    with closing(RestClient(url)) as client:
        client.get("x")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t0ken")
    with closing(RestClient(url)) as client:
        client.get("x")
    sent = [request[3]["authorization"] for request in server.requests]
    assert sent == ["Basic " + base64.b64encode(b"ada:pw").decode(), "Bearer t0ken"]


@pytest.mark.parametrize("url", ["", "mlflow.db", "ftp://x", "http://"])
def test_url_of_another_kind_is_refused(url):
    with pytest.raises(ConfigurationError, match="URL of an MLflow server"):
        RestClient(url)
