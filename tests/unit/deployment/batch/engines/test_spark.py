from __future__ import annotations

import polars as pl
import pytest

from millwright.data.engines.spark_session import java
from millwright.deployment.batch.engines.engine import EngineOptions
from millwright.deployment.batch.table import BatchOptions, predict_table

pytest.importorskip("pyspark", reason="needs PySpark: pip install 'millwright[spark]'")
pytestmark = pytest.mark.skipif(java() is None, reason="needs Java 17 or newer")


def test_spark_writes_what_this_process_writes(tmp_path, package, mixed):
    mixed.write_parquet(tmp_path / "in.parquet")
    spark = EngineOptions(name="spark", workers=2, spark_master="local[2]")
    for name, engine in {"local": EngineOptions(), "spark": spark}.items():
        options = BatchOptions(chunk_rows=150, engine=engine)
        source, output = str(tmp_path / "in.parquet"), tmp_path / f"{name}.parquet"
        predict_table(package, source, output, model_ref="delay@1", options=options)
    for ending in ("parquet", "rejected.parquet"):
        local, found = (pl.read_parquet(tmp_path / f"{name}.{ending}") for name in ("local", "spark"))
        assert found.equals(local)
        assert found.height > 0
