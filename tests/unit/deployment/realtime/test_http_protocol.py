"""The same bytes for a server that answers small requests at once, and for one that asks the application for each."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.listener import open_listener
from millwright.deployment.realtime import http_protocol
from millwright.deployment.realtime.http_server import HttpServer
from millwright.deployment.realtime.loader import load_served
from millwright.deployment.realtime.quick_path import QuickPath

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD = b'{"days": 12.5, "crews": 3, "permit": true, "borough": "Queens", "start": "2026-01-31", "note": "roof"}'
ROW = b'{"days": 45.0, "crews": 3, "borough": "Queens"}'  # for the compiled model
END = "\r\n"
ID = re.compile(rb"[0-9a-f]{32}")
DATE = re.compile(rb"date: [^\r]+")


def post(body: bytes = GOOD, *, path: str = "/predict", version: str = "1.1", **headers: str) -> bytes:
    found = {"host": "h", "content-type": "application/json", "content-length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in found.items() if value]
    return f"POST {path} HTTP/{version}{END}{END.join(lines)}{END}{END}".encode() + body


def chunked(body: bytes, trailer: bytes = b"") -> bytes:
    return (
        b"POST /predict HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        b"%x\r\n%b\r\n0\r\n%b\r\n" % (len(body), body, trailer)
    )


# What is sent at once over one connection.
TALKS = {
    "a row": post(),
    "a row with a request id": post(x_request_id="mine-1"),
    "a request id that is none": post(x_request_id="x" * 200),
    "a list": post(b"[%b,%b]" % (GOOD, GOOD)),
    "rows with keys": post(b'{"rows":[%b],"keys":["k"]}' % GOOD),
    "no rows": post(b"[]"),
    "not JSON": post(b'{"days": '),
    "no body": post(b""),
    "a row that does not fit": post(b'{"days": "many"}'),
    "a row with an unknown column": post(GOOD[:-1] + b', "more": 1}'),
    "a date that is none": post(GOOD.replace(b"2026-01-31", b"someday")),
    "another content type": post(content_type="text/plain"),
    "a content type with more": post(content_type="application/json; charset=utf-8"),
    "no content type": post(content_type=""),
    "a body that is compressed badly": post(content_encoding="gzip"),
    "a header twice": post().replace(b"host: h\r\n", b"host: h\r\nx-request-id: a\r\nx-request-id: b\r\n"),
    "open inference": post(
        b'{"inputs":[{"name":"days","shape":[1],"datatype":"FP64","data":[1.5]},'
        b'{"name":"crews","shape":[1],"datatype":"INT64","data":[2]},'
        b'{"name":"borough","shape":[1],"datatype":"BYTES","data":["Bronx"]}]}',
        path="/v2/models/site/infer",
    ),
    "an endpoint that is not there": post(path="/v2/models/nobody/infer"),
    "a version that is not there": post(path="/v2/models/site/versions/9/infer"),
    "a path that is not there": post(path="/predictt"),
    "a path with a query": post(path="/predict?x=1"),
    "a path with a percent sign": post(path="/%70redict"),
    "a slash at the end": post(path="/predict/"),
    "invocations": post(b'{"instances": [%b]}' % GOOD, path="/invocations"),
    "GET": b"GET /v2/health/ready HTTP/1.1\r\nhost: h\r\n\r\n",
    "HEAD": b"HEAD /v2/health/ready HTTP/1.1\r\nhost: h\r\n\r\n",
    "PUT": post().replace(b"POST", b"PUT", 1),
    "GET of what takes POST": b"GET /predict HTTP/1.1\r\nhost: h\r\n\r\n",
    "a wish to continue": post(expect="100-continue"),
    "a chunked body": chunked(GOOD),
    "HTTP 1.0": post(version="1.0"),
    "a wish to close": post(connection="close"),
    "a wish to stay": post(connection="keep-alive"),
    "several at once": post() + post(x_request_id="second") + post(b"[]"),
    "quick and slow ones at once": post() + chunked(GOOD) + post() + post(path="/predict?x") + post(),
    "no HTTP": b"hello\r\n\r\n",
}
LAST = b"GET /v2/health/live HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"


@dataclass
class Server:
    serving: Any
    server: HttpServer
    address: tuple[str, int]

    def ask(self, *pieces: bytes) -> bytes:
        """Send, and take what comes until the server hangs up."""
        with socket.create_connection(self.address, timeout=10) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                connection.sendall(piece)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    def ask_in_turn(self, *requests: bytes) -> list[bytes]:
        """Send each request when the one before is answered."""
        found = []
        with socket.create_connection(self.address, timeout=10) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in requests:
                connection.sendall(request)
                answer = b""
                while END.encode() * 2 not in answer or len(answer) < whole_length(answer):
                    received = connection.recv(1 << 16)
                    assert received, answer
                    answer += received
                found.append(answer)
        return found

    def counted(self) -> Any:
        stats = self.serving.state.stats
        return {key: found.count for key, found in stats.routes.items()}, stats.errors, stats.predictions


@contextlib.contextmanager
def running(serving: Any, *, quick: bool, ahead: Any = None) -> Iterator[Server]:
    listener = open_listener("127.0.0.1", 0)
    started = threading.Event()
    server = HttpServer(serving.app, serving.state, drain_s=5, started=started.set, ahead=ahead)
    if not quick:
        server.config.http = "httptools"
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    assert started.wait(10)
    with contextlib.closing(listener):
        yield Server(serving, server, listener.getsockname())
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def pair(make_serving) -> Iterator[tuple[Server, Server]]:
    one, other = make_serving(), make_serving()
    other.sink = other.log._sink = type(one.sink)()  # each its own log
    with running(one, quick=True) as quick, running(other, quick=False) as slow:
        yield quick, slow


def whole_length(answer: bytes) -> int:
    head, _, _ = answer.partition(END.encode() * 2)
    found = re.search(rb"content-length: (\d+)", head)
    assert found
    return len(head) + 4 + int(found[1])


@pytest.fixture
def compiled_pair(pair, workspace) -> tuple[Server, Server]:
    for server in pair:
        served = load_served(workspace.registry.resolve("delay@champion"), workspace.stores.artifacts)
        server.serving.slot.replace(served)
    return pair


def plain(answer: bytes) -> bytes:
    return DATE.sub(b"date", ID.sub(b"id", answer))


def test_answers_counters_and_log_are_those_of_the_application(pair, monkeypatch):
    quick, slow = pair
    at_once: list[bytes] = []
    answer = QuickPath.answer

    def noting(self: QuickPath, *args: Any) -> bytes | None:
        content = answer(self, *args)
        at_once.append(content or b"")
        return content

    monkeypatch.setattr(QuickPath, "answer", noting)
    different = {}
    for name, talk in TALKS.items():
        found, expected = plain(quick.ask(talk + LAST)), plain(slow.ask(talk + LAST))
        if found != expected:
            different[name] = (found, expected)
    assert not different
    assert len(at_once) == 21
    assert all(at_once)
    assert quick.counted() == slow.counted()
    logged, expected_log = (
        [
            (record.features, record.outputs, record.version, record.at, record.endpoint, record.key)
            for record in server.serving.close()
        ]
        for server in pair
    )
    assert logged == expected_log
    assert len(logged) == 27


def test_head_that_has_come_before_is_answered_as_the_first_time(compiled_pair, monkeypatch):
    at_once: list[bytes | None] = []
    answer = QuickPath.answer_known

    def noting(self: QuickPath, *args: Any) -> bytes | None:
        at_once.append(answer(self, *args))
        return at_once[-1]

    monkeypatch.setattr(QuickPath, "answer_known", noting)
    quick, slow = compiled_pair
    wrong = b'{"days": "' + b"x" * (len(ROW) - 12) + b'"}'
    other = ROW.replace(b"45.0", b"99.5")
    assert len(wrong) == len(other) == len(ROW)
    talk = [
        post(ROW),
        post(ROW),  # known from here on
        post(other),
        post(wrong),
        post(b"[%b]" % ROW),
        post(b"[%b]" % ROW),
        post(ROW, x_request_id="a"),
        post(ROW, x_request_id="a"),
        post(ROW, content_type="text/plain"),
        b"\r\n\r\n" + post(ROW),
        post(ROW),
    ]
    found, expected = ([plain(each) for each in server.ask_in_turn(*talk)] for server in compiled_pair)
    assert found == expected
    assert found[2] != found[1]
    assert found[1] == found[-1]
    assert [content is None for content in at_once] == [False, False, True, True, False]
    # A head in two pieces, two requests in one, a body that goes on: the parser puts them together.
    for pieces in (
        (post(ROW)[:1], post(ROW)[1:] + LAST),
        (post(ROW) + post(ROW) + LAST,),
        (post(ROW)[:-7], post(ROW)[-7:] + LAST),
    ):
        assert plain(quick.ask(*pieces)) == plain(slow.ask(*pieces))
    assert quick.ask(b"P", post(ROW)).startswith(b"HTTP/1.1 400")  # it is no POST
    assert len(at_once) == 5
    assert quick.counted() == slow.counted()
    assert len(quick.serving.close()) == len(slow.serving.close())


def test_caller_who_is_sent_away_is_told_with_a_known_head_too(compiled_pair):
    server = compiled_pair[0]
    with socket.create_connection(server.address, timeout=10) as one:
        for _ in range(3):
            one.sendall(post(ROW))
            assert b"connection: close" not in one.recv(1 << 16)
        server.server.send_away(1)
        one.sendall(post(ROW))
        found = b"".join(iter(lambda: one.recv(1 << 16), b""))
    assert found.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in found


def test_body_in_pieces_is_put_together(pair):
    quick, slow = pair
    talk = post() + LAST
    found, expected = (plain(each.ask(talk[:90], talk[90:140], talk[140:])) for each in (quick, slow))
    assert found == expected
    assert found.startswith(b"HTTP/1.1 200")


def test_header_behind_the_body_is_dropped(make_serving):
    with running(make_serving(), quick=True) as server:
        found = server.ask(chunked(GOOD, b"x-request-id: late\r\n") + LAST)
    assert found.startswith(b"HTTP/1.1 200")
    assert b"late" not in found


def test_model_that_takes_longer_is_asked_by_the_application(make_serving):
    serving = make_serving()
    served = serving.slot.current
    served.is_quick = False
    with running(serving, quick=True) as server:
        assert server.ask(post() + LAST).startswith(b"HTTP/1.1 200")
        assert server.server.server_state.total_requests == 2


def test_overload_and_the_end_are_told_as_by_the_application(make_serving):
    serving = make_serving()
    with running(serving, quick=True) as server:
        serving.app.admission._most = 0
        found = server.ask(post() + LAST)
        assert found.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 1\r\n" in found
        serving.app.admission._most = 1000
        serving.state.draining = True
        found = server.ask(post())
        assert found.startswith(b"HTTP/1.1 200")
        assert b"connection: close\r\n" in found


def test_observers_are_told(make_serving):
    seen: list[Any] = []

    class Seeing:
        def answered(self, observed: Any) -> None:
            seen.append(observed)
            raise ZeroDivisionError("an observer's bug")

        def close(self) -> None:
            """Nothing is held."""

    serving = make_serving()
    serving.state.observers = (Seeing(),)
    with running(serving, quick=True) as server, socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(post() + post(b"[]", x_request_id="r"))
        while len(seen) < 2:
            connection.recv(1 << 16)
    good, bad = seen
    assert (good.method, good.path, good.label, good.status) == ("POST", "/predict", "predict", 200)
    assert good.prediction is not None
    assert good.client.startswith("127.0.0.1:")
    assert (bad.status, bad.error, bad.request_id) == (422, "invalid_input", "r")


def test_head_that_is_too_long_is_refused(make_serving):
    with running(make_serving(), quick=True) as server:
        talk = b"POST /predict HTTP/1.1\r\n" + b"".join(b"x-%d: %b\r\n" % (n, b"y" * 1000) for n in range(1_000))
        with socket.create_connection(server.address, timeout=10) as connection:
            with contextlib.suppress(OSError):  # it hangs up while we send
                connection.sendall(talk)
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1 << 16).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("talk", [b"POST /pre", post()[:-5], post()], ids=["head", "body", "idle"])
def test_caller_that_keeps_the_server_waiting_is_hung_up_on(make_serving, monkeypatch, talk):
    monkeypatch.setattr(http_protocol, "LOOK_S", 0.01)
    with running(make_serving(), quick=True) as server:
        found = server.ask(talk)
    assert found.count(b"HTTP/1.1 200") == (talk == post())


def test_caller_that_asks_nothing_is_let_go_when_the_server_leaves(make_serving, monkeypatch):
    with running(make_serving(), quick=True, ahead=lambda: 0) as server:
        monkeypatch.setattr(http_protocol, "LOOK_S", 0.02)
        with socket.create_connection(server.address, timeout=5) as idle:
            idle.sendall(post())
            assert b" 200 " in idle.recv(1 << 16)
            time.sleep(0.2)
            server.server.leave()
            assert idle.recv(1) == b""


def test_caller_who_wants_to_close_reads_that_its_body_is_too_large(make_serving):
    size = 40 << 20  # more than what the system keeps for both sides
    head = post(connection="close").partition(b"content-length")[0] + b"content-length: %d\r\n\r\n" % size
    with running(make_serving(), quick=True) as server:
        answer = server.ask(head.replace(b"host: h", b"host: h\r\nconnection: close"), bytes(size))
    assert b" 413 " in answer
    assert b"connection: close" in answer
    assert b"payload_too_large" in answer


def test_request_that_has_begun_to_come_is_answered_when_the_server_ends(make_serving):
    with (
        running(make_serving(), quick=True) as server,
        socket.create_connection(server.address, timeout=10) as connection,
    ):
        connection.sendall(post()[:-10])
        while not any(each._quick for each in server.server.server_state.connections.copy()):
            pass
        server.server.stop()
        while not server.server.server_state.tasks:
            pass
        connection.sendall(post()[-10:])
        found = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert found.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in found
