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
from millwright.data.contracts.severity import Severity
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


def test_severity_decides_what_a_broken_row_does() -> None:
    column = ColumnContract(
        name="a",
        type=ColumnType.INTEGER,
        minimum=0,
        maximum=9,
        severity={"min": Severity.WARN, "max": Severity.STOP, "type": Severity.WARN},
    )
    table = Contract(name="t", columns=(column,), rules=(Rule(name="odd", expression="a % 2 <> 0"),), max_quarantined=1)
    result = validate(pl.DataFrame({"a": ["1", "-1", "2", "99", "x", "3"]}), table)
    assert result.valid["a"].to_list() == [1, -1, None, 3]
    assert dict(zip(result.quarantined["_row"], result.quarantined["_reasons"].to_list(), strict=True)) == {
        3: ["odd: a % 2 <> 0"],
        4: ["a: above 9"],
    }
    assert [(one.reason, one.severity.value, one.rows) for one in result.findings] == [
        ("a: not a whole number", "warn", 1),
        ("a: below 0", "warn", 1),
        ("a: above 9", "stop", 1),
        ("odd: a % 2 <> 0", "quarantine", 1),
    ]
    assert result.reasons == {"a: above 9": 1, "odd: a % 2 <> 0": 1}
    with pytest.raises(ContractViolationError, match=r"does not let pass: a: above 9 \(1\)"):
        result.refuse_if_too_many(table)


def test_rules_across_rows_look_at_rows_that_are_good_by_themselves() -> None:
    columns = (
        ColumnContract(name="k", type=ColumnType.STRING),
        ColumnContract(name="t", type=ColumnType.INTEGER),
        ColumnContract(name="x", type=ColumnType.INTEGER),
    )
    rules = (
        Rule(name="grows", expression="x >= LAG(x) OVER (PARTITION BY k ORDER BY t)"),
        Rule(name="gap", expression="t - LAG(t) OVER (PARTITION BY k ORDER BY t) = 1", severity=Severity.WARN),
        Rule(name="sum", expression="SUM(x) OVER (PARTITION BY k) < 20"),
    )
    raw = pl.DataFrame(
        {
            "k": ["a", "a", "a", "b", "b", "c"],
            "t": ["1", "3", "2", "1", "3", "7"],
            "x": ["1", "2", "bad", "5", "4", "20"],
        }
    )
    result = validate(raw, Contract(name="t", columns=columns, rules=rules))
    assert result.valid.rows() == [("a", 1, 1), ("a", 3, 2), ("b", 1, 5)]
    assert {one.reason.partition(":")[0]: one.rows for one in result.findings} == {
        "x": 1,
        "grows": 1,
        "gap": 2,
        "sum": 1,
    }


def test_table_without_rows_is_judged_as_a_table() -> None:
    table = contract(rules=(Rule(name="some", expression="COUNT(*) > 0"),), min_rows=0)
    result = validate(RAW.clear(), table)
    assert [str(one) for one in result.findings] == ["some: COUNT(*) > 0 (not so)"]
    with pytest.raises(ContractViolationError, match="does not let pass"):
        result.refuse_if_too_many(table)
