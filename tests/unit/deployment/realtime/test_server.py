"""The server over real sockets: in a thread where one can look into it, as a process where it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from millwright.core.clock import SystemClock
from millwright.core.errors import ConfigurationError, NotFoundError, ServiceUnavailableError
from millwright.core.listener import open_listener
from millwright.deployment.realtime.client import PredictionClient
from millwright.deployment.realtime.inference import InferencePath
from millwright.deployment.realtime.server import ServedChoice, ServeOptions, serve
from tiny import forking

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

ROW = {"days": 45.0, "crews": 3, "borough": "Queens"}  # late for version 1, in time for version 2
ANSWERS = {1: "yes", 2: "no"}


@dataclass
class Running:
    """A server in a thread."""

    url: str
    stop: threading.Event
    thread: threading.Thread
    workspace: Any

    def end(self) -> None:
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()

    def logged(self) -> dict[str, Any]:
        return {record.id: record for record in self.workspace.stores.predictions.iter("delay")}


def start(workspace: Any, **options: Any) -> Running:
    ready = threading.Event()
    urls: list[str] = []

    def is_ready(url: str) -> None:
        urls.append(url)
        ready.set()

    stop = threading.Event()
    chosen = ServeOptions(**{"models": (ServedChoice("delay@champion"),), "port": 0, "poll_seconds": 0.02, **options})
    parts = {"stores": workspace.stores, "registry": workspace.registry, "clock": SystemClock()}
    thread = threading.Thread(target=serve, args=(chosen,), kwargs=parts | {"ready": is_ready, "stop": stop})
    thread.start()
    assert ready.wait(20)
    return Running(urls[0], stop, thread, workspace)


@pytest.fixture
def running(workspace) -> Iterator[Running]:
    server = start(workspace)
    yield server
    server.end()


def test_server_answers_and_records_where_it_is(running):
    with PredictionClient(running.url) as client:
        found = client.predict([ROW], keys=["a"])
    assert (found.outputs[0]["prediction"], found.models) == ("yes", ("delay@1",))
    record = running.workspace.stores.endpoints.find("delay")
    assert (record.url, record.serving_version, record.selector) == (running.url, 1, "champion")
    running.end()
    assert running.logged()[found.ids[0]].key == "a"
    record = running.workspace.stores.endpoints.find("delay")
    assert (record.url, record.serving_version, record.owner) == ("", None, "")


def test_unknown_selector_is_refused_before_anything_listens(workspace):
    with pytest.raises(NotFoundError):
        serve(
            ServeOptions(models=(ServedChoice("dealy@champion"),), port=0),
            stores=workspace.stores,
            registry=workspace.registry,
            clock=SystemClock(),
        )


def test_port_in_use_is_refused(workspace):
    with open_listener("127.0.0.1", 0) as listener, pytest.raises(ServiceUnavailableError, match="is in use"):
        serve(
            ServeOptions(models=(ServedChoice("delay@champion"),), port=listener.getsockname()[1]),
            stores=workspace.stores,
            registry=workspace.registry,
            clock=SystemClock(),
        )


async def ask_until(url: str, done: asyncio.Event, seen: list[tuple[str, str]], ids: list[str]) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        while not done.is_set():
            response = await client.post("/predict", json=ROW)
            assert response.status_code == 200, response.text
            seen.append((response.headers["x-model-version"], response.json()["prediction"]))
            ids.append(response.json()["prediction_id"])


def test_no_request_fails_or_is_mixed_while_versions_are_swapped(running):
    registry, seen, ids = running.workspace.registry, [], []

    async def run() -> None:
        done = asyncio.Event()
        asking = [asyncio.create_task(ask_until(running.url, done, seen, ids)) for _ in range(8)]
        for version in (2, 1, 2, 1, 2):
            await asyncio.to_thread(registry.promote, "delay", version, reason="a test")
            expected = (f"delay@{version}", ANSWERS[version])
            before = len(seen)
            while expected not in seen[before:]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        done.set()
        await asyncio.gather(*asking)

    asyncio.run(asyncio.wait_for(run(), 60))
    assert set(seen) == {("delay@1", "yes"), ("delay@2", "no")}
    assert len(set(ids)) == len(ids)
    running.end()
    logged = running.logged()
    assert set(logged) == set(ids)
    assert {(record.version, record.outputs["prediction"]) for record in logged.values()} == {(1, "yes"), (2, "no")}


def test_version_that_cannot_be_loaded_is_refused_and_the_old_one_goes_on(running):
    stores, registry = running.workspace.stores, running.workspace.registry
    stores.artifacts.delete(registry.resolve("delay@2").package)
    registry.promote("delay", 2, reason="a test")
    end = time.monotonic() + 10
    while "refused" not in (record := stores.endpoints.find("delay")).settings:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert (record.serving_version, record.settings["refused"]["version"]) == (1, "delay@2")
    with PredictionClient(running.url) as client:
        assert client.predict([ROW]).models == ("delay@1",)
    assert (
        'millwright_model_refused_info{endpoint="delay",version="delay@2"} 1.0'
        in httpx.get(f"{running.url}/metrics").text
    )


def test_several_models_are_served_each_at_its_endpoint_and_followed(workspace):
    choices = (ServedChoice("delay@champion", "first"), ServedChoice("delay@2", "second"))
    running = start(workspace, models=choices)
    try:
        row = {"instances": [ROW]}
        with httpx.Client(base_url=running.url, timeout=20) as client:

            def ask(name: str) -> tuple[str, str]:
                reply = client.post(f"/v1/models/{name}:predict", json=row)
                return reply.headers["x-model-version"], reply.json()["predictions"][0]["prediction"]

            assert (ask("first"), ask("second")) == (("delay@1", "yes"), ("delay@2", "no"))
            workspace.registry.promote("delay", 2, reason="a test")
            end = time.monotonic() + 20
            while ask("first") != ("delay@2", "no"):
                assert time.monotonic() < end
    finally:
        running.end()
    logged = {name: {r.version for r in workspace.stores.predictions.iter(name)} for name in ("first", "second")}
    assert logged == {"first": {1, 2}, "second": {2}}
    assert [found.name for found in workspace.stores.endpoints.list()] == ["first", "second"]


def test_two_models_at_one_endpoint_are_refused(workspace):
    with pytest.raises(ConfigurationError, match="found 'delay' twice"):
        start_in_this_thread(workspace, (ServedChoice("delay@1"), ServedChoice("delay@2")))


def start_in_this_thread(workspace: Any, models: tuple[ServedChoice, ...]) -> None:
    parts = {"stores": workspace.stores, "registry": workspace.registry, "clock": SystemClock()}
    serve(ServeOptions(models=models, port=0), **parts)


def test_request_that_takes_too_long_is_told_so_and_others_go_on(workspace, monkeypatch):
    slow = threading.Event()
    check = InferencePath.run

    def wait(self: InferencePath, handler: Any, call: Any) -> Any:
        if len(call.body) > 40_000:
            slow.wait(20)
        return check(self, handler, call)

    monkeypatch.setattr(InferencePath, "run", wait)
    running = start(workspace, request_seconds=0.3)
    try:
        many = [ROW] * 2_000
        with httpx.Client(base_url=running.url, timeout=20) as client:
            late = client.post("/predict", json=many)
            assert (late.status_code, late.headers["retry-after"]) == (503, "1")
            assert "more than the 0.3 s" in late.json()["error"]["message"]
            assert client.post("/predict", json=ROW).status_code == 200
    finally:
        slow.set()
        running.end()


SERVER = """
import sys
from millwright.core.clock import SystemClock
from millwright.core.events import EventBus
from millwright.deployment.realtime import ServedChoice, ServeOptions, serve
from millwright.registry.registry import Registry
from millwright.storage.catalog import open_stores

