from __future__ import annotations

from datetime import timedelta
from typing import Any

from millwright.automation.notification import Channel, Route


def test_what_waits_for_a_channel_is_told_with_its_reason(desk: Any, receiver: Any, drift: Any) -> None:
    told = desk.route(
        Route(name="ops", channels=("hook",), repeat=timedelta(0)),
        channels={"hook": Channel(name="hook", kind="webhook", url=receiver.url)},
    )
    assert told.waiting("hook").text == ""
    desk.check(drift)
    assert told.waiting("hook").text == "1 gathers"
    desk.wait(seconds=30)
    receiver.status = 500
    told.deliver_once()
    waits = told.waiting("hook")
    assert (waits.resting, waits.attempts, waits.due) == (1, 1, 0)
    assert waits.next_try_at is not None
    assert waits.next_try_at > desk.clock.now()
    assert "1 rests until" in waits.text
    assert "after 1 failed" in waits.text
    assert told.retry("hook") == 1
    assert told.waiting("hook").text == "1 due"
    desk.clock.advance(timedelta(seconds=1))
    receiver.status = 200
    told.deliver_once()
    assert told.waiting("hook").text == ""
