from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import ContractViolationError, InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, Key
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.validation import validate

COST = ColumnContract(name="cost", type=ColumnType.NUMBER, minimum=0, formats=("thousands",))
PHASE = ColumnContract(name="phase", type=ColumnType.CATEGORY, nullable=False)
RAW = pl.DataFrame(
    {
        "cost": ["1,000", "-5", "x", "", "7"],
        "phase": ["Scope ", "", "Design", "Scope", "Scope"],
        "note": ["a", "b", "c", "d", "e"],
    }
)


def contract(**parts: Any) -> Contract:
    return Contract(**{"name": "costs", "columns": (COST, PHASE), **parts})


def test_rows_that_hold_are_typed_and_the_others_keep_their_values_and_reasons() -> None:
    result = validate(RAW, contract())
    assert result.valid.rows() == [(1000.0, "Scope", "a"), (None, "Scope", "d"), (7.0, "Scope", "e")]
    assert result.quarantined.rows(named=True) == [
        {"cost": "-5", "phase": "", "note": "b", "_reasons": ["cost: below 0", "phase: missing"], "_row": 2},
        {"cost": "x", "phase": "Design", "note": "c", "_reasons": ["cost: not a number (thousands)"], "_row": 3},
    ]
    assert result.reasons == {"cost: not a number (thousands)": 1, "cost: below 0": 1, "phase: missing": 1}


def test_table_that_holds_has_an_empty_quarantine_of_the_same_columns() -> None:
    result = validate(RAW[:1], contract())
    assert result.quarantined.schema == {**RAW.schema, "_reasons": pl.List(pl.String), "_row": pl.Int64}
    assert (result.valid.height, result.quarantined.height, result.reasons) == (1, 0, {})
    assert validate(RAW, contract()).quarantined.schema == result.quarantined.schema


def test_quarantine_above_the_share_is_refused_with_counts() -> None:
    result = validate(RAW, contract(max_quarantined=0.3))
    with pytest.raises(ContractViolationError) as caught:
        result.refuse_if_too_many(contract(max_quarantined=0.3))
    assert caught.value.message == (
        "2 of 5 rows (40.0%) break the contract 'costs', which allows 30.0%: cost: below 0 (1); "
        "cost: not a number (thousands) (1); phase: missing (1)."
    )
    assert caught.value.details["reasons"] == result.reasons
    assert caught.value.hint
    result.refuse_if_too_many(contract(max_quarantined=0.4))


def test_many_reasons_are_shortened() -> None:
    columns = tuple(ColumnContract(name=name, type=ColumnType.INTEGER) for name in "abcdefg")
    result = validate(pl.DataFrame({name: ["x"] for name in "abcdefg"}), Contract(name="t", columns=columns))
    with pytest.raises(ContractViolationError, match="and 2 more reasons"):
        result.refuse_if_too_many(contract())


def test_table_is_refused_when_no_row_is_left_whatever_the_share() -> None:
    with pytest.raises(ContractViolationError, match="1 of 1 rows"):
        validate(RAW[1:2], contract()).refuse_if_too_many(contract(max_quarantined=1.0))


def test_table_with_too_few_rows_is_refused() -> None:
    with pytest.raises(ContractViolationError, match="at least 1 rows, found 0"):
        validate(RAW.clear(), contract()).refuse_if_too_many(contract())
    validate(RAW.clear(), contract()).refuse_if_too_many(contract(min_rows=0))


def test_table_that_is_a_quarantine_already_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="has a column '_reasons'"):
        validate(validate(RAW, contract()).quarantined, contract())


@given(
    st.lists(st.tuples(st.sampled_from(["1", "2", "-1", "x", ""]), st.sampled_from(["u", "v", ""])), max_size=12),
    st.booleans(),
)
def test_every_row_is_in_exactly_one_part_and_rows_that_hold_hold_again(
    rows: list[tuple[str, str]], keyed: bool
) -> None:
    raw = pl.DataFrame(rows, schema={"cost": pl.String, "phase": pl.String}, orient="row")
    expected = contract(
        key=Key(columns=("cost", "phase")) if keyed else None,
        rules=(Rule(name="r", expression="cost < 2 OR phase = 'u'"),),
    )
    result = validate(raw, expected)
    assert result.valid.height + result.quarantined.height == raw.height
    aside = [number - 1 for number in result.quarantined["_row"]]
    assert result.quarantined.drop("_reasons", "_row").equals(raw[aside])
    assert all(result.quarantined["_reasons"].list.len() > 0)
    assert sum(result.reasons.values()) == result.quarantined["_reasons"].list.len().sum()
    kept = raw[[number for number in range(raw.height) if number not in aside]]
    assert validate(kept, expected).valid.equals(result.valid)
    assert validate(result.valid, expected).valid.equals(result.valid)
