from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.document import parse_contract
from millwright.data.contracts.file import load_contract

if TYPE_CHECKING:
    from pathlib import Path

ONE = """
from millwright.data.contracts import ColumnContract, ColumnType, Contract

COSTS = Contract(name="costs", columns=(ColumnContract(name="cost", type=ColumnType.NUMBER, minimum=0),))
"""


def test_contract_of_a_python_file_equals_the_one_of_a_yaml_file(tmp_path: Path) -> None:
    file = tmp_path / "contract.py"
    file.write_text(ONE, encoding="utf-8")
    expected = parse_contract("name: costs\ncolumns: {cost: {type: number, min: 0}}")
    assert load_contract(file) == load_contract(f"{file}:COSTS") == expected


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("x = 1", "", r"c\.py: expected one contract, found none"),
        (f"{ONE}OTHER = Contract(name='o', columns=COSTS.columns)", "", "expected one contract, found COSTS, OTHER"),
        (ONE, ":COST", "expected a contract 'COST', found COSTS.*Did you mean 'COSTS'"),
        ("1 / 0", "", r"c\.py: running it failed: ZeroDivisionError"),
    ],
)
def test_file_that_makes_no_contract_is_refused(tmp_path: Path, text: str, name: str, message: str) -> None:
    (tmp_path / "c.py").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=message):
        load_contract(f"{tmp_path / 'c.py'}{name}")
