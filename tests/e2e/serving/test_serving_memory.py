"""A served model under many requests of every contract: none is answered with 500, and memory does not grow.

Memory is what the kernel says of the process that answers, after each of several windows of some thousand requests,
good ones and spoilt ones of which no two are alike. Now and then a process grows at once, when a library is first used;
what is kept for each request shows in every window. So it is the middle one that is looked at: 600 bytes kept for each
request would be too many. `MILLWRIGHT_MEMORY_ROUNDS=2000` makes it a long one.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from e2e.serving.asking import bad_requests, good_requests
from e2e.serving.conftest import MODEL

if TYPE_CHECKING:
    from e2e.server import Server
    from e2e.serving.asking import Asked

WARM_UP, WINDOWS = 300, 5
ROUNDS = int(os.environ.get("MILLWRIGHT_MEMORY_ROUNDS", "120"))  # in a window, of some 30 requests each
GROWTH_BYTES = 2 << 20  # in a window of so many rounds; allocators take and give back a few pages at any time

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux: memory is read from /proc"),
]


def memory_of(pid: int) -> int:
    """Bytes of memory that a process has to itself or shares."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    assert found is not None
    return int(found.group(1)) * 1024


class Asker:
    """Asks over one connection, and counts what comes of it.

    Args:
        url: The server's.
    """

    def __init__(self, url: str) -> None:
        self._place = httpx.URL(url)
        self.told: Counter[tuple[bool, int]] = Counter()
        self.wrong: list[str] = []
        self._connection = self._connect()

    def _connect(self) -> HTTPConnection:
        return HTTPConnection(self._place.host, self._place.port or 80, timeout=60)

    def ask(self, asked: Asked) -> None:
        self._connection.request(asked.method, asked.path, asked.body, dict(asked.headers))
        answer = self._connection.getresponse()
        text = answer.read()
        self.told[asked.is_good, answer.status] += 1
        if answer.status >= 500 or (asked.is_good and answer.status != 200):
            self.wrong.append(f"{asked}\n  {answer.status} {text[:300]!r}")
        if answer.will_close:
            self._connection = self._connect()

    def close(self) -> None:
        self._connection.close()


class Caller:
    """Calls over gRPC with good and spoilt messages; nothing where grpcio is not installed."""

    def __init__(self, url: str, row: dict[str, Any]) -> None:
        grpc = pytest.importorskip("grpc", reason="needs grpcio: pip install 'millwright[grpc]'")
        from millwright.deployment.realtime.rpc.message import ModelInferRequest

        self._errors = grpc.RpcError
        self._internal = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE}
        self._channel = grpc.insecure_channel(url.removeprefix("http://"))
        self._call = self._channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        self.wrong: list[str] = []
        message = ModelInferRequest(model_name=MODEL)
        fields = {bool: ("BOOL", "bool"), int: ("INT64", "int64"), float: ("FP64", "fp64"), str: ("BYTES", "bytes")}
        for name, value in row.items():
            datatype, kind = fields[type(value)]
            tensor = message.inputs.add(name=name, datatype=datatype, shape=[1])
            given = value.encode() if isinstance(value, str) else value
            getattr(tensor.contents, f"{kind}_contents").append(given)
        self._body = message.SerializeToString()

    def ask(self, number: int) -> None:
        spoilt = self._body[: number % len(self._body)] + f"{number:x}".encode()
        self._call(self._body, metadata=[("x-request-id", f"good-{number}")], timeout=60)
        try:
            self._call(spoilt, metadata=[("x-routing-key", str(number))], timeout=60)
        except self._errors as error:
            if error.code() in self._internal:
                self.wrong.append(f"{spoilt!r}: {error.details()}")

    def close(self) -> None:
        self._channel.close()


def test_memory_does_not_grow_and_nothing_is_answered_with_500(server: Server) -> None:
    row = httpx.get(f"{server.url}/openapi.json").json()["components"]["schemas"]["Row"]["example"]
    given = {name: value for name, value in row.items() if value is not None}
    good = good_requests(given, MODEL)
    with closing(Asker(server.url)) as asker, closing(Caller(server.url, given)) as caller:

        def run(first: int, rounds: int) -> None:
            for number in range(first, first + rounds):
                for asked in (*good, *bad_requests(good, number)):
                    asker.ask(asked)
                caller.ask(number)

        run(0, WARM_UP)
        sizes = [memory_of(server.pid)]
        for window in range(WINDOWS):
            run(WARM_UP + window * ROUNDS, ROUNDS)
            sizes.append(memory_of(server.pid))
    assert not asker.wrong, "\n".join(asker.wrong[:5])
    assert not caller.wrong, "\n".join(caller.wrong[:5])
    refused = sum(count for (is_good, status), count in asker.told.items() if not is_good and status >= 400)
    assert refused > asker.told.total() // 4
    grown = sorted(after - before for before, after in pairwise(sizes))
    limit = GROWTH_BYTES * max(1.0, ROUNDS / 120)
    assert grown[WINDOWS // 2] <= limit, f"{grown} bytes in windows, {asker.told.total():,} requests in all"
