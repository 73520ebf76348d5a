from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.parsed_column import (
    as_it_stands,
    finish_text,
    may_have_blanks,
    parse_typed,
    stored_type,
)

VALUES = st.none() | st.sampled_from(
    ["1", " 1", "7.0", "-999", "1.5", "1,000", "PNS", " PNS ", "", "  ", "x", "yes", "1/2/2024", "1/2/2024 ", "nan"]
)
FORMATS = {ColumnType.DATE: ("M/D/YYYY",), ColumnType.DATETIME: ("M/D/YYYY",), ColumnType.NUMBER: ("thousands",)}


@given(
    st.lists(VALUES, max_size=8),
    st.sampled_from(ColumnType),
    st.lists(st.sampled_from(["PNS", "-999", "yes"]), unique=True),
)
def test_values_parsed_as_they_stand_are_what_care_would_have_made_of_them(
    values: list[str | None], kind: ColumnType, missing: list[str]
) -> None:
    column = ColumnContract(name="a", type=kind, missing=tuple(missing), indicator=True, formats=FORMATS.get(kind, ()))
    raw = pl.Series("a", values, dtype=pl.String)
    quick = raw.to_frame().select(as_it_stands(column)).to_series()
    parsed = finish_text(column, raw, quick)
    assert parsed.values.dtype == stored_type(column)
    for number, value in enumerate(values):
        alone = raw[number : number + 1]
        careful = finish_text(
            column, pl.Series("a", [f" {value} " if value is not None else None], dtype=pl.String), quick.clear(1)
        )
        stripped = (value or "").strip()
        is_code = stripped in missing
        code = parsed.codes[number] if parsed.codes is not None else None
        assert code == (stripped if is_code else None)
        if is_code or not stripped:
            assert parsed.values[number] is None
        else:
            expected = alone[0] if kind is ColumnType.STRING else careful.values[0]
            assert parsed.values[number] == expected
        unparsed = parsed.unparsed is not None and parsed.unparsed[number]
        assert unparsed is (bool(stripped) and not is_code and parsed.values[number] is None)


def test_typed_column_gives_codes_for_the_numbers_that_mean_missing() -> None:
    column = ColumnContract(name="a", type=ColumnType.NUMBER, missing=("-999",), indicator=True)
    parsed = parse_typed(column, pl.Series("a", [-999.0, 1.0, None]))
    assert parsed.values.to_list() == [None, 1.0, None]
    assert parsed.codes is not None
    assert parsed.codes.to_list() == ["-999", None, None]
    assert parsed.unparsed is None


@pytest.mark.parametrize("values", [[["x"]], [{"u": 1}], [b"x"]])
def test_typed_column_of_nested_values_or_bytes_is_refused(values: list[Any]) -> None:
    with pytest.raises(InvalidInputError, match="Expected values of type string"):
        parse_typed(ColumnContract(name="a", type=ColumnType.STRING), pl.Series("a", values))


@given(
    st.lists(st.none() | st.text(st.sampled_from("ab \t\n\u00a0\u2003\x85é~!"), max_size=4), max_size=8),
    st.sampled_from([ColumnType.CATEGORY, ColumnType.STRING]),
    st.sampled_from([(), ("b",)]),
)
def test_quick_look_for_blanks_misses_none(
    values: list[str | None], kind: ColumnType, missing: tuple[str, ...]
) -> None:
    column = ColumnContract(name="a", type=kind, missing=missing)
    raw = pl.Series("a", values, dtype=pl.String)
    blanks = raw.to_frame().select(may_have_blanks(column)).to_series()
    found = finish_text(column, raw, raw, blanks).values.to_list()
    assert found == finish_text(column, raw, raw).values.to_list()
    text = kind is ColumnType.STRING
    absent = {"", *missing}
    assert found == [(v if text else v.strip()) if v and v.strip() not in absent else None for v in values]
