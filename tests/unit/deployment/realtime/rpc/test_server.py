from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import httpx
import pytest

from millwright.core.clock import SystemClock
from millwright.deployment.realtime.rpc.message import MESSAGES, ModelInferResponse
from millwright.deployment.realtime.rpc.server import RpcServer
from millwright.deployment.realtime.server import ServedChoice, ServeOptions, serve
from unit.deployment.realtime.rpc.conftest import infer_request, outputs_of, running

COLUMNS = {"days": [3.0], "crews": [1], "borough": ["Queens"]}
INFER = "/inference.GRPCInferenceService/ModelInfer"


def test_one_port_answers_both(calling, row):
    with httpx.Client(base_url=calling.url) as client, ThreadPoolExecutor(8) as pool:
        http = [pool.submit(client.post, "/predict", json=row) for _ in range(50)]
        rpc = [pool.submit(calling.call, "ModelInfer", infer_request(COLUMNS)) for _ in range(50)]
        assert {each.result().status_code for each in http} == {200}
        assert {each.result().code for each in rpc} == {grpc.StatusCode.OK}


def test_server_opens_nothing_before_it_is_started(serving):
    server = RpcServer(serving.app, serving.state, max_body_bytes=1)
    with pytest.raises(RuntimeError, match="a server that is started"):
        server.door(asyncio.Protocol)
    asyncio.run(server.stop(0))


def test_callers_that_come_and_go_leave_nothing_behind(calling):
    for _ in range(5):
        with grpc.insecure_channel(calling.target) as channel:
            channel.unary_unary(INFER)(infer_request(COLUMNS).SerializeToString(), timeout=20)
    connections = calling.server.server_state.connections
    while connections:
        time.sleep(0.01)
    assert not calling.server._rpc._pipes


def test_draining_server_is_not_ready(calling):
    assert calling.call("ServerReady", MESSAGES["ServerReadyRequest"]()).message.ready
    calling.serving.state.draining = True
    assert not calling.call("ServerReady", MESSAGES["ServerReadyRequest"]()).message.ready
    assert not calling.call("ModelReady", MESSAGES["ModelReadyRequest"](name="delay")).message.ready


def test_call_in_flight_is_answered_before_the_end(make_serving):
    with running(make_serving()) as calling:
        served, begun = calling.serving.slot.current, threading.Event()
        served.is_quick, predict = False, calling.serving.predictor.predict_rows

        def slow(rows: Any) -> Any:
            begun.set()
            while not calling.serving.state.draining or calling.server.servers[0].is_serving():
                time.sleep(0.01)
            return predict(rows)

        calling.serving.predictor.predict_rows = slow
        with ThreadPoolExecutor() as pool:
            asked = pool.submit(calling.call, "ModelInfer", infer_request(COLUMNS))
            assert begun.wait(20)
            calling.server.stop()
            assert asked.result().code is grpc.StatusCode.OK


def test_call_that_outlasts_the_drain_is_cut_off(make_serving):
    go = threading.Event()
    with running(make_serving(), drain_s=1) as calling, ThreadPoolExecutor() as pool:
        served, begun = calling.serving.slot.current, threading.Event()
        served.is_quick = False

        def hang(rows: Any) -> Any:
            del rows
            begun.set()
            go.wait(20)
            return []

        calling.serving.predictor.predict_rows = hang
        asked = pool.submit(calling.call, "ModelInfer", infer_request(COLUMNS))
        assert begun.wait(20)
        calling.server.stop()
        assert asked.result().code in {grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE}
        go.set()


def test_no_call_fails_or_is_mixed_while_versions_are_swapped(workspace):
    ready, stop, done, urls = threading.Event(), threading.Event(), threading.Event(), []
    options = ServeOptions(models=(ServedChoice("delay@champion"),), port=0, poll_seconds=0.02, grpc=True)
    parts = {"stores": workspace.stores, "registry": workspace.registry, "clock": SystemClock(), "stop": stop}
    told = {"ready": lambda url: (urls.append(url), ready.set())}
    serving = threading.Thread(target=serve, args=(options,), kwargs=parts | told)
    serving.start()
    assert ready.wait(20)
    body = infer_request({"days": [45.0], "crews": [3], "borough": ["Queens"]}).SerializeToString()
    seen: list[tuple[str, str]] = []

    def ask() -> None:
        with grpc.insecure_channel(urls[0].removeprefix("http://")) as channel:
            method = channel.unary_unary(INFER, response_deserializer=ModelInferResponse.FromString)
            while not done.is_set():
                found = method(body, timeout=20)
                seen.append((found.model_version, outputs_of(found)["prediction"][0]))

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for version in (2, 1, 2, 1, 2):
            workspace.registry.promote("delay", version, reason="a test")
            while seen[-1:] != [(str(version), {1: "yes", 2: "no"}[version])] and not any(
                each.done() for each in asking
            ):
                time.sleep(0.01)
        done.set()
        for each in asking:
            each.result()
    stop.set()
    serving.join(20)
    assert set(seen) == {("1", "yes"), ("2", "no")}


@pytest.mark.slow
def test_callers_move_to_another_server_without_a_failed_call(make_serving):
    """While servers end one after the other, each taken over from by the next."""
    results: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    done, first = threading.Event(), make_serving()

    def ask(channel: grpc.Channel) -> None:
        method = channel.unary_unary(INFER)
        body = infer_request(COLUMNS).SerializeToString()
        while not done.is_set():
            try:
                _, call = method.with_call(body, timeout=20)
                results["ok"] += 1
                seen[call.trailing_metadata()[1].value] += 1
            except grpc.RpcError as error:
                results[f"{error.code().name} {error.details()}"] += 1

    with running(make_serving()) as last:
        with running(first) as calling:
            # The addresses are tried in their order.
            channel = grpc.insecure_channel(f"ipv4:{calling.target},{last.target}")
            asking = [threading.Thread(target=ask, args=(channel,)) for _ in range(8)]
            for each in asking:
                each.start()
            while first.predictor.asked < 500:
                time.sleep(0.01)
        before = last.serving.predictor.asked
        while last.serving.predictor.asked < before + 500:
            time.sleep(0.01)
        done.set()
        for each in asking:
            each.join(20)
        channel.close()
    assert set(results) == {"ok"}, results
