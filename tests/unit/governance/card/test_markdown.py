from __future__ import annotations

from typing import Any

from millwright.governance.card.content import gather_card
from millwright.governance.card.markdown import escape, render_markdown

HEADINGS = [
    "Overview", "Intended use", "Data", "Contract", "Features", "Training", "Evaluation", "Gates", "Compilation",
    "Limitations seen", "Lineage", "Approvals",
]  # fmt: skip


def test_markdown_has_all_parts(house: Any):
    text = render_markdown(gather_card(house.register(), stores=house.stores))
    assert text.startswith("# Model card: delay@1\n")
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == HEADINGS
    assert "| decision\\_tree | 0.700 |" in text
    assert "100 rows of schedules@1 broke the contract" in text
    assert "| passed | threshold (roc\\_auc) | 0.840 | 0.700 | High enough. |" in text
    assert "To be written by a person" in text
    assert "Nobody has decided on it yet." in text


def test_markdown_keeps_foreign_text_from_meaning_anything(house: Any):
    text = render_markdown(gather_card(house.register(), stores=house.stores))
    assert "Design \\| \\<i\\>early\\</i\\>" in text
    contract = text.split("## Contract")[1].split("## Features")[0]
    assert "\n````yaml\ncolumns:" in contract  # the fence is longer than any in the text


def test_markdown_is_the_same_text_for_the_same_content(house: Any):
    content = gather_card(house.register(), stores=house.stores)
    assert render_markdown(content) == render_markdown(content)


def test_markdown_stands_without_evidence(house: Any):
    version = house.register(without=("gates.json", "evaluation.json", "environment.json"), promote=False)
    text = render_markdown(gather_card(version, stores=house.stores))
    assert "There is no evaluation report." in text
    assert "It has no gate report." in text


def test_markdown_shows_who_decided(house: Any):
    version = house.register()
    house.registry.approve("delay", 1, reason="looked | twice")
    text = render_markdown(gather_card(version, stores=house.stores))
    assert "| user:ada | approved | looked \\| twice |" in text


def test_escape_keeps_text_on_one_line():
    assert escape("a\n# b") == "a \\# b"
    assert escape("") == "(blank)"