root, durable = sys.argv[1], sys.argv[2] == "durable"
stores = open_stores(
    records_url=f"sqlite:///{root}/records.db", artifacts_url=f"{root}/artifacts", predictions_url=f"{root}/predictions"
)
registry = Registry(stores=stores, clock=SystemClock(), events=EventBus(), actor="user:ada", policy=None)
serve(
    ServeOptions(models=(ServedChoice("delay@champion"),), port=0, durable_log=durable, log_flush_seconds=60),
    stores=stores, registry=registry, clock=SystemClock(), ready=lambda url: print(url, flush=True),
)
print("ended", flush=True)
"""


def spawn(root: Path, mode: str) -> tuple[subprocess.Popen[str], str]:
    process = forking.start(["-c", SERVER, str(root), mode], cwd=root, stderr=None)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


async def ask_until_gone(url: str, acknowledged: list[str]) -> Counter[str]:
    """Ask until the server is gone; a broken answer on a connection that was kept is asked again, as clients do."""
    told: Counter[str] = Counter()
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        while True:
            try:
                response = await client.post("/predict", json=ROW)
            except httpx.ConnectError:
                return told
            except httpx.TransportError as error:
                told[type(error).__name__] += 1
                continue
            told[str(response.status_code)] += 1
            if response.status_code == 200:
                acknowledged.append(response.headers["x-prediction-id"])


async def ask_then(url: str, after: int, act: Any, acknowledged: list[str]) -> Counter[str]:
    asking = [asyncio.create_task(ask_until_gone(url, acknowledged)) for _ in range(8)]
    while len(acknowledged) < after:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    act()
    return sum(await asyncio.gather(*asking), Counter[str]())


@pytest.mark.slow
def test_sigterm_drains_without_a_failed_request_and_writes_the_log(workspace):
    process, url = spawn(workspace.root, "quick")
    acknowledged: list[str] = []
    told = asyncio.run(asyncio.wait_for(ask_then(url, 200, process.terminate, acknowledged), 60))
    output, _ = process.communicate(timeout=20)
    assert (process.returncode, output) == (0, "ended\n")
    assert set(told) == {"200"}
    assert {record.id for record in workspace.stores.predictions.iter("delay")} == set(acknowledged)
    assert workspace.stores.endpoints.find("delay").url == ""


@pytest.mark.slow
def test_kill_loses_no_acknowledged_prediction_when_the_log_is_durable(workspace):
    process, url = spawn(workspace.root, "durable")
    acknowledged: list[str] = []
    asyncio.run(asyncio.wait_for(ask_then(url, 100, lambda: os.kill(process.pid, signal.SIGKILL), acknowledged), 60))
    process.communicate(timeout=20)
    logged = {record.id for record in workspace.stores.predictions.iter("delay")}
    assert len(acknowledged) >= 100
    assert logged >= set(acknowledged)
