"""A server of two processes, as a process."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import httpx
import psutil
import pytest

from millwright.deployment.realtime.rpc.message import ModelInferResponse
from tiny import forking
from unit.deployment.realtime.rpc.conftest import infer_request, outputs_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

ROW = {"days": 45.0, "crews": 3, "borough": "Queens"}
PATIENCE_S = 60
CODE = """
import logging, os, sys, time
from millwright.core.clock import SystemClock
from millwright.core.events import EventBus
from millwright.deployment.realtime.assembly import serving_process
from millwright.deployment.realtime.process.scaling import ScalingOptions
from millwright.deployment.realtime.server import ServedChoice, ServeOptions, serve
from millwright.registry.registry import Registry
from millwright.storage.catalog import open_stores
root = sys.argv[1]
logging.basicConfig(level=logging.INFO, stream=sys.stderr)
stores = open_stores(
    records_url=f"sqlite:///{root}/records.db", artifacts_url=f"{root}/artifacts", predictions_url=f"{root}/predictions"
)
registry = Registry(stores=stores, clock=SystemClock(), events=EventBus(), actor="user:ada", policy=None)
load = serving_process.load_served

def load_in_the_way_of_a_file(record, *args, **options):
    # A file tells one of the processes what happens when it loads version 2.
    path = f"{root}/trouble"
    if record.version == 2 and os.path.exists(path):
        try:
            os.rename(path, f"{root}/troubled")
        except FileNotFoundError:
            return load(record, *args, **options)
        with open(f"{root}/troubled") as file:
            exec(file.read())
    return load(record, *args, **options)

serving_process.load_served = load_in_the_way_of_a_file
serve(
    eval(sys.argv[2]), stores=stores, registry=registry, clock=SystemClock(), ready=lambda url: print(url, flush=True)
)
"""
TWO = "workers=2"

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes through /proc")


@contextmanager
def serving(workspace: Any, options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server as a process, and its URL; what it tells goes to `log.txt` in the workspace."""
    chosen = f"ServeOptions(models=(ServedChoice('delay@champion'),), port=0, poll_seconds=0.05, {options})"
    command = ["-c", CODE, str(workspace.root), chosen]
    with (
        (workspace.root / "log.txt").open("w", encoding="utf-8") as log,
        forking.start(command, cwd=Path.cwd(), stderr=log) as process,
    ):
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            finally:
                process.kill()


@pytest.fixture
def served(workspace):
    with serving(workspace, TWO) as (process, url):
        yield process, url, workspace


def children(pid: int) -> set[int]:
    return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()}


def until(condition: Any) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def metric(url: str, name: str) -> float:
    lines = httpx.get(f"{url}/metrics", timeout=20).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def ask(url: str) -> str:
    """Over a connection of its own, so that any process may take it."""
    response = httpx.post(f"{url}/predict", json=ROW, timeout=20)
    assert response.status_code == 200
    return str(response.headers["x-model-version"])


def test_processes_answer_on_one_port_count_together_and_end_together(served):
    process, url, workspace = served
    until(lambda: metric(url, "millwright_workers ") == 2)
    assert {ask(url) for _ in range(40)} == {"delay@1"}
    until(lambda: metric(url, "millwright_predictions_total{") == 40)
    record = workspace.stores.endpoints.find("delay")
    assert record.owner.split(":")[-2] == str(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    assert len(list(workspace.stores.predictions.iter("delay"))) == 40
    record = workspace.stores.endpoints.find("delay")
    assert (record.url, record.owner) == ("", "")


def test_killed_process_is_replaced_and_all_follow_the_alias(served):
    process, url, workspace = served
    until(lambda: metric(url, "millwright_workers ") == 2)
    before = children(process.pid)
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(children(process.pid) - before) == 1)
    until(lambda: metric(url, "millwright_workers ") == 2)
    workspace.registry.promote("delay", 2, reason="a test")
    until(lambda: metric(url, 'millwright_model_swaps_total{endpoint="delay",outcome="swapped"}') == 2)
    assert {ask(url) for _ in range(20)} == {"delay@2"}


def trouble(workspace: Any, code: str) -> None:
    """What one of the processes is to do when it loads version 2; the other loads it as it is."""
    (workspace.root / "trouble").write_text(code, encoding="utf-8")


def told(workspace: Any) -> str:
    return str((workspace.root / "log.txt").read_text(encoding="utf-8"))


