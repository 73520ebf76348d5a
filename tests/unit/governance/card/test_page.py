from __future__ import annotations

from typing import Any

from millwright.governance.card.content import gather_card
from millwright.governance.card.page import render_page


def test_page_is_small_and_has_all_parts(house: Any):
    page = render_page(gather_card(house.register(), stores=house.stores))
    assert len(page) < 200_000
    for heading in ("Overview", "Intended use", "Data", "Contract", "Features", "Training", "Gates", "Lineage"):
        assert heading in page
    assert "Nobody has decided on it yet." in page


def test_page_escapes_foreign_text(house: Any):
    page = render_page(gather_card(house.register(), stores=house.stores))
    assert "<i>early" not in page
    assert "&lt;i&gt;early" in page
    assert "<b>bold" not in page


def test_page_stands_without_evidence(house: Any):
    version = house.register(without=("gates.json", "evaluation.json", "environment.json"), promote=False)
    assert "There is no evaluation report." in render_page(gather_card(version, stores=house.stores))


def test_page_shows_who_decided(house: Any):
    version = house.register()
    house.registry.approve("delay", 1, reason="yes, fine")
    assert "yes, fine" in render_page(gather_card(version, stores=house.stores))
