from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.core.errors import NotFoundError
from millwright.governance.card.card import card_html, card_markdown


def test_card_is_made_from_the_stores_alone(house: Any):
    version = house.register()
    assert card_markdown(version, stores=house.stores).startswith("# Model card: delay@1")
    assert card_html(version, stores=house.stores).lstrip().lower().startswith("<!doctype html>")


def test_card_of_a_version_that_is_not_there_is_refused(house: Any):
    version = house.register()
    with pytest.raises(NotFoundError):
        card_markdown(replace(version, version=7), stores=house.stores)
