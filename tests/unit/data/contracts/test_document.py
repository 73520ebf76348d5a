from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.context import ValidationContext
from millwright.data.contracts.contract import Contract, ExtraColumns, Key, KeyPolicy
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.validation import validate

WHOLE = """
name: schedules
description: phases
max_quarantined: 0.05
min_rows: 10
extra: refuse
key: {columns: [id, phase], keep: none}
rules:
  - name: order
    expression: 'ended >= started'
    message: ends before it starts
columns:
  id: string
  phase: {type: category, allowed: [No, 1], nullable: no}
  started: {type: date, formats: M/D/YYYY, missing: [PNS, null], indicator: yes, min: 2000-01-01, max:}
  ended: {type: date, required: false}
  cost: {type: number, formats: [thousands], min: 0, allowed: [1, 2.5], unique: true}
  code: {type: string, pattern: '^x', description: short}
"""


def test_contract_is_read_from_its_document() -> None:
    assert parse_contract(WHOLE) == Contract(
        name="schedules",
        description="phases",
        max_quarantined=0.05,
        min_rows=10,
        extra=ExtraColumns.REFUSE,
        key=Key(columns=("id", "phase"), keep=KeyPolicy.NONE),
        rules=(Rule(name="order", expression="ended >= started", message="ends before it starts"),),
        columns=(
            ColumnContract(name="id", type=ColumnType.STRING),
            ColumnContract(name="phase", type=ColumnType.CATEGORY, allowed=("No", "1"), nullable=False),
            ColumnContract(
                name="started",
                type=ColumnType.DATE,
                formats=("M/D/YYYY",),
                missing=("PNS", "null"),
                indicator=True,
                minimum=date(2000, 1, 1),
            ),
            ColumnContract(name="ended", type=ColumnType.DATE, required=False),
            ColumnContract(
                name="cost", type=ColumnType.NUMBER, formats=("thousands",), minimum=0, allowed=(1, 2.5), unique=True
            ),
            ColumnContract(name="code", type=ColumnType.STRING, pattern="^x", description="short"),
        ),
    )


def test_key_may_be_a_plain_list_or_nothing() -> None:
    columns = "columns: {a: string, b: string}"
    assert parse_contract(f"name: t\nkey: [a, b]\n{columns}").key == Key(columns=("a", "b"))
    assert parse_contract(f"name: t\nkey:\nrules:\n{columns}").key is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns: {a: string}", "line 1: Expected the key 'name'"),
        ("name: t", "Expected the key 'columns'"),
        ("name: t\nmaxquarantined: 1\ncolumns: {a: string}", "line 2: Unknown key .* Did you mean 'max_quarantined'"),
        ("name: t\ncolumns: {a: strng}", "line 2: Expected one of .* found 'strng'. Did you mean 'string'"),
        ("name: t\ncolumns: {a: {nullable: no}}", "Expected the key 'type' in column 'a'"),
        ("name: t\ncolumns:\n  a:\n    typ: date", "line 4: Unknown key 'typ' in column 'a'. Did you mean 'type'"),
        ("name: t\ncolumns:\n  a:\n    type: date\n    min: 1/2/2024", "line 5: Expected a date as YYYY-MM-DD"),
        ("name: t\ncolumns:\n  a:\n    type: string\n    min: 5", "line 4: In the contract of column 'a'.*min is for"),
        ("name: t\ncolumns: [a]", "Expected keys with values for 'columns'"),
        ("name: t\nkey: [b]\ncolumns: {a: string}", "line 2: The key names the column 'b'"),
        ("name: t\nkey: {keep: first}\ncolumns: {a: string}", "line 2: Expected the key 'columns' in the key"),
        ("name: t\nrules: [{name: r}]\ncolumns: {a: string}", "line 2: Expected the key 'expression' in a rule"),
        ("name: t\nrules: [{name: r, expression: a >}]\ncolumns: {a: string}", "line 2: Expected a SQL expression"),
        ("name: t\nmin_rows: 1.5\ncolumns: {a: string}", "line 2: Expected a whole number"),
        ("name: t\nmax_quarantined: 2\ncolumns: {a: string}", "line 1: Expected max_quarantined from 0 to 1"),
        ("name: t\nextra: ignore\ncolumns: {a: string}", "line 2: Expected one of allow, drop, refuse"),
    ],
)
def test_document_that_is_no_contract_names_the_line(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        parse_contract(text, source="contract.yaml")
    assert caught.value.message.count("contract.yaml, line") == 1


def test_contract_of_the_guide_is_one_and_can_be_evaluated() -> None:
    guide = (Path(__file__).parents[4] / "docs" / "guides" / "contract.md").read_text(encoding="utf-8")
    contract = parse_contract(guide.partition("```yaml\n")[2].partition("```")[0])
    rows = [("m1", f"2026-01-{day:02} 12:00", str(day * 10), "power" if day % 2 else "water") for day in range(1, 9)]
    table = pl.DataFrame(
        [*rows, ("m1", "2026-01-09 12:00", "5", "-"), ("m2", "2026-01-09 12:00", "12000", "power")],
        schema=["meter", "at", "reading", "kind"],
        orient="row",
    )
    context = ValidationContext(
        now=datetime(2026, 1, 20, tzinfo=UTC),
        resolve={"meters": pl.LazyFrame({"id": ["m1"]}), "readings@golden": table.lazy()}.__getitem__,
        former=table.lazy(),
    )
    found = {
        str(finding).partition(":")[0]: finding.severity.value
        for finding in validate(table, contract, context).findings
    }
    assert found == {
        "has a kind": "quarantine",
        "reading": "warn",
        "meter": "quarantine",
        "at": "stop",
        "volume": "stop",
        "psi of reading against readings@golden": "warn",  # the rows that hold are fewer
    }
