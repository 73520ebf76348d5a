"""Where a view's values are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.data.features.online.place import PendingPass, PlaceState, place_of, read_state, write_state
from tiny.online_world import phases

if TYPE_CHECKING:
    from tiny.online_world import World


def test_place_follows_from_what_decides_values() -> None:
    assert place_of(phases()) == place_of(phases(description="Of a site", owner="ann", online=False))
    assert place_of(phases()) != place_of(phases(ttl=timedelta(days=1)))
    assert place_of(phases()).startswith("history@")


def test_state_comes_back_as_it_was(world: World) -> None:
    store = world.online.store
    assert read_state(store, "v@1") is None
    pending = PendingPass(source="phases@2", since_us=5, behind=7, until_us=9, done=3)
    state = PlaceState(key_types=("Int64", "String"), source="phases@1", until_us=5, rows=7, pending=pending)
    write_state(store, "v@1", state)
    assert read_state(store, "v@1") == state
