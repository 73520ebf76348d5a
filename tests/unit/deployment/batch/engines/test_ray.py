from __future__ import annotations

import polars as pl
import pytest

from millwright.deployment.batch.engines.engine import EngineOptions
from millwright.deployment.batch.table import BatchOptions, predict_table

pytest.importorskip("ray", reason="needs Ray: pip install 'millwright[ray]'")
pytestmark = pytest.mark.usefixtures("ray_cluster")


def test_ray_writes_what_this_process_writes(tmp_path, package, mixed):
    mixed.write_parquet(tmp_path / "in.parquet")
    for name, engine in {"local": EngineOptions(), "ray": EngineOptions(name="ray", workers=2)}.items():
        options = BatchOptions(chunk_rows=150, engine=engine)
        source, output = str(tmp_path / "in.parquet"), tmp_path / f"{name}.parquet"
        predict_table(package, source, output, model_ref="delay@1", options=options)
    for ending in ("parquet", "rejected.parquet"):
        local, ray = (pl.read_parquet(tmp_path / f"{name}.{ending}") for name in ("local", "ray"))
        assert ray.equals(local)
        assert ray.height > 0
