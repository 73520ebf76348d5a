"""The benchmark of serving: its client counts right, its memory and processor time are those of real processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from benchmarks.serving.client import answer_times, ask, due_times
from benchmarks.serving.running import Running
from benchmarks.serving.stack import Stack

REQUEST = b"POST /predict HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\n\r\n{}"


class Site(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: bytes, pause_s: float = 0.0) -> None:
        self.answer, self.pause_s = answer, pause_s
        self.seen = self.under_way = self.most = 0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        site = self.server
        with site.lock:
            site.seen += 1
            site.under_way += 1
            site.most = max(site.most, site.under_way)
        self.rfile.read(int(self.headers["content-length"]))
        time.sleep(site.pause_s)
        with site.lock:
            site.under_way -= 1
        self.wfile.write(site.answer)

    def log_message(self, *_: object):
        pass


@contextmanager
def site(answer=b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes", **options):
    server = Site(answer, **options)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_each_request_is_sent_once_and_timed_once():
    with site() as server:
        assert len(answer_times(server.server_port, REQUEST, 50, 7)) == 50
        assert server.seen == 50


def test_as_many_are_under_way_as_asked_for_and_no_more():
    with site(pause_s=0.02) as server:
        answer_times(server.server_port, REQUEST, 24, 8)
        assert server.most == 8


def test_a_time_runs_until_the_last_byte():
    with site(pause_s=0.05) as server:
        assert min(answer_times(server.server_port, REQUEST, 4, 2)) >= 0.05


def test_answers_in_chunks_are_read_whole():
    with site(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n") as server:
        assert len(answer_times(server.server_port, REQUEST, 9, 3)) == 9


def test_an_answer_that_is_an_error_ends_the_measurement():
    busy = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"
    with site(busy) as server, pytest.raises(RuntimeError, match="busy"):
        answer_times(server.server_port, REQUEST, 3, 1)


def test_requests_on_time_are_not_sent_before_they_are_due():
    with site() as server:
        begun = time.perf_counter()
        assert len(due_times(server.server_port, REQUEST, [0.0, 0.05, 0.2], connections=2)) == 3
        assert time.perf_counter() - begun >= 0.2
        assert server.seen == 3


def test_time_of_a_request_that_waits_for_a_slow_server_runs_from_when_it_was_due():
    # One connection and a server that takes 100 ms: the fourth of four that are due at once waits for three others.
    with site(pause_s=0.1) as server:
        times = due_times(server.server_port, REQUEST, [0.0, 0.0, 0.0, 0.0], connections=1)
    assert all(taken >= 0.1 * place for place, taken in enumerate(sorted(times), start=1))


SERVER = """
import os, sys, time
from http.server import HTTPServer, BaseHTTPRequestHandler

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        self.wfile.write(b'HTTP/1.1 200 OK\\r\\nContent-Length: 21\\r\\n\\r\\n{"probability":[0.5]}')
    def log_message(self, *_):
        pass

if os.fork() == 0:  # what predicts is a child, which shares 64 MiB with its parent
    kept = bytearray(os.urandom(64 << 20))
    if os.fork() == 0:
        HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
    os.wait()
os.wait()
"""


@pytest.fixture
def running(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)])
    server = Running(Stack(name="small", driver="", package=""), process, port, (tmp_path / "output").open("w+b"))
    server.wait([[1.0]], time.perf_counter())
    yield server
    server.stop()
    assert process.returncode is not None


def test_processor_time_is_that_of_all_processes(running):
    asked = ask(running, running.stack.request([[1.0]]), 10, 1)
    assert asked.cpu_us >= 20_000
    assert asked.per_core == pytest.approx(1e6 / asked.cpu_us)


def test_memory_shared_by_forked_processes_counts_once(running):
    whole = sum(rss_mib(pid) for pid in running._pids())
    assert 64 <= running.memory_mib() < whole - 60


def test_answers_are_read_in_the_stacks_shape(running):
    assert running.answer([[1.0]]) == [0.5]
    assert running.cold_s > 0


def rss_mib(pid):
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
