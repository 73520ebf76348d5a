from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, Key
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import Distribution, Freshness, Measure, Volume

HEAD = """name: t
columns: {id: {type: integer, severity: {min: warn}, min: 0}, at: date, w: {type: string, severity: stop}}"""
WHOLE = f"""{HEAD}
key: {{columns: id, severity: stop}}
rules:
  - {{name: r, expression: SUM(id) > 0, severity: warn}}
references:
  - {{columns: id, dataset: other@golden, to: key, severity: warn}}
freshness:
  - {{column: at, max_age: 2d, severity: warn}}
volume: {{min_rows: 5, max_change: 20%, severity: warn}}
distributions:
  - {{column: id, measure: quantile, at: 0.95, max: 3}}
  - {{column: id, measure: share, values: [1, 2], min: 5%, severity: warn}}
  - {{column: w, measure: psi, reference: t@3, max: 0.2}}
"""


def test_python_contract_equals_the_one_from_yaml() -> None:
    """What is written in a file can be written in code."""
    assert parse_contract(WHOLE) == Contract(
        name="t",
        columns=(
            ColumnContract(name="id", type=ColumnType.INTEGER, minimum=0, severity={"min": Severity.WARN}),
            ColumnContract(name="at", type=ColumnType.DATE),
            ColumnContract(name="w", type=ColumnType.STRING, severity=Severity.STOP),
        ),
        key=Key(columns=("id",), severity=Severity.STOP),
        rules=(Rule(name="r", expression="SUM(id) > 0", severity=Severity.WARN),),
        references=(Reference(columns=("id",), dataset="other@golden", to=("key",), severity=Severity.WARN),),
        freshness=(Freshness(column="at", max_age=timedelta(days=2), severity=Severity.WARN),),
        volume=Volume(min_rows=5, max_change=0.2, severity=Severity.WARN),
        distributions=(
            Distribution(column="id", measure=Measure.QUANTILE, at=0.95, maximum=3),
            Distribution(column="id", measure=Measure.SHARE, values=(1, 2), minimum=0.05, severity=Severity.WARN),
            Distribution(column="w", measure=Measure.PSI, reference="t@3", maximum=0.2),
        ),
    )


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("references: [{columns: id}]", "line 3: Expected the key 'dataset' in a reference"),
        ("references: [{columns: idd, dataset: d}]", "reference to d .* names the column 'idd'.*Did you mean 'id'"),
        ("freshness: [{column: at, max_age: soon}]", "line 3: Expected a span of time"),
        ("freshness: [{column: id, max_age: 2d}]", "Expected a column of dates or times .*'id' of type integer"),
        ("volume: {max_chnge: 1}", "line 3: Unknown key 'max_chnge'.*max_change"),
        ("volume: {min_rows: 1, severity: quarantine}", "line 3: .*warn or stop"),
        ("distributions: [{column: w, measure: mean, max: 1}]", "Expected a column of numbers .*type string"),
        ("distributions: [{column: w, measure: men, max: 1}]", "Did you mean 'mean'"),
        ("rules: [{name: r, expression: id > 0, severity: fatal}]", "Expected one of warn, quarantine, stop"),
        ("key: {columns: [idd]}", "The key names the column 'idd'"),
    ],
)
def test_part_that_is_wrong_is_refused_with_its_place(part: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        parse_contract(f"{HEAD}\n{part}\n")


def test_severity_of_an_unknown_expectation_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="Unknown key 'mini'"):
        parse_contract("name: t\ncolumns: {id: {type: integer, severity: {mini: warn}}}")
    with pytest.raises(InvalidInputError, match="severity is for type, nullable"):
        ColumnContract(name="id", type=ColumnType.INTEGER, severity={"mini": Severity.WARN})


def test_parts_left_empty_are_none() -> None:
    assert parse_contract(f"{HEAD}\nkey:\nvolume:\nrules:\nreferences:\n").volume is None
