from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, Key
from millwright.data.contracts.odcs import to_odcs
from millwright.data.contracts.odcs_import import from_odcs
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.table_expectation import Freshness, Volume
from unit.data.contracts.test_rendering import contracts

FOREIGN = """
apiVersion: v3.1.0
kind: DataContract
id: 53581432
version: 1.1.0
status: active
schema:
  - name: orders
    logicalType: object
    description: what was ordered
    properties:
      - {name: id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1, required: true, unique: true}
      - name: country
        logicalType: string
        logicalTypeOptions: {pattern: "^[A-Z]{2}$", maxLength: 2}
        quality:
          - {metric: invalidValues, arguments: {validValues: [DE, US]}, mustBe: 0}
          - {type: text, name: as spoken}
        relationships: [{to: countries.code}]
      - {name: day, logicalType: date, logicalTypeOptions: {minimum: "2020-01-01"}}
    quality:
      - {metric: rowCount, mustBeGreaterOrEqualTo: 10}
      - {type: sql, name: sums, query: SELECT 1, mustBe: 1}
slaProperties:
  - {property: latency, value: 4, unit: d, element: orders.day}
  - {property: retention, value: 3, unit: y, element: orders.day}
"""


@given(contracts())
def test_contract_exported_and_imported_is_the_same(contract: Contract) -> None:
    assert from_odcs(to_odcs(contract)).contract == contract


def test_file_of_another_program_gives_what_both_have_words_for() -> None:
    found = from_odcs(FOREIGN)
    assert found.contract == Contract(
        name="orders",
        description="what was ordered",
        columns=(
            ColumnContract(name="id", type=ColumnType.INTEGER, nullable=False, unique=True),
            ColumnContract(name="country", type=ColumnType.STRING, pattern="^[A-Z]{2}$", allowed=("DE", "US")),
            ColumnContract(name="day", type=ColumnType.DATE, minimum=date(2020, 1, 1)),
        ),
        key=Key(columns=("id",)),
        references=(Reference(columns=("country",), dataset="countries", to=("code",)),),
        freshness=(Freshness(column="day", max_age=timedelta(days=4)),),
        volume=Volume(min_rows=10),
    )
    assert found.left_out == (
        "country: as spoken",
        "country: maxLength 2",
        "the table: sums",
        "service level retention",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: t\ncolumns: {a: string}", "expected a contract of the Open Data Contract Standard v3"),
        ("[1]", "expected a contract of the Open Data"),
        ("a: [", "not readable as YAML"),
        ("apiVersion: v3.0.2\nkind: DataContract", "expected one table in the schema, found 0"),
        ("apiVersion: v3.1.0\nschema: [{name: t, properties: [{name: a, logicalType: array}]}]", "found array"),
    ],
)
def test_what_is_no_such_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        from_odcs(text, source="f.yaml")
