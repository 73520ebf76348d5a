from __future__ import annotations

import keyword

from hypothesis import given
from hypothesis import strategies as st

from millwright.workspace.naming import identifier, slug


def test_slug_keeps_letters_and_digits_and_joins_with_dashes():
    assert slug("Schedule Management (2025).v2") == "schedule-management-2025-v2"
    assert slug("Prévision élan") == "prevision-elan"
    assert slug("表") == "table"


@given(st.text())
def test_identifier_is_always_a_python_name(text):
    name = identifier(text)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert len(slug(text)) <= 60


def test_identifier_may_start_with_a_digit_in_the_name():
    assert identifier("2025 data") == "table_2025_data"


def test_identifier_is_no_keyword():
    assert identifier("class") == "table_class"
