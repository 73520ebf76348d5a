from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, Key
from millwright.data.contracts.rule import Rule

A = ColumnContract(name="a", type=ColumnType.INTEGER)
CODES = ColumnContract(name="b", type=ColumnType.INTEGER, indicator=True)
RULE = Rule(name="r", expression="a > 0")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"columns": ()}, "Expected columns"),
        ({"columns": (A, A)}, "column 'a' twice"),
        ({"columns": (CODES, ColumnContract(name="b__code", type=ColumnType.STRING))}, "column 'b__code' twice"),
        ({"rules": (RULE, RULE)}, "rule 'r' twice"),
        ({"key": Key(columns=("aa",))}, "names the column 'aa'.*Did you mean 'a'"),
        ({"max_quarantined": 1.5}, "max_quarantined from 0 to 1"),
        ({"min_rows": -1}, "min_rows of at least 0"),
    ],
)
def test_contract_whose_parts_contradict_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Contract(**{"name": "t", "columns": (A,), **parts})


def test_contract_finds_columns_by_name() -> None:
    assert Contract(name="t", columns=(A, CODES)).by_name["b"] is CODES
