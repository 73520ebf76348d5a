"""What a workspace offers online."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.feature import FeatureKind
from millwright.data.features.applying import closure, draft
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.service import FeatureService
from tiny.online_world import NOON, moment, phases, row

if TYPE_CHECKING:
    from tiny.online_world import World


@pytest.fixture
def recorded(world: World) -> World:
    """A view and a service that are recorded, and rows."""
    world.write([row(1, -3), row(2, -2)])
    for definition in closure([FeatureService("delay", [phases()])]):
        world.stores.features.put(draft(definition, at=NOON, actor="ann"))
    return world


def test_recorded_views_are_brought_and_read_by_name(recorded: World) -> None:
    (record,) = recorded.online.materialize()
    assert (record.view, record.view_version) == ("history", 1)
    assert recorded.online.read("delay", [{"site": 1}]).columns["late"] == [-3.0]
    assert recorded.online.read(["history:who"], [{"site": 2}]).columns == {"who": ["w-2"]}
    described = recorded.online.describe("history")
    assert (described.entities, described.source, described.until) == (2, "phases@1", NOON)
    assert not described.is_interrupted


def test_view_that_is_changed_is_described_as_not_yet_online(recorded: World) -> None:
    recorded.online.materialize()
    changed = phases(ttl=timedelta(days=1))
    recorded.stores.features.put(draft(changed, at=NOON, actor="ann"))
    described = recorded.online.describe("history")
    assert (described.entities, described.source, described.until) == (0, "", None)
    (record,) = recorded.online.materialize("history")
    assert (record.view_version, record.entities) == (2, 2)


def test_entity_is_forgotten_in_all_versions_without_its_name_in_the_audit_log(recorded: World) -> None:
    recorded.online.materialize([phases(), phases(ttl=timedelta(days=1))])
    assert recorded.online.delete("history", [{"site": 1}, {"site": 77}]) == 2
    assert recorded.values(phases(), 1, 2) == [None, -2.0]
    event = recorded.stores.audit.list()[0]
    assert (event.action, event.subject, event.details) == ("features.delete", "history", {"entities": 2, "deleted": 2})
    with pytest.raises(InvalidInputError, match="no 'site'"):
        recorded.online.delete("history", [{"sit": 1}])


def test_dropped_view_is_gone_and_comes_back(recorded: World) -> None:
    recorded.online.materialize()
    assert len(recorded.online.drop("history")) == 1
    assert recorded.values(phases(), 1) == [None]
    recorded.online.materialize()
    assert recorded.values(phases(), 1) == [-3.0]


def test_view_that_cannot_be_online_is_refused(recorded: World) -> None:
    view = OnDemandFeatureView("made", sources=phases(), features=phases().features[:1], transform=lambda frame: frame)
    with pytest.raises(InvalidInputError, match="computed when it is read"):
        recorded.online.materialize(view)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError, match="no feature view 'histori'"):
        recorded.online.push("histori", recorded.datasets.get("phases").read())
    recorded.stores.features.retire(FeatureKind.VIEW, "history")
    with pytest.raises(NotFoundError, match="No view is to be online"):
        recorded.online.materialize()


def test_reader_of_a_service_object_is_made_once(recorded: World) -> None:
    service = FeatureService("delay", [phases()])
    recorded.online.materialize(phases(), until=moment(0))
    assert recorded.online.read(service, [{"site": 1}]).columns["late"] == [-3.0]
    calls: list[object] = []
    recorded.online.reader = calls.append  # type: ignore[method-assign, assignment]
    assert recorded.online.read(service, [{"site": 2}]).columns["late"] == [-2.0]
    assert calls == []
