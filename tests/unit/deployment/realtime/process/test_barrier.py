from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from millwright.deployment.realtime.process.agreement import Word
from millwright.deployment.realtime.process.barrier import all_held
from millwright.deployment.realtime.process.board import Board

WORD = Word(is_commit=True, number=3, places=(0, 1))


def two_that_answer() -> Board:
    board = Board()
    for place in WORD.places:
        board.hold(place, 0)
    return board


def test_none_goes_on_before_all_have_come():
    board, entered = two_that_answer(), threading.Event()

    def switch(place: int) -> None:
        with all_held(WORD, board, place, None):
            entered.set()

    with ThreadPoolExecutor() as pool:
        first = pool.submit(switch, 0)
        while not board.is_held(0, WORD.number):
            pass
        assert not entered.is_set()
        second = pool.submit(switch, 1)
        first.result(20)
        second.result(20)


def test_who_does_not_come_is_not_waited_for_without_end(caplog):
    with all_held(WORD, two_that_answer(), 0, None):
        assert "another worker has not switched" in caplog.text


def test_event_loop_does_nothing_meanwhile():
    board = Board()
    seen: list[str] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def switch() -> None:
            with all_held(WORD, board, 0, loop):
                loop.call_soon_threadsafe(seen.append, "request")
                seen.append("switched")

        await asyncio.to_thread(switch)
        await asyncio.sleep(0)

    asyncio.run(run())
    assert seen == ["switched", "request"]


def test_loop_that_has_ended_is_not_waited_for():
    loop = asyncio.new_event_loop()
    loop.close()
    with all_held(WORD, Board(), 0, loop):
        pass
