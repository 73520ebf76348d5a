from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.automation.delivery import Courier
from millwright.core.records.delivery import DeliveryState


@pytest.fixture
def courier(stores, clock, options):
    return Courier(stores.deliveries, clock, options)


def subjects(receiver) -> list[tuple[str, str]]:
    return [(event["subject"], event["sequence"][-1]) for event in receiver.events()]


def test_due_events_arrive_in_order_of_each_model(courier, webhooks, draft, happen, receiver):
    webhooks.add(draft)
    for name in ("a", "b", "a", "a", "b"):
        happen(name=name)
    done = courier.deliver_due()
    assert [each.state for each in done] == [DeliveryState.DELIVERED] * 5
    told = subjects(receiver)
    assert [number for name, number in told if name == "a@1"] == ["1", "2", "3"]
    assert [number for name, number in told if name == "b@1"] == ["1", "2"]
    assert courier.deliver_due() == []


def test_refused_delivery_is_tried_again_later_with_the_same_id_and_in_order(
    courier, webhooks, draft, happen, receiver, clock
):
    webhooks.add(draft)
    receiver.answers["/hook"] = (503, b"not\n now", {})
    happen()
    happen()
    (failed,) = courier.deliver_due()
    assert failed.last_error == "The receiver answered 503: not now"
    assert failed.status_code == 503
    assert courier.deliver_due() == []
    clock.advance(timedelta(seconds=6))
    receiver.answers.clear()
    assert len(courier.deliver_due()) == 2
    assert [number for _, number in subjects(receiver)] == ["1", "1", "2"]
    ids = [request["headers"]["webhook-id"] for request in receiver.requests]
    assert ids[0] == ids[1] != ids[2]


def test_delivery_is_dead_after_the_last_attempt_and_the_next_goes_on(
    courier, webhooks, draft, happen, receiver, clock, stores, caplog
):
    webhooks.add(draft)
    receiver.answers["/hook"] = (302, b"", {"Location": "http://169.254.169.254/"})
    happen()
    happen()
    for _ in range(3):
        courier.deliver_due()
        clock.advance(timedelta(hours=1))
    (dead,) = stores.deliveries.list_deliveries(state=DeliveryState.DEAD)
    assert dead.last_error == "The receiver answered 302; redirects are not followed."
    assert "is given up" in caplog.text
    receiver.answers.clear()
    courier.deliver_due()
    assert webhooks.retry(dead.id).state is DeliveryState.PENDING
    assert [each.id for each in courier.deliver_due()] == [dead.id]
    assert stores.deliveries.list_deliveries(state=DeliveryState.DEAD) == []


def test_receiver_that_asks_for_time_gets_it(courier, webhooks, draft, happen, receiver, clock):
    webhooks.add(draft)
    receiver.answers["/hook"] = (429, b"", {"Retry-After": "100"})
    happen()
    (failed,) = courier.deliver_due()
    assert failed.next_try_at == clock.now() + timedelta(seconds=100)


def test_address_that_became_private_is_refused_at_delivery(stores, clock, webhooks, draft, happen, receiver):
    webhooks.add(draft)
    happen()
    (failed,) = Courier(stores.deliveries, clock).deliver_due()
    assert "scheme" in failed.last_error
    assert receiver.requests == []


def test_nobody_there_is_written_down(courier, webhooks, draft, happen, stores):
    hook = webhooks.add(draft)
    webhooks.change(hook.id, url="http://127.0.0.1:1/x")
    happen()
    (failed,) = courier.deliver_due()
    assert failed.last_error.startswith("Cannot reach http://127.0.0.1:1/x")
    assert failed.status_code is None
