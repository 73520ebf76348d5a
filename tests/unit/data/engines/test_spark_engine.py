"""Everything that needs Spark is in this file, so that one session (about 10 s to start) serves all of it."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from house.spark_runtime import needs_spark, spark_runtime
from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import DatasetKind
from millwright.data.contracts import ValidationContext, parse_contract, validate
from millwright.data.datasets.write_options import WriteOptions
from millwright.data.engines.as_of import AsOfRule, as_of_join
from millwright.data.engines.engine import EngineOptions
from millwright.data.engines.spark_session import session
from millwright.data.engines.transformation import run, run_to_parquet
from millwright.data.engines.validation import validate_on_spark
from millwright.data.features.catalog import FeatureCatalog
from unit.data.features.large_view_cases import events, service, wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset
    from millwright.storage.catalog import Stores

pytestmark = [pytest.mark.slow, needs_spark]


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineOptions]:
    scratch = tmp_path_factory.mktemp("spark")
    chosen = EngineOptions(
        name="spark", spark_master="local[2]", spark_partitions=2, limit_gb=1.5, scratch=str(scratch / "work")
    )
    with spark_runtime():
        session(chosen)
        yield chosen
    shutil.rmtree(scratch, ignore_errors=True)


def test_every_case_comes_out_as_in_memory(
    case: Any, options: EngineOptions, inputs_of: Callable[..., Any], same: Callable[..., None]
) -> None:
    inputs = inputs_of(case)
    expected = run(case.code, inputs, "polars", order_by=case.order_by)
    same(run(case.code, inputs, options=options, order_by=case.order_by), expected, inexact=case.inexact)


def test_a_result_in_files_is_the_result_in_memory(
    options: EngineOptions, tables: dict[str, pl.DataFrame], same: Callable[..., None], tmp_path: Path
) -> None:
    sql = "SELECT id, days, noted, budget FROM phases WHERE days > 0"
    inputs = {"phases": tables["phases"]}
    written = run_to_parquet(sql, inputs, tmp_path / "out", options=options)
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".parquet"] * len(written.files)
    same(written.scan().sort("id").collect(), run(sql, inputs, "polars", order_by=["id"]))


@pytest.mark.parametrize(
    ("sql", "line"),
    [("SELECT id,\n  nothing\nFROM phases", 2), ("SELECT id\nFROM nowhere", 2), ("SELECT id FROM phases\nWHER x", 2)],
)
def test_an_error_names_the_engine_and_the_line(
    sql: str, line: int, options: EngineOptions, tables: dict[str, pl.DataFrame]
) -> None:
    with pytest.raises(InvalidInputError, match=rf"engine spark cannot compute the sql, line {line}"):
        run(sql, {"phases": tables["phases"]}, options=options)


def test_integer_division_by_zero_is_an_error_here(options: EngineOptions) -> None:
    with pytest.raises(InvalidInputError, match=r"engine spark.*DIVIDE_BY_ZERO"):
        run("SELECT a / b AS q FROM x", {"x": pl.DataFrame({"a": [1], "b": [0]})}, options=options)


@pytest.mark.parametrize("ttl", [None, 90])
def test_the_point_in_time_join_is_exact(options: EngineOptions, large_as_of: Any, ttl: int | None) -> None:
    entities, view, expected = large_as_of
    rule = AsOfRule(
        keys=("building",),
        entity_keys=("building",),
        at="at",
        timestamp="ts",
        created="created",
        features=("value",),
        ttl=None if ttl is None else timedelta(hours=ttl),
    )
    found = as_of_join(entities, view, rule, "spark", options=options)["value"].to_list()
    assert found == (as_of_join(entities, view, rule, "duckdb")["value"].to_list() if ttl is None else expected)


def test_ties_go_to_the_last_row_of_a_dataset_of_several_files(options: EngineOptions, tied: Dataset) -> None:
    rule = AsOfRule(keys=("k",), entity_keys=("k",), at="ts", timestamp="ts", features=("value",))
    found = as_of_join(tied.scan().head(1), tied, rule, "spark", options=options)
    assert found["value"].to_list() == [0]


CONTRACT = """
name: phases
columns:
  id: {type: integer, required: true, unique: true}
  building: {type: string, nullable: false}
  days: {type: integer, min: 0, max: 1000}
  cost: {type: number, max: 90}
  planned: {type: date, severity: {nullable: warn}, nullable: false}
  at: {type: datetime}
rules:
  - {name: plausible, expression: days < 800 OR cost > 0}
  - {name: rising, expression: "COUNT(days) OVER (PARTITION BY building) < 29.5", severity: warn}
  - {name: total, expression: SUM(days) < 1000, severity: warn}
key: {columns: [building, planned]}
references: [{columns: building, dataset: buildings}]
"""


@pytest.mark.parametrize("files", [False, True])
def test_a_contract_judges_as_in_memory(
    files: bool, options: EngineOptions, tables: dict[str, pl.DataFrame], catalog: DatasetCatalog, tmp_path: Path
) -> None:
    contract = parse_contract(CONTRACT)
    frame = tables["phases"].select("id", "building", "days", "cost", "planned", "at", "phase")
    frame = pl.concat([frame, frame[5:9]])
    context = ValidationContext(resolve=lambda _: tables["buildings"].select("building").head(15).lazy())
    expected = validate(frame, contract, context)
    table: Any = frame
    if files:
        for start in range(0, frame.height, 300):
            piece = WriteOptions(mode="append", details={"from": start})
            table = catalog.write(frame[start : start + 300], "phases", kind=DatasetKind.TABLE, options=piece)
    (tmp_path / "out").mkdir()
    found = validate_on_spark(table, contract, tmp_path / "out", context, options=options)
    assert found.findings == expected.findings
    assert dict(found.reasons) == dict(expected.reasons)
    assert (found.rows, found.quarantined_rows) == (frame.height, expected.quarantined.height)
    assert_frame_equal(found.valid.collect(), expected.valid)
    assert_frame_equal(found.quarantined.collect(), expected.quarantined)
    assert len({finding.reason.split(":")[0] for finding in found.findings}) >= 8


def test_a_contract_on_a_table_without_rows_finds_none(
    options: EngineOptions, tables: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    contract = parse_contract("name: x\ncolumns: {id: {type: integer, unique: true}}\nextra: allow")
    found = validate_on_spark(tables["phases"].clear(), contract, tmp_path, options=options)
    assert (found.rows, found.quarantined_rows, found.findings) == (0, 0, ())
    assert found.valid.collect().is_empty()


def test_training_sets_are_those_that_are_made_in_memory(
    stores: Stores, catalog: DatasetCatalog, clock: ManualClock, options: EngineOptions
) -> None:
    catalog.write(events(), "events", kind=DatasetKind.TABLE)
    features = FeatureCatalog(stores=stores, datasets=catalog, clock=clock, actor="ada", engine=options)
    expected = features.training_set(wanted(), service(), engine="polars")
    made = features.training_set(wanted(), service(), engine="spark")
    assert_frame_equal(made.frame, expected.frame, check_exact=True)
    assert made.record == expected.record
