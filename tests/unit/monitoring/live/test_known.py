from __future__ import annotations

from typing import Any

from millwright.monitoring.live.known import KnownVersions


def test_cells_of_a_version_are_made_once(world: Any):
    world.register()
    known = KnownVersions(world.stores)
    found = known.find("delay", 1)
    assert found.grid is not None
    assert found.digest == found.grid.digest
    assert found.signature == world.model.signature
    assert known.find("delay", 1) is found


def test_version_without_a_reference_tells_why_it_has_no_cells(world: Any):
    world.register(reference=False)
    found = KnownVersions(world.stores).find("delay", 1)
    assert (found.grid, found.digest) == (None, "")
    assert "reference.parquet" in found.reason


def test_version_that_is_registered_later_is_found_then(world: Any):
    known = KnownVersions(world.stores)
    assert "not in the registry" in known.find("delay", 1).reason
    world.register()
    assert known.find("delay", 1).grid is not None
