from __future__ import annotations

import socket
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.automation.notification import Channel, Route
from millwright.core.errors import ConflictError
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.monitoring.finding import Finding

OPS = Route(name="ops", channels=("dead", "alive"), group_wait=timedelta(0), group_interval=timedelta(0))


@pytest.fixture
def silent_url() -> Iterator[str]:
    """Takes connections, and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def channels(**urls: str) -> dict[str, Channel]:
    return {name: Channel(name=name, kind="webhook", url=url) for name, url in urls.items()}


def test_dead_channel_does_not_hold_up_the_others(desk: Any, receiver: Any, silent_url: str, drift: Finding):
    told = desk.route(OPS, channels=channels(dead=silent_url, alive=receiver.url))
    begun = time.monotonic()
    with told.running():
        for name in ("a", "b", "c"):
            desk.check(drift, endpoint=name)
        until(lambda: len(receiver.requests) == 3)
        assert time.monotonic() - begun < 2  # sooner than the dead one's first attempt has ended
    assert {body["subject"] for body in receiver.bodies()} == {"a", "b", "c"}
    states = {each.state for each in desk.stores.notifications.list_deliveries(channel="dead")}
    assert states == {DeliveryState.PENDING}


def test_only_one_of_several_workers_delivers(desk: Any, receiver: Any, drift: Finding):
    told = desk.route(replace(OPS, channels=("alive",)), channels=channels(alive=receiver.url))
    assert told.step()
    with pytest.raises(ConflictError, match="Another process"):
        told.deliver_once()
    desk.check(drift)
    assert told.step()
    until(lambda: len(receiver.requests) == 1)
    told.close()
    assert told.deliver_once() == []


def test_end_arrives_after_the_beginning(desk: Any, receiver: Any, drift: Finding):
    told = desk.route(replace(OPS, channels=("alive",)), channels=channels(alive=receiver.url))
    receiver.status = 500
    (alert,) = desk.check(drift)
    told.deliver_once()
    desk.person().resolve(alert.id, reason="mended")
    receiver.status = 200
    assert told.deliver_once() == []  # the beginning rests, and the end waits for it
    desk.wait(seconds=5)
    assert len(told.deliver_once()) == 2
    assert [body["data"]["resolved"] for body in receiver.bodies()] == [False, False, True]


def test_nothing_runs_without_routes(desk: Any):
    told = desk.route(channels={})
    assert not told.step()
    with told.running():
        pass
    assert desk.stores.leases.holder("alert-notifications", now=desk.clock.now()) is None
