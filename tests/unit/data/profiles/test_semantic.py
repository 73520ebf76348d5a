from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from millwright.data.profiles import ColumnProfile, SemanticKind, profile
from millwright.data.profiles.column_values import kind_of, present_values
from millwright.data.profiles.semantic import infer_personal

Kind = SemanticKind


def column(name: str, values: Any) -> ColumnProfile:
    return profile(pl.DataFrame({name: pl.Series(values)})).columns[0]


def texts(pattern: str, count: int = 30) -> list[str]:
    return [pattern.format(number) for number in range(10, 10 + count)]


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("contact", texts("person{}@example.org"), Kind.EMAIL),
        ("site", texts("https://example.org/{}?q=1"), Kind.URL),
        ("site", texts("www.example{}.org/a"), Kind.URL),
        ("call", texts("+49 30 1234{}"), Kind.PHONE),
        ("call", texts("(212) 555-01{}"), Kind.PHONE),
        ("phone", texts("21255501{}"), Kind.PHONE),
        ("Handy", texts("017012345{}"), Kind.PHONE),
        ("client", texts("10.0.0.{}"), Kind.IP_ADDRESS),
        ("client", texts("2001:db8::{}"), Kind.IP_ADDRESS),
        ("key", [str(UUID(int=number)) for number in range(30)], Kind.UUID),
        ("zip_code", texts("101{}"), Kind.POSTAL_CODE),
        ("PostalCode", texts("SW1A {}AA".replace("{}AA", "2AA")), Kind.POSTAL_CODE),
        ("where", ["Germany", "France", "Italy", "Spain"] * 10, Kind.COUNTRY),
        ("country", ["DE", "FR", "IT"] * 10, Kind.COUNTRY),
        ("ccy", ["EUR", "USD"] * 10, Kind.CURRENCY),
        ("paid", ["EUR", "USD", "GBP", "CHF", "JPY"] * 10, Kind.CURRENCY),
        ("price", texts("$1,2{}.00"), Kind.MONEY),
        ("price", texts("{},50 €"), Kind.MONEY),
        ("when", texts("2024-01-{}", 20), Kind.DATE_TEXT),
        ("when", texts("{}.01.2024 10:30", 20), Kind.DATE_TEXT),
        ("when", ["Mar 5, 2024", "Apr 12, 2024"] * 9, Kind.DATE_TEXT),
        ("flag", ["yes", "no"] * 10, Kind.BOOLEAN_TEXT),
        ("amount", ["1.5", "2.25", "1,000", "-3"] * 10, Kind.NUMBER_TEXT),
        ("lat", ["40.5", "40.75"] * 10, Kind.LATITUDE),
        ("code", texts("A-{}"), Kind.IDENTIFIER),
        ("colour", ["red", "green"] * 20, Kind.CATEGORICAL),
        ("note", texts("the crane came late on day {}"), Kind.FREE_TEXT),
    ],
)
def test_texts_are_what_they_look_like(name: str, values: list[str], kind: SemanticKind) -> None:
    assert column(name, values).semantic is kind


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("latitude", [40.5, -33.9], Kind.LATITUDE),
        ("geoLng", [40.5, -133.9], Kind.LONGITUDE),
        ("lat", [140.5, -33.9], None),
        ("id", list(range(100)), Kind.IDENTIFIER),
        ("zip", [10001, 10002], Kind.POSTAL_CODE),
        ("amount", [10001, 10002], None),
        ("mobile", [4917012345670 + number for number in range(30)], Kind.PHONE),
        ("paid_with", [4111111111111111,
         4012888888881881, 5555555555554444, 4222222222222, 6011111111111117], Kind.CARD_NUMBER),
        ("date_of_birth", [date(1980, 1, 1)], Kind.BIRTH_DATE),
        ("started", [date(1980, 1, 1)], None),
    ],
)  # fmt: skip
def test_numbers_and_dates_are_told_by_name_and_range(name: str, values: list[Any], kind: SemanticKind | None) -> None:
    assert column(name, values).semantic is kind


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("note", [*texts("nothing to see in row number {}"), "write to jo.doe+x@mail.example.org soon"], Kind.EMAIL),
        ("note", [*texts("nothing to see in row number {}"), "paid to GB82 WEST 1234 5698 7654 32 today"], Kind.IBAN),
        ("a", ["DE89370400440532013000", "GB82WEST12345698765432"], Kind.IBAN),
        ("a", ["078-05-1120", "219-09-9999", "123-45-6789", "321-54-9876", "457-55-5462"], Kind.NATIONAL_ID),
        ("ssn", ["078051120", "219099999"], Kind.NATIONAL_ID),
        ("last_name", ["Müller", "O'Neill", "de la Cruz"], Kind.PERSON_NAME),
        ("CustomerName", ["Ann Lee", "Bo Xi"], Kind.PERSON_NAME),
        ("who", ["Maria Silva", "John Smith", "Peter Müller", "Anna Kowalska", "Xu Li"], Kind.PERSON_NAME),
        ("who", ["Smith, John", "Doe, Mary", "Roe, Paul", "Poe, Anna", "Coe, Tim"], Kind.PERSON_NAME),
        ("birthday", ["1.1.1980", "2.3.1990"], Kind.BIRTH_DATE),
        ("School Name", ["P.S. 1", "J.H.S. 22"], None),
        ("project", ["Boiler Upgrade", "Roof Repair", "New Windows", "Flood Damage", "Paint Work"], None),
        ("when", texts("2024-01-{}", 20), None),
        ("version", ["1.2.3", "1.2.4", "2.0.0", "2.1.0", "3.0.0"], None),
        ("ordered", [4111111111111112 + number for number in range(30)], None),
    ],
)
def test_personal_data_is_suspected_by_name_and_content(
    name: str, values: list[Any], kind: SemanticKind | None
) -> None:
    assert column(name, values).personal is kind


