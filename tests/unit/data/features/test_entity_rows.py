"""Entity rows without an entity frame."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.definition import Entity
from millwright.data.features.entity_rows import entity_rows, intervals
from millwright.data.features.plan import plan_features
from millwright.data.features.view_rows import view_rows

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_entity_is_there_from_its_first_row_on(history, phases) -> None:
    def known(*days: int, view=history) -> list:
        moments = [(START + day * DAY).replace(tzinfo=None) for day in days]
        plan = plan_features([view[["late"]]])
        return entity_rows(plan, moments, read=lambda view: view_rows(view, phases), timestamp="t").rows()

    assert known(-1) == []
    assert known(2, 0, 2) == [("a", START), ("a", START + 2 * DAY), ("b", START + 2 * DAY)]
    assert known(1, view=replace(history, created="")) == [("a", START + DAY)]


def test_views_of_several_entities_are_refused(history, phases) -> None:
    other = replace(history, name="other", entities=[Entity("firm")])
    everyone = replace(history, name="everyone", entities=[])
    for plan in (plan_features([history[["late"]], other[["cost"]]]), plan_features([everyone[["late"]]])):
        with pytest.raises(InvalidInputError, match="Expected views of the same entity"):
            entity_rows(plan, [START], read=lambda view: view_rows(view, phases), timestamp="t")
    with pytest.raises(InvalidInputError, match="Expected a moment"):
        entity_rows(plan_features([history[["late"]]]), [], read=lambda view: view_rows(view, phases), timestamp="t")


def test_intervals_end_at_the_last_moment() -> None:
    assert intervals(START, START + 2 * DAY, DAY) == [START, START + DAY, START + 2 * DAY]
    assert intervals(START, START + DAY / 2, DAY) == [START]
    assert intervals(START, START - DAY, DAY) == []
    for every in (timedelta(0), timedelta(microseconds=1)):
        with pytest.raises(InvalidInputError, match="duration above 0"):
            intervals(START, START + DAY, every)