def test_version_that_one_process_cannot_serve_is_taken_back_in_both(served):
    _, url, workspace = served
    until(lambda: metric(url, "millwright_workers ") == 2)
    trouble(workspace, "raise RuntimeError('It answers otherwise here.')")
    workspace.registry.promote("delay", 2, reason="a test")
    until(lambda: metric(url, 'millwright_swap_rounds_total{outcome="refused"}') == 1)
    until(lambda: metric(url, 'millwright_model_swaps_total{endpoint="delay",outcome="refused"}') == 2)
    assert {ask(url) for _ in range(40)} == {"delay@1"}
    assert metric(url, 'millwright_model_swaps_total{endpoint="delay",outcome="swapped"}') == 0
    record = workspace.stores.endpoints.find("delay")
    assert record.settings["refused"] == {"version": "delay@2", "reason": "It answers otherwise here."}
    assert "delay@2 is refused in all workers: It answers otherwise here." in told(workspace)


def test_process_that_is_killed_while_it_tries_a_version_holds_nobody_up(served):
    process, url, workspace = served
    until(lambda: metric(url, "millwright_workers ") == 2)
    before = children(process.pid)
    trouble(workspace, "open(f'{root}/pid', 'w').write(str(os.getpid())); time.sleep(600)")
    workspace.registry.promote("delay", 2, reason="a test")
    until(lambda: (workspace.root / "pid").exists() and (workspace.root / "pid").read_text(encoding="ascii"))
    assert {ask(url) for _ in range(40)} == {"delay@1"}
    os.kill(int((workspace.root / "pid").read_text(encoding="ascii")), signal.SIGKILL)
    until(lambda: metric(url, 'millwright_swap_rounds_total{outcome="committed"}') == 1)
    until(lambda: len(children(process.pid) - before) == 1 and metric(url, "millwright_workers ") == 2)
    assert {ask(url) for _ in range(40)} == {"delay@2"}


def test_version_that_takes_too_long_is_given_up(workspace):
    with serving(workspace, f"{TWO}, swap_seconds=1.0") as (_, url):
        until(lambda: metric(url, "millwright_workers ") == 2)
        trouble(workspace, "time.sleep(5)")
        workspace.registry.promote("delay", 2, reason="a test")
        until(lambda: metric(url, 'millwright_swap_rounds_total{outcome="given_up"}') == 1)
        assert {ask(url) for _ in range(40)} == {"delay@1"}
        assert "1 of 2 workers had not loaded and tried it after 1 s" in told(workspace)


def test_process_that_comes_later_serves_what_the_others_do_and_not_what_was_refused(served):
    process, url, workspace = served
    until(lambda: metric(url, "millwright_workers ") == 2)
    workspace.stores.artifacts.delete(workspace.registry.resolve("delay@2").package)
    workspace.registry.promote("delay", 2, reason="a mistake")
    until(lambda: metric(url, 'millwright_swap_rounds_total{outcome="refused"}') == 1)
    before = children(process.pid)
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    until(lambda: len(children(process.pid) - before) == 2)
    until(lambda: metric(url, "millwright_workers ") == 2)
    assert {ask(url) for _ in range(20)} == {"delay@1"}


def established(pid: int, port: int) -> int:
    """Connections of a process on a port."""
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return 0
    return sum(each.laddr.port == port and each.status == psutil.CONN_ESTABLISHED for each in found)


class Callers:
    """Callers that keep their connections, in threads."""

    def __init__(self, url: str, count: int) -> None:
        self.url = url
        self.count = count
        self.done = threading.Event()
        self.trouble: list[tuple[int, str]] = []  # whose, and what
        self.answered = 0

    @property
    def troubled(self) -> int:
        """How many of them had trouble."""
        return len({caller for caller, _ in self.trouble})

    def call(self) -> None:
        """One of them; a connection that was closed with an answer is opened anew, nothing is asked twice."""
        with httpx.Client(base_url=self.url, timeout=60, limits=httpx.Limits(max_connections=1)) as client:
            while not self.done.is_set():
                try:
                    reply = client.post("/predict", json=ROW)
                    if reply.status_code != 200:
                        self.trouble.append((threading.get_ident(), reply.text))
                except httpx.TransportError as error:
                    self.trouble.append((threading.get_ident(), repr(error)))
                self.answered += 1

    @contextmanager
    def calling(self) -> Iterator[Callers]:
        with ThreadPoolExecutor(self.count) as pool:
            running = [pool.submit(self.call) for _ in range(self.count)]
            try:
                yield self
            finally:
                self.done.set()
                for each in running:
                    each.result()


def kill_one(pids: list[int], port: int) -> int:
    """Kill one of two processes; how many connections the other holds, which are not to be disturbed.

    Whom the killed one held may be cut twice: the system takes new connections for a process that is ending.
    """
    victim, other = sorted(pids)
    os.kill(victim, signal.SIGSTOP)
    time.sleep(0.3)  # who was on the way from one to the other has arrived
    kept = established(other, port)
    os.kill(victim, signal.SIGKILL)
    return kept


