from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.automation.notification import Channel, Route
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from millwright.monitoring.finding import Finding

OPS = Route(name="ops", channels=("hook",), repeat=timedelta(0))


def channels(url: str) -> dict[str, Channel]:
    return {"hook": Channel(name="hook", kind="webhook", url=url)}


def test_failed_attempt_is_made_again_with_the_same_content(desk: Any, receiver: Any, drift: Finding):
    told = desk.route(OPS, channels=channels(receiver.url))
    receiver.status = 500
    desk.check(drift)
    desk.wait(seconds=30)
    (first,) = told.deliver_once()
    assert (first.state, first.attempts) == (DeliveryState.PENDING, 1)
    assert "answered 500" in first.last_error
    assert told.deliver_once() == []  # it rests
    receiver.status = 200
    desk.wait(seconds=2)
    (second,) = told.deliver_once()
    assert (second.state, second.attempts, second.last_error) == (DeliveryState.DELIVERED, 2, "")
    assert receiver.bodies()[0] == receiver.bodies()[1]


def test_receiver_that_asks_to_wait_is_waited_for(desk: Any, receiver: Any, drift: Finding):
    told = desk.route(OPS, channels=channels(receiver.url))
    receiver.status, receiver.headers = 503, {"Retry-After": "100"}
    desk.check(drift)
    desk.wait(seconds=30)
    (tried,) = told.deliver_once()
    assert tried.next_try_at == desk.clock.now() + timedelta(seconds=100)


def test_delivery_is_given_up_after_so_many_attempts_and_may_be_retried(desk: Any, receiver: Any, drift: Finding):
    told = desk.route(OPS, channels=channels(receiver.url))
    receiver.status = 500
    desk.check(drift)
    desk.wait(seconds=30)
    for _ in range(5):
        told.deliver_once()
        desk.wait(seconds=10)
    (dead,) = desk.stores.notifications.list_deliveries(channel="hook")
    assert (dead.state, dead.attempts) == (DeliveryState.DEAD, 3)
    receiver.status = 200
    assert desk.stores.notifications.retry("hook", desk.clock.now()) == 1
    assert [each.state for each in told.deliver_once()] == [DeliveryState.DELIVERED]


def test_nothing_is_sent_about_what_ended_before_it_was_told(desk: Any, receiver: Any, drift: Finding):
    told = desk.route(OPS, channels=channels(receiver.url))
    (alert,) = desk.check(drift)
    desk.person().resolve(alert.id, reason="mended")
    desk.wait(seconds=30)
    (done,) = told.deliver_once()
    assert (done.state, receiver.requests) == (DeliveryState.DELIVERED, [])
    assert "Nothing was left to tell" in done.last_error


def test_channel_that_is_no_longer_there_is_said(desk: Any, receiver: Any, drift: Finding):
    told = desk.route(OPS, channels=channels(receiver.url))
    desk.check(drift)
    desk.wait(seconds=30)
    told.channels.clear()
    (tried,) = told.deliver_once()
    assert "no channel 'hook'" in tried.last_error
