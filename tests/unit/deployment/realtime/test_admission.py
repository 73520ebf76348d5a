from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx
import pytest

from millwright.core.errors import OverloadedError, ServiceUnavailableError
from millwright.core.listener import listener_url, open_listener
from millwright.deployment.realtime.admission import Admission
from millwright.deployment.realtime.http_server import HttpServer


def test_requests_beyond_the_most_are_refused():
    admission = Admission(2)

    async def run() -> None:
        admission.tasks = {asyncio.create_task(asyncio.sleep(0)) for _ in range(2)}
        admission.check()
        admission.tasks = {*admission.tasks, asyncio.create_task(asyncio.sleep(0))}
        with pytest.raises(ServiceUnavailableError, match="takes 2 requests at once"):
            admission.check()

    asyncio.run(run())


def test_of_a_burst_in_one_turn_of_the_loop_as_many_are_admitted_as_may_be():
    admission = Admission(2)
    admitted, refused = [], []

    async def ask(number: int, leave: asyncio.Event) -> None:
        try:
            admission.check()
        except OverloadedError:
            refused.append(number)
        else:
            admitted.append(number)
            await leave.wait()

    async def run() -> None:
        leave = asyncio.Event()
        tasks = {asyncio.create_task(ask(number, leave)) for number in range(20)}
        admission.tasks = set(tasks)
        while len(admitted) + len(refused) < 20:  # noqa: ASYNC110
            await asyncio.sleep(0)
        leave.set()
        await asyncio.gather(*tasks)

    asyncio.run(run())
    assert (len(admitted), len(refused)) == (2, 18)


def test_request_that_takes_too_long_is_ended_and_told_why():
    admission = Admission(seconds=5)

    async def slow() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return str(admission.ended())
        return "was not ended"

    async def run() -> str:
        task = asyncio.create_task(slow())
        admission.tasks = {task}
        await asyncio.sleep(0)
        for now in (100.0, 105.0):
            admission.look(now)
            await asyncio.sleep(0)
            assert not task.done()
        admission.look(105.1)
        return await task

    assert "more than the 5 s" in asyncio.run(run())


def test_request_that_was_cancelled_for_another_reason_stays_cancelled():
    admission = Admission(seconds=5)

    async def run() -> None:
        with pytest.raises(asyncio.CancelledError):
            admission.ended()

    asyncio.run(run())


def test_without_a_limit_nothing_is_ended():
    admission = Admission()

    async def run() -> None:
        task = asyncio.create_task(asyncio.sleep(0.01))
        admission.tasks = {task}
        admission.look(0.0)
        admission.look(1e9)
        await task

    asyncio.run(run())


def test_overloaded_server_refuses_at_once_and_still_answers_its_probes(make_serving, row):
    serving = make_serving(admission=Admission(8))
    served = serving.slot.current
    gate, predict = threading.Event(), served.predictor.predict_rows

    def slow(rows: Any) -> Any:
        assert gate.wait(20)
        return predict(rows)

    served.predictor.predict_rows = slow
    served.is_quick = False
    listener, started = open_listener("127.0.0.1", 0), threading.Event()
    server = HttpServer(serving.app, serving.state, drain_s=5, started=started.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    assert started.wait(10)

    async def load() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        url = listener_url(listener, "127.0.0.1")
        async with httpx.AsyncClient(base_url=url, timeout=20, limits=limits) as client:
            asking = [asyncio.create_task(client.post("/predict", json=row)) for _ in range(8)]
            while len(server.server_state.tasks) < 8:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            refused = await asyncio.gather(*(client.post("/predict", json=row) for _ in range(92)))
            assert {each.status_code for each in refused} == {503}
            assert {each.headers["retry-after"] for each in refused} == {"1"}
            assert (await client.get("/v2/health/live")).status_code == 200
            assert (await client.get("/v2/health/ready")).status_code == 200
            gate.set()
            return [each for each in await asyncio.gather(*asking) if each.status_code == 200]

    try:
        assert len(asyncio.run(load())) == 8
    finally:
        gate.set()
        server.stop()
        thread.join(10)
        listener.close()
