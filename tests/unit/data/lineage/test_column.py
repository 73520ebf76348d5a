from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.lineage.column import KEY, column_lineage, derivation, derivation_if_told

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores

T = {"t": pl.Schema({"a": pl.Int64, "b": pl.Int64, "c": pl.String})}


def test_expressions_are_added_to_the_columns_of_the_input() -> None:
    expressions = [(pl.col("a") + pl.col("b")).alias("n"), pl.col("b").shift(1).over("c"), pl.lit(1).alias("k")]
    assert column_lineage(expressions, T) == {
        "a": ("t.a",),
        "b": ("t.b", "t.c"),
        "c": ("t.c",),
        "n": ("t.a", "t.b"),
        "k": (),
    }


def test_expression_of_several_columns_leaves_their_names() -> None:
    assert column_lineage([pl.col("a", "b") * 2], T)["b"] == ("t.b",)
    with pytest.raises(InvalidInputError, match="renames several"):
        column_lineage([pl.col("a", "b").name.suffix("_x")], T)


def test_expression_over_unknown_columns_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="over a, b, c"):
        column_lineage([pl.col("z")], T)


def test_function_needs_a_declaration() -> None:
    with pytest.raises(InvalidInputError, match="columns="):
        column_lineage(lambda t: t, T)
    declared = {"n": ["t.b", "t.a", "t.a"], "k": []}
    assert column_lineage(lambda t: t, T, columns=declared) == {"n": ("t.a", "t.b"), "k": ()}
    with pytest.raises(InvalidInputError, match=r"no column 't\.z'"):
        column_lineage(lambda t: t, T, columns={"n": ["t.z"]})


def test_derivation_is_kept_with_the_version(stores: Stores, tmp_path: Path, clock: ManualClock) -> None:
    pytest.importorskip("duckdb", reason="needs DuckDB: pip install 'millwright[duckdb]'")
    catalog = DatasetCatalog(stores=stores, root_url=str(tmp_path / "t"), clock=clock, actor="ada")
    phases = catalog.write(pl.DataFrame({"planned": [3], "days": [5]}), "phases", kind=DatasetKind.TABLE)
    made = derivation("SELECT days - planned AS late, 1 AS one FROM p", {"p": phases})
    assert made.derived_from == ("phases@1",)
    options = WriteOptions(derived_from=made.derived_from, details=made.details)
    late = catalog.write(pl.DataFrame({"late": [2], "one": [1]}), "late", kind=DatasetKind.TABLE, options=options)
    assert late.record.details[KEY] == {"late": ["phases@1.days", "phases@1.planned"], "one": []}
    untold = derivation_if_told(lambda p: p, {"p": phases})
    assert (untold.derived_from, untold.details) == (("phases@1",), {})
    assert derivation_if_told("SELECT days FROM p", {"p": phases}).details == {KEY: {"days": ["phases@1.days"]}}
