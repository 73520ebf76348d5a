from __future__ import annotations

import ipaddress
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.profiles.pattern import FORMS, matching


def fits(text: str, form: str) -> bool:
    return bool(matching(pl.Series([text]), form)[0])


@given(st.ip_addresses().map(str))
def test_every_ip_address_has_its_form(text: str) -> None:
    assert fits(text, "ip_address")


@pytest.mark.parametrize("text", ["256.1.1.1", "1.2.3", "1:2", "12:30:45", "::g", "1.2.3.4.5"])
def test_what_is_no_ip_address_has_not(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        ipaddress.ip_address(text)
    assert not fits(text, "ip_address")


@given(st.uuids().map(str))
def test_every_uuid_has_its_form(text: str) -> None:
    assert fits(text, "uuid")
    assert not fits(text[:-1], "uuid")


@given(st.dates(date(1500, 1, 1), date(2999, 12, 31)))
def test_days_have_the_form_of_dates_as_people_write_them(day: date) -> None:
    for written in ("{:%Y-%m-%d}", "{:%d.%m.%y}", "{:%m/%d/%y}", "{:%d %b %y}", "{:%Y/%m/%d 10:30:15}"):
        text = written.format(day)
        assert fits(text, "date_text")


@given(st.floats(-1e12, 1e12))
def test_numbers_have_the_form_of_numbers(number: float) -> None:
    for written in ("{:.2f}", "{:,.1f}", "{:e}", "{:.0f}%"):
        assert fits(written.format(number), "number_text")


@pytest.mark.parametrize("form", sorted(FORMS))
def test_empty_text_has_no_form_and_a_missing_one_stays_missing(form: str) -> None:
    assert not fits("", form)
    assert matching(pl.Series([None], dtype=pl.String), form).to_list() == [None]


@pytest.mark.parametrize("text", ["a@b.org", "first.last+tag@sub.example.co", "x_1%y@ex-ample.io"])
def test_addresses_of_mail_have_their_form(text: str) -> None:
    assert fits(text, "email")


@pytest.mark.parametrize("text", ["a@b", "@b.org", "a b@c.org", "a@-b.org", "a@b.c"])
def test_what_is_no_address_of_mail_has_not(text: str) -> None:
    assert not fits(text, "email")
