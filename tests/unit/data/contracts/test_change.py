from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.contracts.change import Affected, compare_contracts
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.validation import validate


def changes(before: str, after: str) -> list[str]:
    """Of a contract with the columns `a` (integer) and `b`, as the texts say."""
    old, new = (
        parse_contract(f"name: t\n{text}" if "columns:" in text else f"name: t\ncolumns: {{a: {text}, b: string}}")
        for text in (before, after)
    )
    return [str(change) for change in compare_contracts(old, new)]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("integer", "{type: integer, description: x}", []),
        ("{type: integer, min: 1}", "{type: integer, min: 2}", ["for producers: a: min 1 is now 2"]),
        ("{type: integer, min: 2}", "{type: integer, min: 1}", ["for consumers: a: min 2 is now 1"]),
        ("{type: integer, max: 2}", "{type: integer, max: 1}", ["for producers: a: max 2 is now 1"]),
        ("{type: date, max: 2026-01-01}", "date", ["for consumers: a: max 2026-01-01 is gone"]),
        ("integer", "{type: integer, nullable: no}", ["for producers: a: now must have a value"]),
        ("{type: integer, unique: yes}", "integer", ["for consumers: a: no longer unique"]),
        ("integer", "number", ["for consumers: a: type integer is now number"]),
        (
            "number",
            "integer",
            ["for consumers: a: type number is now integer", "for producers: a: type number is now integer"],
        ),
        ("date", "string", ["for consumers: a: type date is now string"]),
        ("string", "{type: string, pattern: ^x}", ["for producers: a: the pattern ^x is new"]),
        (
            "{type: string, allowed: [x, y]}",
            "{type: string, allowed: [y, z]}",
            ["for producers: a: no longer allowed: x", "for consumers: a: now allowed, too: z"],
        ),
        ("{type: string, missing: [x]}", "string", ["for producers: a: missing codes are fewer: x"]),
        ("{type: date, formats: [D.M.YYYY]}", "{type: date, formats: [D.M.YYYY, M/D/YYYY]}",
         ["for nobody: a: formats are more: M/D/YYYY"]),
        ("{type: integer, severity: warn}", "{type: integer, severity: {type: warn, nullable: warn, unique: warn, max: warn, pattern: warn, allowed: warn, min: stop}}",  # noqa: E501
         ["for producers: a: min is now of severity stop, was warn"]),
        ("columns: {a: integer, b: string}", "columns: {b: string}", ["for consumers: the column 'a' is gone"]),
        ("columns: {b: string}", "columns: {b: string, c: date}",
         ["for producers: the column 'c' is new and must be there"]),
        ("columns: {b: string}", "columns: {b: string, c: {type: date, required: no}}",
         ["for nobody: the column 'c' is new"]),
        ("columns: {b: string}\nextra: refuse", "columns: {b: string}\nextra: allow",
         ["for nobody: extra columns: allow, was refuse"]),
        ("columns: {b: string}", "columns: {b: string}\nextra: drop",
         ["for consumers: extra columns: drop, was allow"]),
        ("columns: {b: string}\nmin_rows: 5", "columns: {b: string}\nmin_rows: 9\nmax_quarantined: 5%",
         ["for producers: max_quarantined 0.1 is now 0.05", "for producers: min_rows 5 is now 9"]),
    ],
)  # fmt: skip
def test_change_is_told_with_whom_it_affects(before: str, after: str, found: list[str]) -> None:
    assert changes(before, after) == found


@st.composite
def columns(draw: st.DrawFn) -> ColumnContract:
    low = draw(st.none() | st.integers(0, 3))
    return ColumnContract(
        name="a",
        type=draw(st.sampled_from([ColumnType.INTEGER, ColumnType.NUMBER])),
        nullable=draw(st.booleans()),
        unique=draw(st.booleans()),
        minimum=low,
        maximum=draw(st.none() | st.integers(low or 0, 4)),
        allowed=tuple(draw(st.sets(st.integers(0, 4), max_size=4))),
        missing=tuple(draw(st.sets(st.sampled_from(["x", "y"])))),
    )


@given(columns(), columns(), st.lists(st.sampled_from(["0", "1", "2", "3", "4", "0.5", "x", "y", "", "?"]), max_size=6))
def test_who_is_not_named_notices_nothing(old: ColumnContract, new: ColumnContract, values: list[str]) -> None:
    """What passed passes still when producers aren't named; what passes now passed before when consumers aren't."""
    before, after = (Contract(name="t", columns=(column,), min_rows=0, max_quarantined=1) for column in (old, new))
    named = {change.affected for change in compare_contracts(before, after)}
    raw = pl.DataFrame({"a": values}, schema={"a": pl.String})
    was, now = validate(raw, before), validate(raw, after)
    if Affected.PRODUCERS not in named:
        assert set(now.quarantined["_row"]) <= set(was.quarantined["_row"])
    if Affected.CONSUMERS not in named:
        promised = validate(now.valid, before)
        assert promised.valid.equals(now.valid)
    if old == new:
        assert named == set()


def test_every_difference_in_terms_is_a_change() -> None:
    from millwright.data.contracts.terms import contract_digest

    base: dict[str, Any] = {"name": "t", "columns": (ColumnContract(name="a", type=ColumnType.STRING),)}
    for part in ({"min_rows": 2}, {"max_quarantined": 0.2}):
        one, other = Contract(**base), Contract(**base, **part)
        assert contract_digest(one) != contract_digest(other)
        assert compare_contracts(one, other)
