from __future__ import annotations

from datetime import timedelta

from millwright.automation.triggers.position import WINDOW, AlertPosition
from millwright.core.ids import AlertId
from millwright.core.records.monitor import AlertRecord, AlertState, Severity
from tiny.queue_world import NOW


def alert(name: str, seconds: float) -> AlertRecord:
    return AlertRecord(
        id=AlertId(name), endpoint="e", kind="drift", severity=Severity.INFO, state=AlertState.OPEN, message="",
        created_at=NOW + timedelta(seconds=seconds),
    )  # fmt: skip


def test_position_is_read_as_it_was_written():
    position = AlertPosition(at=NOW, seen=frozenset({"b", "a"}))
    assert AlertPosition.read(position.text()) == position
    assert AlertPosition(at=NOW, seen=frozenset(["a", "b"])).text() == position.text()


def test_alert_is_new_once():
    first, second = alert("a", 1), alert("b", 2)
    position = AlertPosition(at=NOW)
    assert position.unseen([first]) == [first]
    position = position.after([first])
    assert position.unseen([second, first]) == [second]
    assert position.after([second, first]).unseen([second, first]) == []


def test_alert_that_appears_behind_a_later_one_is_not_missed():
    late, slow = alert("late", 60), alert("slow", 30)
    position = AlertPosition(at=NOW).after([late])
    assert position.unseen([late, slow]) == [slow]


def test_old_alerts_are_forgotten_and_not_new():
    old, new = alert("old", 0), alert("new", WINDOW.total_seconds() + 1)
    position = AlertPosition(at=NOW).after([old]).after([old, new])
    assert position.seen == {"new"}
    assert position.unseen([old, new]) == []


def test_alerts_from_before_the_beginning_are_not_new():
    assert AlertPosition(at=NOW).unseen([alert("a", -WINDOW.total_seconds())]) == []
