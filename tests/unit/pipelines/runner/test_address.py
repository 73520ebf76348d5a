"""A server of this process that answers HEAD as it is told, and fsspec's file system in memory."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import fsspec
import pytest

from millwright.pipelines.runner.address import identify

if TYPE_CHECKING:
    from collections.abc import Iterator


class Answers(BaseHTTPRequestHandler):
    headers_to_send: ClassVar[dict[str, str]] = {}
    status: ClassVar[int] = 200
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_HEAD(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization")))
        self.send_response(self.status)
        for name, value in self.headers_to_send.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Answers.headers_to_send, Answers.status, Answers.asked = {}, 200, []
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_http_address_is_known_by_its_etag_or_time_of_change(server: str, header: str) -> None:
    Answers.headers_to_send = {header: '"one"', "Content-Length": "3"}
    first, why = identify(f"{server}/data.csv")
    assert first is not None
    assert why == ""
    assert identify(f"{server}/data.csv")[0] == first
    assert identify(f"{server}/other.csv")[0] != first
    Answers.headers_to_send = {header: '"two"', "Content-Length": "3"}
    assert identify(f"{server}/data.csv")[0] != first


def test_http_address_without_either_is_not_known(server: str) -> None:
    Answers.headers_to_send = {"Content-Length": "3"}
    assert identify(f"{server}/data.csv") == (None, f"nothing tells whether {server}/data.csv has changed")


def test_server_that_refuses_or_is_not_there_is_told(server: str) -> None:
    Answers.status = 404
    digest, why = identify(f"{server}/data.csv")
    assert digest is None
    assert "cannot be asked whether it has changed (HTTP Error 404" in why
    digest, why = identify("http://127.0.0.1:1/data.csv")
    assert digest is None
    assert why.startswith("http://127.0.0.1:1/data.csv cannot be asked")


def test_credentials_are_used_and_are_in_no_answer(server: str) -> None:
    Answers.headers_to_send = {"ETag": '"one"'}
    plain = identify(f"{server}/data.csv")
    assert identify(f"{server.replace('//', '//ann:secret@')}/data.csv") == plain
    assert Answers.asked[-1] == ("/data.csv", "Basic YW5uOnNlY3JldA==")
    Answers.headers_to_send = {}
    assert "secret" not in identify(f"{server.replace('//', '//ann:secret@')}/data.csv?token=secret")[1]


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/mw-test", recursive=True)


def test_file_behind_fsspec_is_known_by_time_and_size(memory: Any) -> None:
    memory.pipe("/mw-test/a.csv", b"one")
    first = identify("memory://mw-test/a.csv")
    assert first[0] is not None
    assert identify("memory://mw-test/a.csv") == first
    memory.pipe("/mw-test/a.csv", b"three")
    assert identify("memory://mw-test/a.csv") != first


def test_folder_behind_fsspec_is_known_by_its_files(memory: Any) -> None:
    memory.pipe("/mw-test/a.csv", b"one")
    first = identify("memory://mw-test")
    assert first[0] is not None
    memory.pipe("/mw-test/deep/b.csv", b"two")
    assert identify("memory://mw-test") != first


@pytest.mark.parametrize("url", ["postgresql://host/db?sslmode=require", "nosuch://host/file", "memory://mw-test/gone"])
def test_address_that_nothing_tells_about_is_told(url: str) -> None:
    digest, why = identify(url)
    assert digest is None
    assert why.startswith(f"{url} cannot be asked whether it has changed")
