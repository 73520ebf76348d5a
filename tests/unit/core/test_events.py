from __future__ import annotations

from datetime import UTC, datetime

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
