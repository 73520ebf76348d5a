"""Whether what is online is what the dataset says."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.data.features.online.newest import online_rows
from millwright.data.features.online.place import place_of
from millwright.data.features.stream_view import StreamFeatureView, Window, WindowKind
from millwright.data.features.view_rows import view_rows
from tiny.online_world import phases, row, table

if TYPE_CHECKING:
    from tiny.online_world import World


@pytest.fixture
def filled(world: World) -> World:
    world.write([row(site, -site, float("nan") if site == 3 else None) for site in range(1, 21)])
    world.online.materialize(phases())
    return world


def test_view_that_was_brought_is_consistent(filled: World) -> None:
    report = filled.online.check(phases())
    assert (report.is_consistent, report.entities, report.compared, report.source) == (True, 20, 20, "phases@1")
    assert filled.online.check(phases(), sample=5).compared == 5


def test_planted_differences_are_all_told(filled: World) -> None:
    """A wrong value, a key too many, a key too few, and one that is newer in the dataset."""
    wrong = table([row(4, -4, 99.0), row(77, -1)])
    filled.online.store.put(place_of(phases()), online_rows(phases(), view_rows(phases(), wrong).collect()))
    filled.online.delete(phases(), [{"site": 5}])
    filled.write([row(6, -0.5)], mode="append")
    report = filled.online.check(phases(), sample=None)
    late, who, _ = report.features
    assert {found.key[0]: (found.online, found.offline, found.status) for found in late.examples} == {
        4: (99.0, -4.0, "present"),
        77: (-1.0, None, "present"),
        5: (None, -5.0, "missing"),
        6: (-6.0, -0.5, "present"),
    }
    assert (late.different, who.different) == (4, 3)
    assert (report.entities, report.only_online, report.only_offline) == (21, 1, 1)
    assert not report.is_consistent


def test_expiry_is_the_same_on_both_sides(filled: World) -> None:
    view = phases(ttl=timedelta(hours=10))
    filled.online.materialize(view)
    report = filled.online.check(view)
    assert report.is_consistent
    found = filled.online.read(view, [{"site": 10}, {"site": 11}])
    assert [each.value for each in found.status("late")] == ["present", "expired"]


def test_lists_that_differ_are_told_as_lists(world: World) -> None:
    window = Window("last", "late", WindowKind.LAST, n=2, over=timedelta(days=1), dtype="Float64")
    view = StreamFeatureView(
        "visits", entities=phases().entities, source="phases", timestamp="at", windows=[window], event_id="who"
    )
    world.write([row(1, -3)])
    world.online.materialize(view)
    world.write([row(1, -2)], mode="append")
    (example,) = world.online.check(view).features[0].examples
    assert (example.online, example.offline) == ([-3.0], [-2.0, -3.0])


def test_empty_view_is_consistent(world: World) -> None:
    world.write([])
    report = world.online.check(phases())
    assert (report.is_consistent, report.entities) == (True, 0)


def test_numbers_differ_from_none_and_from_infinite_ones(world: World) -> None:
    """NaN and infinities are equal to themselves, and near to nothing."""
    world.write(
        [row(1, -1, math.nan), row(2, -2, math.inf), row(3, -3, 3.0), row(4, -4, math.nan), row(5, -5, math.inf)]
    )
    world.online.materialize(phases())
    assert world.online.check(phases()).is_consistent
    wrong = table([row(1, -1, 5.0), row(2, -2, 5.0), row(3, -3, math.nan)])
    world.online.store.put(place_of(phases()), online_rows(phases(), view_rows(phases(), wrong).collect()))
    assert world.online.check(phases()).features[0].different == 3
