from __future__ import annotations

import time
from datetime import timedelta

from millwright.automation.delivery import Courier, DeliveryWorker
from millwright.automation.delivery.lease import LEASE
from millwright.core.clock import SystemClock
from millwright.core.records.delivery import DeliveryState


def build(stores, options) -> DeliveryWorker:
    clock = SystemClock()
    return DeliveryWorker(
        store=stores.deliveries,
        leases=stores.leases,
        courier=Courier(stores.deliveries, clock, options),
        clock=clock,
        options=options,
    )


def wait_for(condition, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_worker_delivers_in_order_while_it_runs_and_gives_its_lease_back(
    stores, options, webhooks, draft, happen, receiver
):
    webhooks.add(draft)
    with build(stores, options) as worker:
        for _ in range(20):
            happen()
        worker.wake()
        wait_for(lambda: stores.deliveries.list_deliveries(state=DeliveryState.PENDING) == [])
        assert stores.leases.holder(LEASE, now=SystemClock().now()) is not None
    assert [int(event["sequence"]) for event in receiver.events()] == list(range(1, 21))
    assert stores.leases.holder(LEASE, now=SystemClock().now()) is None


def test_of_two_workers_one_delivers_and_the_other_takes_over(stores, options, webhooks, draft, happen, receiver):
    webhooks.add(draft)
    with build(stores, options) as second:
        with build(stores, options):
            for _ in range(10):
                happen()
            wait_for(lambda: len(receiver.requests) == 10)
        happen()
        second.wake()
        wait_for(lambda: len(receiver.requests) == 11)
    assert [int(event["sequence"]) for event in receiver.events()] == list(range(1, 12))


def test_worker_waits_while_another_process_has_the_lease(stores, options, webhooks, draft, happen, receiver):
    webhooks.add(draft)
    now = SystemClock().now()
    stores.leases.acquire(LEASE, "other", now=now, until=now + timedelta(seconds=0.4))
    happen()
    with build(stores, options):
        time.sleep(0.2)
        assert receiver.requests == []
        wait_for(lambda: len(receiver.requests) == 1)


def test_slow_webhook_holds_up_nobody_else(stores, options, webhooks, draft, happen, receiver):
    from dataclasses import replace

    receiver.answers["/slow"] = lambda _: time.sleep(1)
    webhooks.add(replace(draft, name="slow", url=f"{receiver.url}/slow"))
    webhooks.add(draft)
    with build(stores, options):
        for _ in range(5):
            happen()
        wait_for(lambda: sum(request["path"] == "/hook" for request in receiver.requests) == 5, seconds=0.9)


def test_worker_goes_on_after_an_error(stores, options, webhooks, draft, happen, receiver, monkeypatch, caplog):
    monkeypatch.setattr("millwright.automation.delivery.worker._REST_AFTER_ERROR_S", 0.05)
    webhooks.add(draft)
    happen()
    real, calls = stores.deliveries.list_due, []

    def failing(*args: object, **options_: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("the disk is away")
        return real(*args, **options_)

    monkeypatch.setattr(stores.deliveries, "list_due", failing)
    with build(stores, options):
        wait_for(lambda: len(receiver.requests) == 1)
    assert "the disk is away" in caplog.text
