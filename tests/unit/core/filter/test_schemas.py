from __future__ import annotations

import pytest

from millwright.core import filter as language
from millwright.core.filter import FilterSchema

FAMILIES = [value for value in vars(language).values() if isinstance(value, FilterSchema)]


@pytest.mark.parametrize("schema", FAMILIES, ids=lambda schema: schema.what)
def test_every_attribute_is_found_by_every_name_and_listed_ones_exist(schema):
    names = {**schema.texts, **schema.numbers}
    assert names
    for name, ours in names.items():
        assert schema.field(f"attributes.{name}").key == ours
    assert schema.listed <= set(schema.texts.values())
