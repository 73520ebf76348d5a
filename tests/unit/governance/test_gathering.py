from __future__ import annotations

from typing import Any

import pytest

from millwright.governance.gathering import Gatherer


@pytest.fixture
def gatherer(house: Any) -> Gatherer:
    return Gatherer(house.register(), house.stores)


def test_gatherer_separates_quarantined_rows_from_those_trained_on(gatherer: Gatherer):
    assert [dataset.ref for dataset in gatherer.datasets()] == ["schedules@1"]
    assert [dataset.ref for dataset in gatherer.quarantined()] == ["schedules.quarantine@1"]
    assert gatherer.quarantined()[0].quarantined_from == "schedules@1"


def test_gatherer_notes_each_missing_thing_once(gatherer: Gatherer):
    assert gatherer.document("card.md") is None
    assert gatherer.missing == ["The version has no document 'card.md'."]


def test_gatherer_lists_the_aliases_of_now(gatherer: Gatherer):
    assert gatherer.aliases() == ("champion",)
