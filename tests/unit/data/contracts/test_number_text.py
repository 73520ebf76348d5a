from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.contracts.number_text import NUMBER_FORMATS, parse_integers, parse_numbers


def number(text: str, *formats: str) -> float | None:
    value: float | None = pl.DataFrame({"a": [text]}).select(parse_numbers(pl.col("a"), formats))["a"][0]
    return value


def integer(text: str, *formats: str) -> int | None:
    value: int | None = pl.DataFrame({"a": [text]}).select(parse_integers(pl.col("a"), formats))["a"][0]
    return value


@pytest.mark.parametrize(("text", "expected"), [("7", 7), ("-1.50", -1.5), ("+.5", 0.5), ("1e3", 1000), ("5.", 5)])
def test_plain_numbers_are_read(text: str, expected: float) -> None:
    assert number(text) == expected
    assert number(text, *NUMBER_FORMATS - {"decimal_comma": ""}.keys()) == expected


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "-Infinity", "1e999", "1,234", "$5", "5%", "(5)", "x", "1 2", "0x1f"]
)
def test_text_in_no_plain_form_is_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("1,234,567.5", ["thousands"], 1_234_567.5),
        ("1,23", ["thousands"], None),
        ("1234,567", ["thousands"], None),
        ("0,796", ["thousands"], None),
        ("$1,234.50", ["thousands", "currency"], 1234.5),
        ("-$5", ["currency"], -5),
        ("$-5", ["currency"], -5),
        ("5 €", ["currency"], 5),
        ("12%", ["percent"], 0.12),
        ("12.5 %", ["percent"], 0.125),
        ("(300)", ["accounting"], -300),
        ("($1,300.25)", ["accounting", "currency", "thousands"], -1300.25),
        ("1.234,50", ["decimal_comma"], 1234.5),
        ("12,5", ["decimal_comma"], 12.5),
        ("-1.234.567", ["decimal_comma"], -1_234_567),
        ("12.5", ["decimal_comma"], None),
        ("-0,796", ["decimal_comma"], -0.796),
        ("0.796", ["decimal_comma"], None),
        ("1.234,50 €", ["decimal_comma", "currency"], 1234.5),
    ],
)
def test_forms_that_people_write_are_read_when_named(text: str, formats: list[str], expected: float | None) -> None:
    assert number(text, *formats) == expected


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("7", [], 7),
        ("-7.00", [], -7),
        ("7.5", [], None),
        ("9007199254740993", [], 9_007_199_254_740_993),
        ("9223372036854775808", [], None),
        ("1,234", ["thousands"], 1234),
        ("50%", ["percent"], None),
    ],
)
def test_whole_numbers_are_read_exactly(text: str, formats: list[str], expected: int | None) -> None:
    assert integer(text, *formats) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_written_in_any_form_is_read_back(value: float) -> None:
    assert number(repr(value)) == value
    rounded = f"{value:,.2f}"
    if abs(value) < 1e12:
        expected = float(f"{value:.2f}")
        assert number(rounded, "thousands") == expected
        assert number(f"${rounded}".replace("$-", "-$"), "thousands", "currency") == expected
        swapped = rounded.translate(str.maketrans(",.", ".,"))
        assert number(swapped, "decimal_comma") == expected
        percent = number(f"{value!r}%", "percent")
        assert percent is not None
        assert math.isclose(percent, value / 100, abs_tol=1e-320)
