from __future__ import annotations

import time

from millwright.automation.delivery import Deliveries
from millwright.core.clock import SystemClock
from millwright.core.events import Event, EventBus


def test_published_event_is_delivered_at_once_while_it_runs(stores, options, draft, receiver):
    from dataclasses import replace

    events, clock = EventBus(), SystemClock()
    slow_poll = replace(options, poll_s=60)
    deliveries = Deliveries(stores=stores, clock=clock, events=events, options=slow_poll)
    events.keep(deliveries.outbox.keep)
    hook = deliveries.webhooks_as("user:bob").add(draft)
    assert hook.owner == "user:bob"
    with deliveries.running():
        time.sleep(0.1)
        event = Event(type="model.promoted", subject="m@1", at=clock.now())
        with stores.transactions.transaction():
            events.publish(event, stores.transactions)
        end = time.monotonic() + 5
        while not receiver.requests:
            assert time.monotonic() < end
            time.sleep(0.01)
    assert receiver.events()[0]["id"] == event.id
