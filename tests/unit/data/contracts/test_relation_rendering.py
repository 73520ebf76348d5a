from __future__ import annotations

from datetime import timedelta

from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract
from millwright.data.contracts.relation_rendering import table_lines
from millwright.data.contracts.table_expectation import Freshness, Volume

COLUMNS = (ColumnContract(name="at", type=ColumnType.DATE),)


def test_contract_without_such_parts_has_no_lines() -> None:
    assert table_lines(Contract(name="t", columns=COLUMNS)) == []


def test_only_what_is_not_the_default_is_written() -> None:
    contract = Contract(
        name="t",
        columns=COLUMNS,
        freshness=(Freshness(column="at", max_age=timedelta(hours=36)),),
        volume=Volume(max_change=0.2),
    )
    assert [line for line in table_lines(contract) if not line.startswith("#")] == [
        "freshness:",
        "  - column: at",
        "    max_age: 36h",
        "volume:",
        "  max_change: 0.2",
    ]
