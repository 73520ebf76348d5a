from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest

from millwright.automation.queue import Ask, RunQueue
from millwright.workspace.worker.heartbeat import Heartbeat
from tiny.queue_world import TARGET, begin_run, claim


class Listening:
    """A slot without a process."""

    def __init__(self, request) -> None:
        self.request, self.ended, self.cancelled_at, self.lost = request, Event(), None, False
        self.told, self.killed = [], False

    def extend(self, until) -> None:
        self.told.append(until)

    def kill(self) -> None:
        self.killed = True


@pytest.fixture
def slot(stores, clock):
    RunQueue(stores=stores, clock=clock, actor="ada").enqueue(TARGET, Ask(trigger="x"))
    return Listening(stores.queue.claim(claim("w", clock)))


@pytest.fixture
def heart(stores, clock, slot):
    return Heartbeat(stores=stores, clock=clock, owner="w", lease_s=30, slots=lambda: [slot])


def test_lease_is_renewed_and_told_to_the_process(heart, slot, stores, clock):
    clock.advance(timedelta(seconds=20))
    heart.renew()
    until = clock.now() + timedelta(seconds=30)
    assert slot.told == [until]
    assert stores.queue.get(slot.request.id).lease_until == until


def test_run_that_another_worker_took_up_is_ended_here(heart, slot, stores, clock):
    clock.advance(timedelta(seconds=30))
    stores.queue.claim(claim("other", clock))
    heart.renew()
    assert (slot.lost, slot.killed, slot.told) == (True, True, [])


def test_process_is_asked_to_stop_once_it_has_a_record(heart, slot, stores, clock):
    stores.queue.cancel(slot.request.id, by="ada", at=clock.now())
    heart.renew()
    assert slot.cancelled_at == clock.now()
    begin_run(stores, clock, id=slot.request.id)
    heart.renew()
    assert stores.pipelines.cancel_requested(slot.request.id) == "ada"


def test_process_that_has_ended_is_left_alone(heart, slot):
    slot.ended.set()
    heart.renew()
    assert slot.told == []


def test_thread_renews_until_the_context_is_left(stores, clock, slot):
    with Heartbeat(stores=stores, clock=clock, owner="w", lease_s=0.03, slots=lambda: [slot]):
        while len(slot.told) < 3:
            pass
    told = len(slot.told)
    assert told >= 3
