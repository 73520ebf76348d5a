"""Real servers on real sockets that follow rollouts, and a load of requests on them."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from millwright.core.records.rollout import CanaryLimits
from millwright.deployment.realtime.server import ServedChoice, ServeOptions, serve
from millwright.deployment.traffic.control import RolloutControl, RolloutPlan
from tiny import forking

if TYPE_CHECKING:
    import subprocess

    from millwright.core.records.rollout import RolloutRecord

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE_S = 60.0
# Few requests, and wide limits: what is tested here is what happens, not how sharp the tests are.
LIMITS = CanaryLimits(min_requests=60, max_error_increase=0.1, max_slowdown=20.0, latency_floor_s=0.1)


def wait_for(condition: Callable[[], Any]) -> Any:
    """What a condition gives, once that is true."""
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)
    return found


def some_row(rng: random.Random) -> dict[str, Any]:
    """A row that is rather late for version 1, and rather in time for version 2."""
    return {
        "days": round(rng.gauss(36, 10), 3),
        "crews": rng.randint(1, 8),
        "borough": rng.choice(["Queens", "Bronx", "Kings"]),
    }


class Asker:
    """One connection that asks; not thread-safe."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def ask(self, row: Any, **headers: str) -> tuple[int, str, Any]:
        """Status, version that answered, and body."""
        sent = {"content-type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        self._connection.request("POST", "/predict", json.dumps(row), sent)
        response = self._connection.getresponse()
        body = json.loads(response.read())
        return response.status, response.headers.get("x-model-version", ""), body

    def close(self) -> None:
        self._connection.close()


@dataclass
class Load:
    """Requests without end from several threads."""

    url: str
    told: Counter[tuple[int, str]] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(seed,)) for seed in range(3)]

    def _run(self, seed: int) -> None:
        rng, asker = random.Random(seed), Asker(self.url)
        while not self._done.is_set():
            try:
                status, version, _ = asker.ask(some_row(rng))
            except (OSError, http.client.HTTPException) as error:
                self.broken.append(repr(error))
                asker.close()
                if self._done.wait(0.02):
                    break
            else:
                self.told[status, version] += 1
        asker.close()

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def is_answered_by(self, version: str, count: int = 50) -> bool:
        """Whether so many requests in a row are answered by one version alone."""
        before = Counter(self.told)
        wait_for(lambda: self.told[200, version] > before[200, version] + count)
        return not [key for key in (self.told - before) if key != (200, version)]

    def failed(self, version: str) -> int:
        return sum(count for (status, found), count in self.told.items() if found == version and status != 200)


class Models:
    """What is done to models of chosen versions when they are loaded."""

    def __init__(self) -> None:
        self.fails: set[int] = set()
        self.slow: dict[int, float] = {}
        self.broken: set[int] = set()


class Troubled:
    """A predictor that fails or takes its time, once it is served."""

    def __init__(self, predictor: Any, *, fails: bool, slow_s: float) -> None:
        self._predictor = predictor
        self._fails = fails
        self._slow_s = slow_s
        self.signature = predictor.signature
        self.engine = predictor.engine

    def predict_rows(self, rows: Any) -> Any:
        if self._fails:
            raise RuntimeError("the model has a bug")
        time.sleep(self._slow_s)
        return self._predictor.predict_rows(rows)


@dataclass
class World:
    """A workspace with versions 1 to 3 of `delay`, and servers.

    Version 1 is the champion, 2 has learned the opposite, 3 nearly the same as 1.
    """

    workspace: Any
    clock: Any
    control: RolloutControl
    models: Models
    stops: list[Callable[[], None]] = field(default_factory=list)

    @property
    def stores(self) -> Any:
        return self.workspace.stores

    def serve(self, **options: Any) -> str:
        """Start a server in a thread; its URL."""
        ready, stop, urls = threading.Event(), threading.Event(), []

        def is_ready(url: str) -> None:
            urls.append(url)
            ready.set()

        chosen = ServeOptions(
            **{"models": (ServedChoice("delay@champion"),), "port": 0, "poll_seconds": 0.02} | options
        )
        parts = {"stores": self.stores, "registry": self.workspace.registry, "clock": self.clock}
        thread = threading.Thread(target=serve, args=(chosen,), kwargs=parts | {"ready": is_ready, "stop": stop})
        thread.start()
        assert ready.wait(PATIENCE_S)

        def end() -> None:
            stop.set()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

        self.stops.append(end)
        return urls[0]

    def spawn(self) -> tuple[subprocess.Popen[str], str]:
        """Start a server as a process; the process and its URL."""
        root = self.workspace.root
        process = forking.start(["-c", SERVER, str(root)], cwd=root, stderr=None)
        self.stops.append(lambda: end_process(process))
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    def start(self, strategy: Any, *versions: int) -> RolloutRecord:
        return self.control.start(RolloutPlan(model="delay", versions=versions, strategy=strategy))

    def now(self, record: RolloutRecord) -> RolloutRecord:
        return self.stores.rollouts.get(record.id)  # type: ignore[no-any-return]

    def audited(self) -> list[str]:
        return [
            event.action
            for event in sorted(self.stores.audit.list(), key=lambda event: event.seq)
            if event.action.startswith(("rollout.", "model.promote", "model.reject"))
        ]


def end_process(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=PATIENCE_S)


SERVER = """
import sys
from millwright.core.clock import SystemClock
from millwright.core.events import EventBus
from millwright.deployment.realtime import ServedChoice, ServeOptions, serve
from millwright.registry.registry import Registry
from millwright.storage.catalog import open_stores

class AllowAll:
    def check(self, *args):
        return []

root = sys.argv[1]
stores = open_stores(
    records_url=f"sqlite:///{root}/records.db", artifacts_url=f"{root}/artifacts", predictions_url=f"{root}/predictions"
)
registry = Registry(stores=stores, clock=SystemClock(), events=EventBus(), actor="user:ada", policy=AllowAll())
serve(
    ServeOptions(models=(ServedChoice("delay@champion"),), port=0, poll_seconds=0.05),
    stores=stores, registry=registry, clock=SystemClock(), ready=lambda url: print(url, flush=True),
)
"""
