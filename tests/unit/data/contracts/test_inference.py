from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.inference import infer_contract
from millwright.data.contracts.rendering import dump_contract
from millwright.data.contracts.validation import validate
from millwright.data.sources.source import read_source

if TYPE_CHECKING:
    from pathlib import Path

DAYS = [f"{month}/{day}/2024" for month in range(1, 13) for day in range(1, 28)]


def infer(values: Any, **options: Any) -> ColumnContract:
    return infer_contract(pl.DataFrame({"a": pl.Series(values, **options)}), "t").columns[0]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["true", "False", ""], ColumnType.BOOLEAN),
        (["yes", "NO", "no"], ColumnType.BOOLEAN),
        (["Yes", "No", "Yes", "No"], ColumnType.CATEGORY),
        (["0", "1", "1"], ColumnType.INTEGER),
        (["1.5", "N/A"], ColumnType.NUMBER),
        (["007", "008"], ColumnType.STRING),
        (DAYS, ColumnType.DATE),
        (["2024-01-31 10:00"], ColumnType.DATETIME),
        (["a", "b"] * 10, ColumnType.CATEGORY),
        (["a", "b", "c"], ColumnType.STRING),
        (["", None], ColumnType.STRING),
        ([None], ColumnType.STRING),
    ],
)
def test_text_column_is_taken_for_what_its_values_say(values: list[str | None], kind: ColumnType) -> None:
    assert infer(values, dtype=pl.String).type is kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None], ColumnType.INTEGER),
        ([1.0, float("nan")], ColumnType.NUMBER),
        ([float("inf")], ColumnType.STRING),
        ([True], ColumnType.BOOLEAN),
        ([date(2024, 1, 1)], ColumnType.DATE),
        ([datetime(2024, 1, 1)], ColumnType.DATETIME),  # noqa: DTZ001 - naive on purpose
        ([2**64 - 1], ColumnType.STRING),
        ([None], ColumnType.STRING),
    ],
)
def test_typed_column_keeps_its_type(values: list[Any], kind: ColumnType) -> None:
    series = pl.Series(values, dtype=pl.UInt64) if values == [2**64 - 1] else pl.Series(values)
    assert infer(series).type is kind
    assert validate(
        pl.DataFrame({"a": series}), infer_contract(pl.DataFrame({"a": series}), "t")
    ).quarantined.is_empty()


def test_codes_among_dates_become_missing_codes() -> None:
    column = infer([*DAYS, *["PNS"] * 200, "DOER"])
    assert (column.type, column.formats, column.missing) == (ColumnType.DATE, ("M/D/YYYY",), ("PNS", "DOER"))
    assert "missing in 38% of the rows, 2 codes" in column.description


def test_words_for_missing_are_codes_in_text_only_when_they_can_be_nothing_else() -> None:
    assert infer(["a", "b", "NULL", "none"] * 40).missing == ("NULL",)
    assert infer(["DE", "NA", "FR"] * 40).missing == ()
    assert infer(["yes it is", "NA"] * 40).missing == ("NA",)


def test_limits_are_never_made_from_what_was_seen() -> None:
    column = infer([str(number) for number in range(200)])
    assert (column.minimum, column.maximum, column.unique) == (None, None, False)
    assert "seen: 0 to 199" in column.description


def test_values_are_closed_only_for_clear_small_sets() -> None:
    assert infer(["u", "v"] * 100).allowed == ("u", "v")
    assert infer(["u", "v"] * 10).allowed == ()
    assert infer(["u"] * 500 + ["v"]).allowed == ()
    assert infer([chr(97 + number % 20) for number in range(400)]).allowed == ()


def test_values_may_be_missing_unless_many_rows_had_none_missing() -> None:
    assert infer(["x y", "z"] * 50).nullable is False
    assert infer(["x", "y"] * 49).nullable is True
    assert infer(["x", "y", ""] * 50).nullable is True


def test_day_and_month_that_could_be_exchanged_follow_the_other_columns() -> None:
    frame = pl.DataFrame({"a": ["1/2/2024", "3/4/2024"], "b": ["31/1/2024", "1/2/2024"], "c": ["1.2.2024", "3.4.2024"]})
    a, b, c = infer_contract(frame, "t").columns
    assert (a.formats, b.formats, c.formats) == (("D/M/YYYY",), ("D/M/YYYY",), ("D.M.YYYY",))
    assert "as in other columns" in a.description
    assert "please check" in c.description


