from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.automation.online.declaration import OnlineLearning
from millwright.automation.online.ledger import HELD, RESUMED, Ledger
from millwright.automation.online.stream import Position

if TYPE_CHECKING:
    from automation.conftest import Project


def test_latest_entry_tells_whether_learning_is_held(project: Project):
    declared = OnlineLearning(name="site", endpoint="site", model="site")
    ledger = Ledger(declared, stores=project.stores, clock=project.clock, events=project.events, actor="online")
    place = Position(project.clock.now(), "abc")

    before = ledger.latest()
    ledger.write(HELD, place, "it fell", value=0.4)
    held = ledger.latest()
    ledger.write(RESUMED, place, "it rose", value=0.9)
    resumed = ledger.latest()

    assert (before.is_held, before.position) == (False, None)
    assert (held.is_held, held.position, held.reason) == (True, place, "it fell")
    assert (resumed.is_held, resumed.position) == (False, place)
    assert [event.type for event in project.heard] == ["online.rolled_back", "online.resumed"]
