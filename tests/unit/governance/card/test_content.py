from __future__ import annotations

from typing import Any

from millwright.governance.card.content import gather_card


def test_content_holds_everything_that_is_recorded(house: Any):
    found = gather_card(house.register(), stores=house.stores)
    assert found.report is not None
    assert found.gates is not None
    assert found.signature == house.model.signature
    assert found.contract is not None
    assert found.contract[0] == "contract.yaml"
    assert "cost" in found.contract[1]
    assert found.limitations


def test_content_stands_without_what_is_missing(house: Any):
    house.documents["evaluation.json"] = b"{"
    version = house.register(without=("gates.json",), promote=False)
    assert version.code is not None
    house.stores.artifacts.delete(version.code.snapshot)
    found = gather_card(version, stores=house.stores)
    assert (found.report, found.gates, found.contract) == (None, None, None)


def test_content_is_of_now_when_the_record_is_old(house: Any):
    old = house.register(promote=False)
    house.registry.approve("delay", 1, reason="fine")
    assert gather_card(old, stores=house.stores).explanation.state == "approved"
