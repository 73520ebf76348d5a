from __future__ import annotations

import pickle
from datetime import timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract, Key
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.row_check import left_out, row_checks
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import Distribution, Freshness, Measure, Volume
from millwright.data.contracts.validation import validate

CONTRACT = Contract(
    name="t",
    columns=(
        ColumnContract(name="a", type=ColumnType.INTEGER, minimum=0, maximum=5, severity={"max": Severity.WARN}),
        ColumnContract(name="d", type=ColumnType.DATE, unique=True),
    ),
    key=Key(columns=("a",)),
    rules=(Rule(name="even", expression="a % 2 = 0"), Rule(name="sum", expression="SUM(a) = 0")),
    references=(Reference(columns=("a",), dataset="other"),),
    freshness=(Freshness(column="d", max_age=timedelta(1)),),
    volume=Volume(max_rows=1),
    distributions=(Distribution(column="a", measure=Measure.MEAN, maximum=1),),
)


@given(st.lists(st.tuples(st.sampled_from(["0", "2", "3", "8", "-1", "x", None]), st.sampled_from(["", "y"]))))
def test_batch_is_judged_as_the_table_would_be(rows: list[tuple[str | None, str]]) -> None:
    raw = pl.DataFrame(rows, schema={"a": pl.String, "d": pl.String}, orient="row")
    checks = pickle.loads(pickle.dumps(row_checks(CONTRACT)))  # noqa: S301 - as Spark sends it to its workers
    found = checks(raw)
    whole = validate(raw, CONTRACT.row_part())
    assert found.drop("_reasons", "_warnings").equals(raw)
    aside = found.with_columns(_row=pl.int_range(1, pl.len() + 1)).filter(pl.col("_reasons").list.len() > 0)
    assert_frame_equal(aside.drop("_warnings"), whole.quarantined)
    assert_frame_equal(checks.valid(raw), whole.valid)
    assert [len(warned) for warned in found["_warnings"]] == [int(row[0] == "8") for row in rows]


def test_what_is_not_judged_row_by_row_is_named() -> None:
    assert left_out(CONTRACT) == [
        "d: unique",
        "rule sum",
        "reference to other",
        "key (a)",
        "freshness of d",
        "mean of a",
        "volume",
    ]
    assert left_out(CONTRACT.row_part()) == []
