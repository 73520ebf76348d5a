from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract
from millwright.data.contracts.column import ColumnType as Kind
from millwright.data.contracts.contract import Contract, ExtraColumns, Key
from millwright.data.contracts.rule import Rule
from millwright.deployment.batch.contract import ContractReader
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task

CONTRACT = Contract(
    name="visits",
    columns=(
        ColumnContract(name="start", type=Kind.DATE, formats=("M/D/YYYY",), missing=("PNS",)),
        ColumnContract(name="load", type=Kind.NUMBER, maximum=9),
        ColumnContract(name="late", type=Kind.BOOLEAN, nullable=False),
    ),
    key=Key(columns=("start",)),
    rules=(Rule(name="known", expression="late OR load < 5"),),
    extra=ExtraColumns.REFUSE,
)


@pytest.fixture
def reader() -> ContractReader:
    columns = (
        SignatureColumn(name="start", type=ColumnType.DATE, required=False),
        SignatureColumn(name="load", type=ColumnType.NUMBER, required=True),
    )
    output = SignatureColumn(name="prediction", type=ColumnType.BOOLEAN, required=True)
    signature = Signature(inputs=columns, outputs=(output,), task=Task.BINARY, target="late", classes=(False, True))
    return ContractReader(CONTRACT, signature)


def test_values_are_read_as_the_contract_says_without_the_target_and_with_other_columns(reader):
    frame = pl.DataFrame(
        {"start": ["1/31/2025", "PNS", "1/31/2025"], "load": ["1", "2", "3"], "other": ["a", "b", "c"]}
    )
    parsed = reader.parse(frame, 0)
    assert parsed.good["start"].cast(pl.String).to_list() == ["2025-01-31", None, "2025-01-31"]
    assert parsed.good["load"].to_list() == [1.0, 2.0, 3.0]
    assert parsed.good["other"].to_list() == ["a", "b", "c"]
    assert (parsed.bad.height, parsed.reasons) == (0, {})


def test_rows_that_break_the_contract_are_told_with_their_place_in_the_table(reader):
    frame = pl.DataFrame({"start": ["soon", "1/2/2025", None], "load": ["1", "2", "10"]})
    parsed = reader.parse(frame, 100)
    assert parsed.rows.to_list() == [1]
    assert parsed.bad.select("_row", "_reasons", "start").rows() == [
        (100, "start: not a date (M/D/YYYY)", "soon"),
        (102, "load: above 9", None),
    ]
    assert parsed.reasons == {"start: not a date (M/D/YYYY)": 1, "load: above 9": 1}


def test_rules_count_when_their_columns_are_there(reader):
    frame = pl.DataFrame({"load": ["1", "6", "6"], "late": ["false", "false", "true"]})
    assert reader.parse(frame, 0).rows.to_list() == [0, 2]


def test_table_with_types_that_are_not_stored_is_read_as_it_would_be(reader):
    frame = pl.DataFrame({"load": [5], "start": pl.Series([None], dtype=pl.Categorical)})
    parsed = reader.parse(frame.with_columns(load=pl.duration(microseconds="load")), 0)
    assert parsed.good["load"].to_list() == [5.0]


def test_table_without_a_column_that_the_model_needs_is_refused(reader):
    with pytest.raises(InvalidInputError, match="'load'"):
        reader.parse(pl.DataFrame({"start": ["1/2/2025"]}), 0)


def test_table_that_the_contract_says_nothing_about_passes():
    column = SignatureColumn(name="x", type=ColumnType.NUMBER, required=True)
    output = SignatureColumn(name="prediction", type=ColumnType.NUMBER, required=True)
    signature = Signature(inputs=(column,), outputs=(output,), task=Task.REGRESSION, target="y")
    frame = pl.DataFrame({"x": [1.0]})
    assert ContractReader(CONTRACT, signature).parse(frame, 0).good.equals(frame)
