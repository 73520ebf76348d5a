from __future__ import annotations

from datetime import UTC, datetime

import pytest

from millwright.core.events import Event, EventBus


def event(kind: str = "model.promoted") -> Event:
    return Event(type=kind, subject="m@1", at=datetime(2026, 1, 1, tzinfo=UTC))


def test_listeners_of_the_type_and_of_all_types_are_told():
    bus, heard = EventBus(), []
    bus.subscribe("model.promoted", lambda e: heard.append(("one", e.type)))
    bus.subscribe("*", lambda e: heard.append(("all", e.type)))
    bus.emit(event())
    bus.emit(event("run.ended"))
    assert heard == [("one", "model.promoted"), ("all", "model.promoted"), ("all", "run.ended")]


def test_listener_that_raises_stops_nobody(caplog):
    bus, heard = EventBus(), []

    def broken(_: Event) -> None:
        raise RuntimeError("broken listener")

    bus.subscribe("*", broken)
    bus.subscribe("*", heard.append)
    bus.emit(event())
    assert len(heard) == 1
    assert "broken listener" in caplog.text


class Later:
    def __init__(self) -> None:
        self.actions = []

    def after_commit(self, action) -> None:
        self.actions.append(action)


def test_keeper_is_called_at_once_and_listeners_after_the_commit():
    bus, heard, commits = EventBus(), [], Later()
    bus.keep(lambda e: heard.append("kept " + e.type))
    bus.subscribe("*", lambda e: heard.append("heard " + e.type))
    bus.publish(event(), commits)
    assert heard == ["kept model.promoted"]
    commits.actions[0]()
    assert heard == ["kept model.promoted", "heard model.promoted"]


def test_keeper_that_raises_stops_the_change_and_nobody_is_told():
    bus, commits = EventBus(), Later()

    def broken(_: Event) -> None:
        raise RuntimeError("the disk is full")

    bus.keep(broken)
    with pytest.raises(RuntimeError, match="disk is full"):
        bus.publish(event(), commits)
    assert commits.actions == []


def test_emitted_event_reaches_no_keeper():
    bus, kept = EventBus(), []
    bus.keep(kept.append)
    bus.emit(event())
    assert kept == []
