"""One client for all: kept connections, each with one request under way, asked from one thread.

`ask` sends the next request when an answer has come, `ask_in_turn` likewise to several servers, a burst to each;
`ask_on_time` sends requests when they are due, whatever has been answered by then. At thousands of requests a second
this client, being Python, is late itself: `ask_steadily` has `hey` send them, where it is installed.
"""

from __future__ import annotations

import random
import re
import selectors
import shutil
import socket
import subprocess
import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from benchmarks.serving.running import Running

_PATIENCE_S = 120.0
_BURST = 500  # requests
_STEADY = 8  # connections
_SLEPT_FROM_S = 0.002  # the system's waiting is exact to some milliseconds; what is shorter is waited for awake


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a number of requests took.

    Attributes:
        per_second: Requests a second.
        per_core: Requests per second of the server's processor time.
        cpu_us: The server's processor time per request.
        p50_ms: Of the time from when a request is sent, or was due, to the last byte of the answer.
        p99_ms: Likewise.
    """

    per_second: float
    per_core: float
    cpu_us: float
    p50_ms: float
    p99_ms: float


def ask(running: Running, request: bytes, count: int, concurrency: int) -> Asked:
    """Send a request many times, so many at a time.

    Raises:
        RuntimeError: An answer is not 200.
    """
    return _asked(running, lambda: answer_times(running.port, request, count, concurrency))


def ask_in_turn(running: Sequence[Running], requests: Sequence[bytes], count: int, concurrency: int) -> list[Asked]:
    """As `ask`, of several servers that are compared closely: in bursts of some hundredths of a second in turn.

    The machine's speed changes from second to second by more than what such servers differ by.
    """
    before, times = [each.cpu_s() for each in running], [list[float]() for _ in running]
    seconds = [0.0] * len(running)
    with ExitStack() as opened:
        connections = [
            opened.enter_context(_Connections(each.port, request, concurrency))
            for each, request in zip(running, requests, strict=True)
        ]
        places = list(range(len(running)))
        for start in range(0, count, _BURST):
            for place in places if start // _BURST % 2 else reversed(places):
                begun = time.perf_counter()
                times[place] += _burst(connections[place], min(_BURST, count - start), concurrency)
                seconds[place] += time.perf_counter() - begun
    time.sleep(max(each.stack.settle_s for each in running))
    return [
        _summary(sorted(times[place]), seconds[place], each.cpu_s() - before[place])
        for place, each in enumerate(running)
    ]


def ask_on_time(running: Running, request: bytes, count: int, per_second: float) -> Asked:
    """Send a request many times, whenever the next is due: independent callers, so many a second on average.

    Raises:
        RuntimeError: An answer is not 200.
    """
    rng, due = random.Random(count), [0.0]
    while len(due) < count:
        due.append(due[-1] + rng.expovariate(per_second))
    return _asked(running, lambda: due_times(running.port, request, due))


def ask_steadily(running: Running, request: bytes, seconds: float, per_second: float) -> Asked:
    """Send a request at a fixed rate over eight connections: by `hey` where it is there, else as `ask_on_time`.

    The time that `hey` tells runs from when a request is sent; a connection sends its next one when that is due and the
    answer to the last has come.

    Raises:
        RuntimeError: An answer is not 200.
    """
    hey = shutil.which("hey")
    if hey is None:
        return ask_on_time(running, request, max(int(per_second * seconds), 10), per_second)
    url = f"http://127.0.0.1:{running.port}{running.stack.path}"
    each = max(per_second / _STEADY, 1)
    body = request.partition(b"\r\n\r\n")[2].decode()
    what = ["-m", "POST", "-T", "application/json", "-d", body, url]
    command = [hey, "-z", f"{seconds:g}s", "-c", str(_STEADY), "-q", f"{each:g}", *what]
    before = running.cpu_s()
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    time.sleep(running.stack.settle_s)
    counts = {status: int(count) for status, count in re.findall(r"\[(\d+)\]\s+(\d+) responses", told)}
    if set(counts) != {"200"}:
        raise RuntimeError(f"{running.stack.name}: expected status 200 alone, found {told[-2_000:]}")
    cpu = running.cpu_s() - before
    return Asked(
        per_second=counts["200"] / seconds,
        per_core=counts["200"] / max(cpu, 1e-9),
        cpu_us=cpu / counts["200"] * 1e6,
        p50_ms=_told_ms(told, 50),
        p99_ms=_told_ms(told, 99),
    )


def _told_ms(told: str, percent: int) -> float:
    found = re.search(rf"{percent}% in ([\d.]+) secs", told)
    return float(found[1]) * 1e3 if found else float("nan")


def _asked(running: Running, measure: Callable[[], list[float]]) -> Asked:
    before, begun = running.cpu_s(), time.perf_counter()
    times = sorted(measure())
    seconds = time.perf_counter() - begun
    time.sleep(running.stack.settle_s)  # what is written behind the answers is part of the price
    return _summary(times, seconds, running.cpu_s() - before)


def _summary(times: Sequence[float], seconds: float, cpu: float) -> Asked:
    count = len(times)
    return Asked(
        per_second=count / seconds,
        per_core=count / max(cpu, 1e-9),
        cpu_us=cpu / count * 1e6,
        p50_ms=times[count // 2] * 1e3,
        p99_ms=times[int(count * 0.99)] * 1e3,
    )


def answer_times(port: int, request: bytes, count: int, concurrency: int) -> list[float]:
    """Seconds from sending to the last byte, of `count` requests of which `concurrency` are under way at a time."""
    with _Connections(port, request, min(concurrency, count)) as connections:
        return _burst(connections, count, concurrency)


def _burst(connections: _Connections, count: int, concurrency: int) -> list[float]:
    times: list[float] = []
    for _ in range(min(concurrency, count)):
        connections.send(time.perf_counter())
    left = count - min(concurrency, count)
    while len(times) < count:
        for since in connections.answered(_PATIENCE_S):
            now = time.perf_counter()
            times.append(now - since)
            if left:
                left -= 1
                connections.send(now)
    return times


def due_times(port: int, request: bytes, due: list[float], *, connections: int = 64) -> list[float]:
    """Seconds from when each request was due to the last byte of its answer.

    Args:
        port: Of the server.
        request: What is sent.
        due: When, in seconds from now, in order. A request for which no connection is free waits, and its time runs.
        connections: How many there are.
    """
    times: list[float] = []
    with _Connections(port, request, connections) as open_ones:
        waiting, begun = deque(due), time.perf_counter()
        while len(times) < len(due):
            now = time.perf_counter() - begun
            while waiting and waiting[0] <= now and open_ones.free:
                open_ones.send(begun + waiting.popleft())
            ahead = waiting[0] - now if waiting and open_ones.free else _PATIENCE_S
            since = open_ones.answered(0 if ahead < _SLEPT_FROM_S else ahead - _SLEPT_FROM_S / 2)
            times += [time.perf_counter() - each for each in since]
    return times


class _Connections:
    """Kept connections, each with one request under way at most."""

    def __init__(self, port: int, request: bytes, count: int) -> None:
        self._request = request
        self._selector = selectors.DefaultSelector()
        self._since: dict[socket.socket, float] = {}
        self._parts: dict[socket.socket, bytes] = {}
        self.free: deque[socket.socket] = deque()  # in turn: servers close what is idle for long
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(connection, selectors.EVENT_READ)
            self.free.append(connection)

    def send(self, since: float) -> None:
        """Send the request on a free connection; its time runs from `since`."""
        connection = self.free.popleft()
        self._since[connection] = since
        connection.sendall(self._request)

    def answered(self, patience_s: float) -> list[float]:
        """Since when those requests ran whose answers came whole; waits for some answer."""
        done: list[float] = []
        events = self._selector.select(patience_s)
        if not events and patience_s >= _PATIENCE_S:
            raise RuntimeError(f"No answer in {_PATIENCE_S:g} s.")
        for key, _ in events:
            connection: socket.socket = key.fileobj  # type: ignore[assignment]
            received = connection.recv(1 << 20)
            found = self._parts.pop(connection, b"") + received
            if not received:
                raise RuntimeError(f"The server closed a connection after {found[:2_000]!r}.")
            if _is_whole(found):
                done.append(self._since.pop(connection))
                self.free.append(connection)
            else:
                self._parts[connection] = found
        return done

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for connection in (*self.free, *self._since):
            connection.close()


def _is_whole(answer: bytes) -> bool:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer[:2_000].decode(errors="replace"))
    head = answer[:end].lower()
    at = head.find(b"content-length: ")
    if at < 0:
        return answer.endswith(b"0\r\n\r\n")
    return len(answer) - end - 4 >= int(head[at + 16 :].split(b"\r\n", 1)[0])
