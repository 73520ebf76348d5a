from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from millwright.core.errors import ContractViolationError, InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.context import ValidationContext
from millwright.data.contracts.contract import Contract, Key, KeyPolicy
from millwright.data.contracts.lazy_validation import validate_lazy
from millwright.data.contracts.reference import Reference
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import Distribution, Freshness, Measure, Volume
from millwright.data.contracts.validation import validate

OTHER = pl.DataFrame({"id": ["u", "v"]})
CONTEXT = ValidationContext(
    now=datetime(2026, 1, 5, tzinfo=UTC),
    resolve=lambda _: OTHER.lazy(),
    former=pl.LazyFrame({"n": [1, 2, 3], "w": ["u", "v", "v"]}),
)


def contract(**parts: Any) -> Contract:
    columns = (
        ColumnContract(name="n", type=ColumnType.INTEGER, minimum=0, severity={"min": Severity.WARN}),
        ColumnContract(name="w", type=ColumnType.STRING, nullable=False, indicator=True, missing=("-",)),
        ColumnContract(name="u", type=ColumnType.NUMBER, unique=True),
        ColumnContract(name="d", type=ColumnType.DATE),
    )
    return Contract(
        **{
            "name": "t",
            "columns": columns,
            "min_rows": 0,
            "max_quarantined": 1.0,
            "rules": (
                Rule(name="row", expression="n <> u"),
                Rule(name="grows", expression="n >= LAG(n) OVER (PARTITION BY w ORDER BY d)", severity=Severity.WARN),
                Rule(name="group", expression="COUNT(*) OVER (PARTITION BY w) < 4"),
                Rule(name="all", expression="SUM(n) < 9", severity=Severity.WARN),
            ),
            "references": (Reference(columns=("w",), dataset="other", to=("id",)),),
            "freshness": (Freshness(column="d", max_age=timedelta(days=1)),),
            "volume": Volume(max_rows=6, max_change=0.5),
            "distributions": (
                Distribution(column="n", measure=Measure.MEAN, maximum=1),
                Distribution(column="w", measure=Measure.PSI, maximum=0.1),
                Distribution(column="n", measure=Measure.KS, maximum=0.3),
                Distribution(column="u", measure=Measure.NULLS, maximum=0.2),
            ),
            **parts,
        }
    )


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["0", "1", "2", "-1", "x", None]),
        st.sampled_from(["u", "v", "w", "-", " u ", ""]),
        st.sampled_from(["1", "1.5", "2", "", "y"]),
        st.sampled_from(["2026-01-01", "2026-01-04", "", "z"]),
        st.integers(0, 9),
    ),
    max_size=14,
)


@settings(max_examples=60)
@given(ROWS, st.integers(1, 6), st.none() | st.sampled_from(KeyPolicy), st.booleans())
def test_batches_give_what_the_whole_table_gives(
    rows: list[tuple[Any, ...]], batch: int, keep: KeyPolicy | None, typed: bool
) -> None:
    text = dict.fromkeys(["n", "w", "u", "d"], pl.String)
    raw = pl.DataFrame(rows, schema={**text, "extra": pl.Int64}, orient="row")
    if typed:
        raw = raw.with_columns(pl.col("n").cast(pl.Int64, strict=False), pl.col("u").cast(pl.Float64, strict=False))
    table = contract(key=Key(columns=("n", "w"), keep=keep) if keep else None)
    whole = validate(raw, table, CONTEXT)
    with tempfile.TemporaryDirectory() as folder:
        parts = validate_lazy(raw.lazy(), table, Path(folder), CONTEXT, batch_rows=batch)
        assert_frame_equal(parts.valid.collect(), whole.valid)
        assert_frame_equal(parts.quarantined.collect(), whole.quarantined)
    assert parts.findings == whole.findings
    assert (parts.rows, parts.quarantined_rows, parts.reasons) == (raw.height, whole.quarantined.height, whole.reasons)


def test_table_that_breaks_too_much_is_refused(tmp_path: Path) -> None:
    raw = pl.LazyFrame({"n": ["1", "x"], "w": ["u", "u"], "u": ["1.5", "2"], "d": ["", ""], "extra": [1, 2]})
    table = contract(freshness=(), distributions=(), volume=None, max_quarantined=0.4)
    result = validate_lazy(raw, table, tmp_path, CONTEXT)
    with pytest.raises(ContractViolationError, match="1 of 2 rows"):
        result.refuse_if_too_many(table)


def test_folder_with_files_and_quarantines_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(InvalidInputError, match="Expected an empty folder"):
        validate_lazy(pl.LazyFrame({"n": [1]}), contract(), tmp_path)
    with pytest.raises(InvalidInputError, match="has a column '_row'"):
        validate_lazy(pl.LazyFrame({"_row": [1]}), contract(), tmp_path)


def test_scan_of_a_file_is_validated_in_batches(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("n\n" + "\n".join(map(str, range(1000))) + "\nbad\n7\n", encoding="utf-8")
    (tmp_path / "parts").mkdir()
    table = Contract(name="t", columns=(ColumnContract(name="n", type=ColumnType.INTEGER, unique=True),))
    scan = pl.scan_csv(file, infer_schema=False)
    result = validate_lazy(scan, table, tmp_path / "parts", batch_rows=100)
    assert result.quarantined.collect().rows() == [
        ("bad", ["n: not a whole number"], 1001),
        ("7", ["n: repeats"], 1002),
    ]
    assert result.valid.collect()["n"].to_list() == list(range(1000))
