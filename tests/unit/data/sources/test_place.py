from __future__ import annotations

from base64 import b64decode
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, StorageError
from millwright.data.sources.place import fetched, remote_errors
from millwright.data.sources.source import read_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        login = self.headers.get("Authorization", "")
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/seen")
            self.end_headers()
            return
        known = b64decode(login.removeprefix("Basic ")).decode() == "ann:p@ss" if login else False
        body = f"login\n{'yes' if login else 'no'}\n" if self.path == "/seen" else "a\n1\n"
        self.send_response(200 if known or self.path in {"/open.csv", "/seen"} else 403)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        pass


@pytest.fixture
def host() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=partial(server.serve_forever, poll_interval=0.01))
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_local_file_lies_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a\n1\n")
    for name in (str(path), f"file://{path}"):
        with fetched(name) as file:
            assert file.path == path
            assert (file.digest, file.size) == (digest_bytes(b"a\n1\n"), 4)


def test_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a\n1\n")
    with pytest.raises(InvalidInputError, match="was changed while it was read"), fetched(str(path)):
        path.write_bytes(b"a\n1\n2\n")


def test_remote_file_is_a_copy_that_goes(host: str) -> None:
    with fetched(f"http://{host}/open.csv") as file:
        assert file.digest == digest_bytes(b"a\n1\n")
    assert not file.path.exists()


def test_login_opens_and_stands_in_no_record(host: str) -> None:
    table = read_source(f"http://ann:p%40ss@{host}/closed.csv")
    assert table.frame.rows() == [("1",)]
    assert table.uri == f"http://{host}/closed.csv"
    with pytest.raises(StorageError, match="403") as caught:
        read_source(f"http://ann:wrong-one@{host}/closed.csv?token=abcdef")
    assert "wrong-one" not in str(caught.value)
    assert "abcdef" not in str(caught.value)


def test_login_is_not_sent_on_to_where_a_server_points(host: str) -> None:
    from millwright.data.sources.request import SourceOptions

    frame = read_source(f"http://ann:p%40ss@{host}/away.csv", SourceOptions(format="csv")).frame
    assert frame.rows() == [("no",)]


def test_what_a_file_system_s_library_raises_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoCredentialsError(Exception):
        """As botocore's: of no base that Python has."""

    def fail(self: object, path: str, **options: object) -> None:
        raise NoCredentialsError("Unable to locate credentials")

    monkeypatch.setattr("fsspec.implementations.memory.MemoryFileSystem._open", fail)
    with pytest.raises(StorageError, match=r"Cannot read memory://t.csv: Unable to locate credentials") as caught:
        read_source("memory://t.csv")
    assert "login" in str(caught.value.hint)


def test_mistakes_of_our_own_stay_what_they_are() -> None:
    with pytest.raises(KeyError), remote_errors("memory://t.csv"):
        raise KeyError("a")