def test_callers_that_keep_their_connections_are_divided_and_divided_anew(served):
    process, url, _ = served
    port = int(url.rpartition(":")[2])
    until(lambda: metric(url, "millwright_workers ") == 2)

    def divided() -> bool:
        found = [established(pid, port) for pid in children(process.pid)]
        return len(found) == 2 and sum(found) >= 12 and min(found) >= 5

    with Callers(url, 12).calling() as callers:
        until(divided)
        before = len(callers.trouble)
        kept = kill_one(children(process.pid), port)
        until(divided)
    assert before == 0
    assert callers.troubled <= 12 - kept


def test_processes_are_added_and_leave_without_a_failed_request(workspace):
    options = "workers=None, scaling=ScalingOptions(least=1, most=2, target_in_flight=1.0, calm_s=1.0)"
    with serving(workspace, options) as (process, url):
        assert len(children(process.pid)) == 1
        for _ in range(2):
            with Callers(url, 12).calling() as callers:
                until(lambda: metric(url, "millwright_workers ") == 2)
                until(lambda: len(children(process.pid)) == 2)
            assert callers.trouble == []
            with httpx.Client(base_url=url, timeout=60) as client:
                until(lambda: client.post("/predict", json=ROW).is_success and len(children(process.pid)) == 1)
                assert client.post("/predict", json=ROW).status_code == 200


def test_last_process_ends_when_nobody_asks_and_who_asks_then_is_answered(workspace):
    options = "workers=None, scaling=ScalingOptions(least=0, most=2, idle_s=1.0)"
    with serving(workspace, options) as (process, url):
        for _ in range(2):
            until(lambda: not children(process.pid))
            # Several at once, each over a connection of its own: they wait until there is a process.
            with ThreadPoolExecutor(8) as pool:
                assert set(pool.map(ask, [url] * 8)) == {"delay@1"}
        workspace.registry.promote("delay", 2, reason="a test")
        until(lambda: not children(process.pid))
        assert ask(url) == "delay@2"
        until(lambda: metric(url, "millwright_cold_start_seconds_count") == 3)
        assert metric(url, "millwright_cold_start_seconds_sum") > 0
        assert metric(url, "millwright_predictions_total{") == 17
        assert "answers after a cold start of" in told(workspace)
        until(lambda: not children(process.pid))
        assert workspace.stores.endpoints.find("delay").url == url
    assert workspace.stores.endpoints.find("delay").url == ""


def test_connection_that_was_kept_is_answered_by_the_process_that_leaves(workspace):
    options = "workers=None, scaling=ScalingOptions(least=0, most=1, idle_s=1.0)"
    with serving(workspace, options) as (process, url), httpx.Client(base_url=url, timeout=60) as client:
        assert client.post("/predict", json=ROW).status_code == 200
        until(lambda: "0 workers are wanted in place of 1" in told(workspace))
        time.sleep(0.5)  # it has been told to leave, and stays for the caller
        assert len(children(process.pid)) == 1
        reply = client.post("/predict", json=ROW)
        assert (reply.status_code, reply.headers["connection"]) == (200, "close")
        assert client.post("/predict", json=ROW).status_code == 200


INFER = "/inference.GRPCInferenceService/ModelInfer"


class RpcCallers(Callers):
    """Callers by gRPC, each over a connection of its own."""

    def call(self) -> None:
        body = infer_request({"days": [45.0], "crews": [3], "borough": ["Queens"]}).SerializeToString()
        target = self.url.removeprefix("http://")
        with grpc.insecure_channel(target, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            method = channel.unary_unary(INFER, response_deserializer=ModelInferResponse.FromString)
            while not self.done.is_set():
                try:
                    found = method(body, timeout=60)
                    assert (found.model_version, outputs_of(found)["prediction"]) == ("1", ["yes"])
                except grpc.RpcError as error:
                    self.trouble.append((threading.get_ident(), f"{error.code().name} {error.details()}"))
                self.answered += 1


def test_both_processes_answer_grpc_and_one_may_be_killed(served):
    process, url, _ = served
    port = int(url.rpartition(":")[2])
    until(lambda: metric(url, "millwright_workers ") == 2)

    def divided() -> bool:
        found = [established(pid, port) for pid in children(process.pid)]
        return len(found) == 2 and sum(found) >= 8 and min(found) >= 3

    with RpcCallers(url, 8).calling() as callers:
        until(divided)
        before = len(callers.trouble)
        kept = kill_one(children(process.pid), port)
        until(divided)
        answered = callers.answered
        until(lambda: callers.answered > answered + 100)
    assert before == 0
    assert callers.troubled <= 8 - kept
    until(lambda: metric(url, "millwright_predictions_total{") > 100)
