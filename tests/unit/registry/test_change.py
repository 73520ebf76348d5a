from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import ManualClock
from millwright.core.events import Event, EventBus
from millwright.core.records.model import ModelVersionState, RegisteredModelRecord
from millwright.registry.change import Changes
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores


@pytest.fixture
def changes(stores: Stores, events: list[Event]) -> Changes:
    bus = EventBus()
    bus.subscribe("*", events.append)
    stores.models.create_model(RegisteredModelRecord(name="delay", created_at=sample.NOON))
    stores.models.create_version(sample.model_version())
    return Changes(stores=stores, clock=ManualClock(sample.NOON), events=bus, actor="user:ada")


def test_change_is_taken_back_whole_when_it_raises(changes: Changes, stores: Stores, events: list[Event]) -> None:
    version = stores.models.get_version("delay", 1)
    with pytest.raises(ZeroDivisionError), changes.begin("delay") as change:  # noqa: PT012 - fails at its end
        change.set_state(version, ModelVersionState.APPROVED, "x")
        change.move_alias("champion", version, action="model.promote", reason="x")
        _ = 1 / 0
    assert stores.models.get_version("delay", 1) == version
    assert stores.models.list_aliases() == []
    assert stores.audit.list() == []
    assert events == []


def test_change_has_one_time_and_actor(changes: Changes, stores: Stores, events: list[Event]) -> None:
    with changes.begin("delay") as change:
        version = stores.models.get_version("delay", 1)
        record = change.move_alias("champion", version, action="model.promote", reason="x")
    (entry,) = stores.audit.list()
    assert record.set_at == entry.at == events[0].at == sample.NOON
    assert record.set_by == entry.actor == events[0].data["actor"] == "user:ada"


def test_state_that_stays_is_not_told(changes: Changes, stores: Stores, events: list[Event]) -> None:
    with changes.begin("delay") as change:
        change.set_state(stores.models.get_version("delay", 1), ModelVersionState.CANDIDATE, "x")
    assert events == []
