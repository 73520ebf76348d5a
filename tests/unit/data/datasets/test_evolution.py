from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import ContractViolationError, InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract
from millwright.data.datasets.evolution import check_contract, conform, evolve

TABLE = pl.Schema(
    {
        "id": pl.Int32(),
        "cost": pl.Float64(),
        "money": pl.Decimal(10, 2),
        "tags": pl.List(pl.Int16()),
        "name": pl.String(),
    }
)


def rows(**types: pl.DataType) -> pl.DataFrame:
    """One row with values, of the table's types but for those given."""
    frame = pl.DataFrame(
        {"id": [1], "cost": [1.0], "money": ["1.5"], "tags": [[1]], "name": ["1"]},
        schema_overrides={"tags": pl.List(pl.Int64)},
    )
    return frame.with_columns(pl.col(name).cast(dtype) for name, dtype in {**TABLE, **types}.items())


@pytest.mark.parametrize(
    ("column", "wide"),
    [
        ("id", pl.Int64()),
        ("id", pl.Float64()),
        ("money", pl.Decimal(12, 2)),
        ("money", pl.Decimal(12, 4)),
        ("tags", pl.List(pl.Int64())),
    ],
)
def test_wider_types_are_taken_when_that_is_allowed(column: str, wide: pl.DataType) -> None:
    more = rows(**{column: wide})
    with pytest.raises(InvalidInputError, match=rf"found others: column '{column}': expected .*evolve=True"):
        evolve(TABLE, more, ref="d@1", allowed=False)
    fit = evolve(TABLE, more, ref="d@1", allowed=True)
    assert fit.widened
    assert fit.schema[column] == wide
    assert conform(rows(), fit.schema).schema == fit.schema
    narrow = evolve(fit.schema, rows(), ref="d@2", allowed=False)
    assert not narrow.widened
    assert narrow.rows.schema == fit.schema


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("id", pl.String()),
        ("cost", pl.Int64()),
        ("money", pl.Decimal(10, 4)),
        ("tags", pl.List(pl.String())),
        ("name", pl.Int64()),
    ],
)
def test_other_types_are_refused_in_any_case(column: str, other: pl.DataType) -> None:
    with pytest.raises(InvalidInputError, match=f"column '{column}': expected .*, found .*write the whole table anew"):
        evolve(TABLE, rows(**{column: other}), ref="d@1", allowed=True)


def test_columns_of_nothing_but_null_take_the_table_s_type() -> None:
    nothing = rows().with_columns(cost=pl.lit(None, dtype=pl.String))
    assert evolve(TABLE, nothing, ref="d@1", allowed=False).rows.schema == TABLE


def test_new_columns_stand_behind_and_missing_ones_are_refused() -> None:
    more = rows().select(pl.lit(1).alias("extra"), pl.all())
    assert list(evolve(TABLE, more, ref="d@1", allowed=True).schema) == [*TABLE, "extra"]
    with pytest.raises(InvalidInputError, match="column 'name': expected String, found none"):
        evolve(TABLE, more.drop("name"), ref="d@1", allowed=True)
    with pytest.raises(InvalidInputError, match="column 'ID': expected 'id', found another case"):
        evolve(TABLE, rows().with_columns(ID=1), ref="d@1", allowed=True)


def test_many_differences_are_told_in_short() -> None:
    wide = rows().with_columns(pl.lit(1).alias(f"c{number}") for number in range(9))
    with pytest.raises(InvalidInputError, match="column 'c4': expected none, found Int32; and 4 more"):
        evolve(TABLE, wide, ref="d@1", allowed=False)


def test_contract_refuses_columns_that_are_missing_or_of_another_type() -> None:
    contract = Contract(
        name="prices",
        columns=(
            ColumnContract(name="id", type=ColumnType.INTEGER),
            ColumnContract(name="name", type=ColumnType.NUMBER),
            ColumnContract(name="gone", type=ColumnType.DATE),
        ),
    )
    with pytest.raises(
        ContractViolationError,
        match=r"contract 'prices' in d@1, .*'name': expected Float64, found String; column 'gone': expected Date",
    ):
        evolve(TABLE, rows(), ref="d@1", allowed=False, contract=contract)
    check_contract(pl.Schema({**TABLE, "name": pl.Int32(), "gone": pl.Date()}), contract, ref="d")
