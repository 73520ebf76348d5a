"""Our tables read by the Delta readers of other engines: DuckDB's, and Spark's where its JAR is on the class path."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from house.spark_runtime import needs_spark, spark_runtime
from millwright.core.clock import SystemClock
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.versions.condition import RowCondition
from millwright.data.versions.erasure import erase
from millwright.data.versions.retention import RetentionRule, vacuum
from millwright.storage.catalog import open_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.data.datasets.dataset import Dataset

FRAME = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ["größe", None, "工程"],
        "share": [0.5, float("-inf"), None],
        "flag": [True, None, False],
        "day": [date(2026, 1, 31), None, date(1999, 12, 31)],
        "at": [datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC), None, datetime(1970, 1, 1, tzinfo=UTC)],
        "local": [datetime(2026, 1, 31, 10, 0, 0, 5), None, datetime(1970, 1, 1)],  # noqa: DTZ001 - the wall's time
        "cost": [Decimal("12.34"), None, Decimal("-0.01")],
        "tags": [["a", "b"], [], None],
    },
    schema_overrides={"cost": pl.Decimal(12, 2)},
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("with space")


@pytest.fixture(scope="module")
def versions(root: Path) -> Iterator[dict[str, Dataset]]:
    """Versions after every kind of write, an expiry and an erasure, by what was done last."""
    stores = open_stores(
        records_url=f"sqlite:///{root}/records.db", artifacts_url=f"{root}/a", predictions_url=f"{root}/p"
    )
    tables, clock = f"{root}/tables", SystemClock()
    catalog = DatasetCatalog(stores=stores, root_url=tables, clock=clock, actor="ada")

    def write(frame: pl.DataFrame, **options: Any) -> None:
        catalog.write(frame, "homes", kind=DatasetKind.TABLE, options=WriteOptions(**options))

    more = FRAME.with_columns(id=pl.col("id") + 10)
    write(FRAME)
    write(more, mode="append")
    write(more.with_columns(name=pl.lit("merged")).head(2), mode="merge", key=("id",))
    catalog.delete("homes", "id = 2")
    write(more.with_columns(id=pl.col("id") + 10, extra=pl.lit("e")), mode="append", evolve=True)
    write(pl.DataFrame({"other": [1.5, None]}), mode="overwrite")
    catalog.restore("homes@5")
    done = {"overwrite": 1, "append": 2, "merge": 3, "delete": 4, "new column": 5, "other columns": 6, "restore": 7}
    catalog.write(FRAME.clear(), "nothing", kind=DatasetKind.TABLE)
    catalog.write(FRAME, "people", kind=DatasetKind.TABLE)
    catalog.write(more, "people", kind=DatasetKind.TABLE, options=WriteOptions(mode="append"))
    catalog.write(FRAME.head(1), "people", kind=DatasetKind.TABLE)
    vacuum(stores, tables, "people", RetentionRule(versions=2), clock=clock, actor="ada")
    erase(stores, tables, "people", RowCondition(values={"id": "3"}), reason="r", clock=clock, actor="ada")
    found = {name: catalog.get(f"homes@{version}") for name, version in done.items()}
    yield found | {"no rows": catalog.get("nothing"), "erase": catalog.get("people@2"), "latest": catalog.get("people")}
    stores.close()


KINDS = (
    "overwrite", "append", "merge", "delete", "new column", "other columns", "restore", "no rows", "erase", "latest",
)  # fmt: skip


def same(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """As sets of rows: engines promise no order."""
    assert found.columns == expected.columns
    key = expected.columns[0]
    cast = found.cast(expected.schema)  # type: ignore[arg-type]
    assert cast.sort(key, nulls_last=True).equals(expected.sort(key, nulls_last=True))


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Any]:
    """DuckDB with its Delta extension, loaded from the package that brings it: nothing is downloaded."""
    library = pytest.importorskip("duckdb", reason="needs DuckDB: pip install 'millwright[duckdb]'")
    found = find_spec("duckdb_extension_delta")
    if found is None or found.origin is None:
        pytest.skip("needs DuckDB's Delta extension: pip install duckdb-extension-delta")
    [extension] = Path(found.origin).parent.rglob("delta.duckdb_extension")
    connection = library.connect(config={"autoinstall_known_extensions": False})
    connection.execute(f"LOAD '{extension}'")
    connection.execute("SET TimeZone = 'UTC'")
    yield connection
    connection.close()


@pytest.mark.parametrize("kind", KINDS)
def test_duckdb_reads_a_version_as_we_do(duckdb: Any, versions: dict[str, Dataset], kind: str) -> None:
    dataset = versions[kind]
    uri, version = dataset.record.table_uri, dataset.record.table_version
    found = duckdb.execute("SELECT * FROM delta_scan(?, version := ?)", [uri, version]).pl()
    same(found, dataset.verify())


def test_duckdb_reads_the_latest_version_when_none_is_named(duckdb: Any, versions: dict[str, Dataset]) -> None:
    dataset = versions["latest"]
    found = duckdb.execute("SELECT * FROM delta_scan(?)", [dataset.record.table_uri]).pl()
    same(found, dataset.verify())


def test_duckdb_leaves_out_files_by_our_bounds_without_losing_rows(duckdb: Any, versions: dict[str, Dataset]) -> None:
    dataset = versions["new column"]
    frame = dataset.read()
    for condition in (
        "id > 20",
        "id = 13",
        "name = 'merged'",
        "day < CAST('2000-01-01' AS DATE)",
        "share < 0",
        "extra = 'e'",
    ):
        found = duckdb.execute(
            f"SELECT id FROM delta_scan(?, version := ?) WHERE {condition}",  # noqa: S608 - our own conditions
            [dataset.record.table_uri, dataset.record.table_version],
        ).fetchall()
        ours = frame.filter(pl.sql_expr(condition))
        assert sorted(row[0] for row in found) == sorted(ours["id"])


def spark_jars() -> str:
    """Spark's Delta reader, where somebody has put it: beside Spark's own JARs, or named by a variable."""
    named = os.environ.get("MILLWRIGHT_TEST_DELTA_JARS", "")
    if named or find_spec("pyspark") is None:
        return named
    import pyspark

    return ",".join(map(str, (Path(pyspark.__file__).parent / "jars").glob("delta-*.jar")))


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
    }
    if spark_jars():
        settings |= {
            "spark.jars": spark_jars(),
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        }
    builder = SparkSession.builder.master("local[1]").appName("readers")
    for name, value in settings.items():
        builder = builder.config(name, value)
    with spark_runtime():
        yield builder.getOrCreate()


@pytest.fixture(scope="module")
def delta_in_spark(spark: Any) -> Any:
    if not spark_jars():
        pytest.skip(
            "needs Spark's Delta reader: put delta-spark and delta-storage beside Spark's JARs, or name them in "
            "MILLWRIGHT_TEST_DELTA_JARS"
        )
    return spark


def collected(frame: Any) -> pl.DataFrame:
    table: Callable[[], Any] = frame.toArrow
    return pl.DataFrame(table())


@needs_spark
@pytest.mark.slow
class TestSpark:
    @pytest.mark.parametrize("kind", KINDS)
    def test_spark_reads_the_files_of_a_version_as_we_do(
        self, spark: Any, versions: dict[str, Dataset], kind: str
    ) -> None:
        dataset = versions[kind]
        expected, files = dataset.verify(), dataset.files()
        if not files:
            assert expected.is_empty()
            return
        # A file that was written before a column was added lacks it.
        found = spark.read.option("mergeSchema", "true").parquet(*files)
        same(collected(found.select(*expected.columns)), expected)

    @pytest.mark.parametrize("kind", KINDS)
    def test_spark_reads_a_version_by_its_delta_reader(
        self, delta_in_spark: Any, versions: dict[str, Dataset], kind: str
    ) -> None:
        dataset = versions[kind]
        reader = delta_in_spark.read.format("delta").option("versionAsOf", dataset.record.table_version)
        same(collected(reader.load(dataset.record.table_uri)), dataset.verify())