def test_columns_that_no_contract_can_describe_are_left_out() -> None:
    frame = pl.DataFrame({"a": [[1]], "b": [b"x"], "c": ["x"], "d": [timedelta(1)]})
    assert [column.name for column in infer_contract(frame, "t").columns] == ["c", "d"]
    with pytest.raises(InvalidInputError, match="Expected columns"):
        infer_contract(frame.select("a"), "t")


def test_table_without_rows_is_text() -> None:
    frame = pl.DataFrame({"a": []}, schema={"a": pl.String})
    assert infer_contract(frame, "t").columns[0].type is ColumnType.STRING


def test_real_schedules_hold_what_is_inferred_from_them(schedules: Path) -> None:
    frame = read_source(str(schedules)).frame
    contract = infer_contract(frame, "schedules")
    types = {column.name: column.type.value for column in contract.columns}
    assert types["Project Geographic District"] == "integer"
    assert types["Project Type"] == "category"
    assert types["Project Phase Planned End Date"] == "date"
    assert types["Final Estimate of Actual Costs Through End of Phase Amount"] in {"number", "integer"}
    planned = contract.by_name["Project Phase Planned End Date"]
    assert planned.formats == ("M/D/YYYY",)
    assert {"DOER", "DOES", "DIIR", "DIIT", "IEH", "FTK", "EMER", "DOEL", "PNS"} <= set(planned.missing)
    assert validate(frame, contract).quarantined.is_empty()
    assert parse_contract(dump_contract(contract)) == contract


CELLS = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "N/A", "-", "PNS", "null", "nan", "inf", "true", "No"]),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(str),
    st.integers(0, 10**6).map(lambda number: f"${number:,}"),
    st.dates().map(lambda day: f"{day.month}/{day.day}/{day.year}"),
    st.dates().map(str),
    st.datetimes().map(str),
    st.text(max_size=5),
)


@given(st.lists(CELLS, min_size=1, max_size=5), st.integers(1, 80), st.lists(CELLS, max_size=3))
def test_text_table_holds_what_is_inferred_from_it(usual: list[str | None], times: int, rare: list[str | None]) -> None:
    frame = pl.DataFrame({"a": pl.Series(usual * times + rare, dtype=pl.String)})
    contract = infer_contract(frame, "t")
    assert validate(frame, contract).reasons == {}
    assert parse_contract(dump_contract(contract)) == contract


@given(st.lists(st.dates() | st.none(), min_size=1, max_size=60), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d-%b-%Y"]))
def test_dates_inferred_are_the_dates_that_were_written(days: list[date | None], written: str) -> None:
    text = [f"{day:{written}}" if day and day.year >= 1000 else None for day in days]
    frame = pl.DataFrame({"a": pl.Series(text, dtype=pl.String)})
    contract = infer_contract(frame, "t")
    if contract.columns[0].type is ColumnType.DATE and "could be exchanged" not in contract.columns[0].description:
        expected = [day if day and day.year >= 1000 else None for day in days]
        assert validate(frame, contract).valid["a"].to_list() == expected


def test_values_that_seem_personal_are_not_in_the_contract() -> None:
    frame = pl.DataFrame(
        {
            "contact": ["ada@example.org", "bo@example.org", "N/A", None] * 50,
            "born": ["1990-01-02", "1985-12-31"] * 100,
            "phone": [4930123456, 4930123457] * 100,
            "city": ["Oslo", "Rome"] * 100,
        }
    )
    found = infer_contract(frame, "people")
    assert not [value for value in ("ada@", "1990", "1985", "4,930", "4930") if value in repr(found)]
    contact, born, phone, city = found.columns
    assert contact.description.startswith(
        "suspected personal data (email), values not shown; missing in 50% of the rows"
    )
    assert (contact.allowed, contact.nullable, contact.missing) == ((), True, ("N/A",))
    assert born.formats == ("YYYY-MM-DD",)
    assert phone.description == "suspected personal data (phone), values not shown"
    assert city.allowed == ("Oslo", "Rome")
