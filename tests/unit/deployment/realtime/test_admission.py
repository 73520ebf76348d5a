from __future__ import annotations

import asyncio

import pytest

from millwright.core.errors import ServiceUnavailableError
from millwright.deployment.realtime.admission import Admission


def test_requests_beyond_the_most_are_refused():
    admission = Admission(2)

    async def run() -> None:
        admission.tasks = {asyncio.create_task(asyncio.sleep(0)) for _ in range(2)}
        admission.check()
        admission.tasks = {*admission.tasks, asyncio.create_task(asyncio.sleep(0))}
        with pytest.raises(ServiceUnavailableError, match="takes 2 requests at once"):
            admission.check()

    asyncio.run(run())


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
