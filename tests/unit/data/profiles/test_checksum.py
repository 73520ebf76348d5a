from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.profiles.checksum import is_card_number, is_iban, is_national_id, luhn_holds


@pytest.mark.parametrize("text", ["4111111111111111", "5555 5555 5555 4444", "3782-822463-10005", "6011111111111117"])
def test_card_number_of_the_issuers_test_lists_is_one(text: str) -> None:
    assert is_card_number(text)


@pytest.mark.parametrize("text", ["4111111111111112", "1111111111111117", "411111", "", "card 4111111111111111"])
def test_other_digits_are_no_card_number(text: str) -> None:
    assert not is_card_number(text)


@pytest.mark.parametrize(
    "text", ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "fr1420041010050500013m02606"]
)
def test_iban_of_the_registry_is_one(text: str) -> None:
    assert is_iban(text)


@pytest.mark.parametrize("text", ["GB82 WEST 1234 5698 7654 33", "DE89", "", "DE8937040044053201300Ä"])
def test_iban_with_wrong_check_digits_is_none(text: str) -> None:
    assert not is_iban(text)


@pytest.mark.parametrize(
    "text",
    [
        "078-05-1120",  # United States
        "AB 12 34 56 C",  # United Kingdom
        "12345678Z",  # Spain, the ministry's example
        "X1234567L",  # Spain, foreigners
        "RSSMRA85T10A562S",  # Italy
        "1 85 05 78 006 084 91",  # France
        "44051401359",  # Poland
        "529.982.247-25",  # Brazil
        "11010519491231002X",  # China, the standard's example
    ],
)
def test_national_id_with_its_check_digits_is_one(text: str) -> None:
    assert is_national_id(text)


@pytest.mark.parametrize(
    "text",
    ["000-12-3456", "12345678A", "RSSMRA85T10A562T", "44051401358", "529.982.247-26", "110105194912310021",
     "111.111.111-11", ""],
)  # fmt: skip
def test_national_id_with_a_wrong_digit_is_none(text: str) -> None:
    assert not is_national_id(text)


@given(st.text("0123456789", min_size=1, max_size=20))
def test_luhn_holds_for_exactly_one_last_digit(digits: str) -> None:
    assert sum(luhn_holds(digits + last) for last in "0123456789") == 1


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    for check in (is_card_number, is_iban, is_national_id):
        assert check(text) in {True, False}
