from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.contracts.yaml_scalar import quoted, scalar


@pytest.mark.parametrize(("text", "written"), [("End Date", "End Date"), ("no", '"no"'), ("007", '"007"'), ("", '""')])
def test_text_is_plain_only_where_it_can_be_nothing_else(text: str, written: str) -> None:
    assert scalar(text) == written


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_other_readers_of_yaml_take_it_for_the_same_text(text: str) -> None:
    assert yaml.safe_load(scalar(text)) == text
    assert yaml.safe_load(quoted(text)) == text
