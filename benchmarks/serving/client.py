"""One client for all: kept connections, each with one request under way, asked from one thread."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.serving.stack import Running


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a number of requests took.

    Attributes:
        seconds: From the first request to the last answer.
        per_second: Requests a second.
        per_core: Requests per second of the server's processor time.
        cpu_us: The server's processor time per request.
        p50_ms: Of the time from sending to the last byte of the answer.
        p99_ms: Likewise.
    """

    seconds: float
    per_second: float
    per_core: float
    cpu_us: float
    p50_ms: float
    p99_ms: float


def ask(running: Running, request: bytes, count: int, concurrency: int) -> Asked:
    """Send a request many times.

    Raises:
        RuntimeError: An answer is not 200.
    """
    before, begun = running.cpu_s(), time.perf_counter()
    times = sorted(_ask(running.port, request, count, min(concurrency, count)))
    seconds = time.perf_counter() - begun
    time.sleep(running.stack.settle_s)  # what is written behind the answers is part of the price
    cpu = running.cpu_s() - before
    return Asked(
        seconds=seconds,
        per_second=count / seconds,
        per_core=count / max(cpu, 1e-9),
        cpu_us=cpu / count * 1e6,
        p50_ms=times[count // 2] * 1e3,
        p99_ms=times[int(count * 0.99)] * 1e3,
    )


def _ask(port: int, request: bytes, count: int, concurrency: int) -> list[float]:
    times: list[float] = []
    with selectors.DefaultSelector() as selector:
        sent: dict[socket.socket, float] = {}
        parts: dict[socket.socket, bytes] = {}
        for _ in range(concurrency):
            connection = socket.create_connection(("127.0.0.1", port), timeout=120)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ)
            sent[connection] = time.perf_counter()
            connection.sendall(request)
        left = count - concurrency
        while len(times) < count:
            for key, _ in selector.select(120):
                connection: socket.socket = key.fileobj  # type: ignore[assignment,no-redef]
                found = parts.pop(connection, b"") + connection.recv(1 << 20)
                if not _is_whole(found):
                    parts[connection] = found
                    continue
                now = time.perf_counter()
                times.append(now - sent[connection])
                if left:
                    left -= 1
                    sent[connection] = now
                    connection.sendall(request)
        for connection in sent:
            connection.close()
    return times


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer[:2_000].decode(errors="replace"))
    lower = head.lower()
    at = lower.find(b"content-length: ")
    if at < 0:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(lower[at + 16 :].split(b"\r\n", 1)[0])
