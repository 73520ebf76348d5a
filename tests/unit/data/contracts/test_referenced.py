from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.context import ValidationContext
from millwright.data.contracts.contract import Contract
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.referenced import reference_column
from millwright.data.contracts.validation import validate

COLUMNS = (ColumnContract(name="b", type=ColumnType.INTEGER), ColumnContract(name="p", type=ColumnType.STRING))
ROWS = pl.DataFrame({"b": ["1", "2", "3", "", "9"], "p": ["x", "y", "x", "x", None]})


def aside(reference: Reference, other: pl.DataFrame) -> list[int]:
    contract = Contract(name="t", columns=COLUMNS, references=(reference,))
    result = validate(ROWS, contract, ValidationContext(resolve=lambda _: other.lazy()))
    assert set(result.reasons) <= {reference.reason}
    return result.quarantined["_row"].to_list()


@pytest.mark.parametrize("ids", [["1", " 2", "2", "", "x"], [1, 2], [1.0, 2.0, 2.5]])
def test_values_that_are_not_there_are_set_aside_whatever_type_they_have_there(ids) -> None:
    assert aside(Reference(columns=("b",), dataset="d", to=("id",)), pl.DataFrame({"id": ids})) == [3, 5]


def test_several_columns_are_looked_up_together_and_a_missing_one_passes() -> None:
    other = pl.DataFrame({"b": [1, 2, 3], "p": ["x", "x", "x"]})
    assert aside(Reference(columns=("b", "p"), dataset="d"), other) == [2]
    assert aside(Reference(columns=("b", "p"), dataset="d"), other.clear()) == [1, 2, 3]


def test_reference_to_a_table_without_rows_lets_only_missing_values_pass() -> None:
    assert aside(Reference(columns=("b",), dataset="d"), pl.DataFrame({"b": []}, schema={"b": pl.String})) == [
        1,
        2,
        3,
        5,
    ]


def test_column_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"looks for the column 'b' in d@2, .*Did you mean 'bb'"):
        aside(Reference(columns=("b",), dataset="d@2"), pl.DataFrame({"bb": [1]}))
    with pytest.raises(InvalidInputError, match="looks for the column 'p' in the former"):
        reference_column(Contract(name="t", columns=COLUMNS), pl.LazyFrame({"b": [1]}), "p", "the former")


def test_reference_without_datasets_is_refused_not_skipped() -> None:
    contract = Contract(name="t", columns=COLUMNS, references=(Reference(columns=("b",), dataset="d"),))
    with pytest.raises(InvalidInputError, match="no datasets were given"):
        validate(ROWS, contract)