def test_suspected_values_are_in_no_part_of_a_profile() -> None:
    secrets = {
        "mail": [f"person{number}@example.org" for number in range(9)],
        "dob": [date(1950 + number, 7, 8) for number in range(9)],
        "phone": [49170555001 + number for number in range(9)],
        "family_name": ["Zweistein"] * 9,
        "iban": ["DE89370400440532013000"] * 9,
        "other": list(range(9)),
    }
    found = profile(pl.DataFrame(secrets))
    told = repr(found)
    for secret in ("example.org", "Zweistein", "DE89", "1950", "49170", "07-08"):
        assert secret not in told
    assert [one.summary() for one in found.columns[:5]] == ["hidden"] * 5
    assert {name for one in found.correlations for name in (one.first, one.second)} == set()
    assert found.column("family_name").distinct == 1


def test_rows_of_a_long_column_are_sampled_evenly() -> None:
    values = ["x"] * 50_000 + [f"p{number}@example.org" for number in range(50_000)]
    assert column("a", values).personal is Kind.EMAIL


def test_blank_and_missing_texts_stand_for_nothing() -> None:
    assert column("a", ["", " ", None]).semantic is None
    assert column("email", pl.Series([None], dtype=pl.String)).personal is None


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("contact", [*texts("A-{}"), "person@example.org"], Kind.EMAIL),
        ("call", texts("+49 30 1234{}"), Kind.PHONE),
        ("phone", [212_555_0100 + number for number in range(30)], Kind.PHONE),
        ("born", [date(1970, 1, 1 + day) for day in range(20)], Kind.BIRTH_DATE),
        ("colour", ["red", "green", " ", None] * 20, None),
        ("empty", [" ", None], None),
        ("phone", [1.5, 2.5], None),
        ("flag", [True, False], None),
    ],
)
def test_personal_data_alone_is_suspected_as_in_a_profile(name: str, values: list[Any], kind: SemanticKind | None):
    assert column(name, values).personal is kind
    present = present_values(pl.Series(name, values))
    assert infer_personal(present, kind_of(present.dtype)) is kind
