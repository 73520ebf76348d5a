from __future__ import annotations

from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract
from millwright.data.contracts.odcs_quality import column_quality, table_quality
from millwright.data.contracts.severity import Severity

COLUMN = ColumnContract(
    name="a", type=ColumnType.INTEGER, nullable=False, unique=True, allowed=(1, 2), severity={"unique": Severity.WARN}
)


def test_rules_of_a_column_have_the_words_of_the_standard() -> None:
    assert [(one["metric"], one["severity"], one["mustBe"]) for one in column_quality(COLUMN)] == [
        ("nullValues", "error", 0),
        ("duplicateValues", "warning", 0),
        ("invalidValues", "error", 0),
    ]


def test_table_that_may_be_empty_has_no_rule() -> None:
    assert list(table_quality(Contract(name="t", columns=(COLUMN,), min_rows=0))) == []
