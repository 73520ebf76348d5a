"""What Feast does with the same events; run by an interpreter that has `feast[redis,duckdb]` in it.

`python feast_driver.py FOLDER` reads one JSON command a line and answers each with one (see `driver.talk`).
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("FEAST_USAGE", "False")

import numpy as np
import pyarrow.parquet as pq
from events import ENTITIES, FEATURES, TTL_DAYS, Files
from talk import talk

if TYPE_CHECKING:
    from feast import FeatureStore

OFFLINE = {"default": {"type": "file"}, "duckdb": {"type": "duckdb"}}
ONLINE = {
    "sqlite": lambda folder: {"type": "sqlite", "path": str(folder / "online.db")},
    "redis": lambda _: {"type": "redis", "connection_string": os.environ.get("BENCH_REDIS", "127.0.0.1:6379,db=14")},
}


class Works:
    """The works, by name."""

    def __init__(self, folder: Path) -> None:
        self.files, self.folder = Files(folder), folder
        self._stores: dict[tuple[str, str], FeatureStore] = {}

    def versions(self) -> dict[str, Any]:
        """What is measured."""
        import feast

        return {"feast": feast.__version__}

    def training(self, offline: str, out: str) -> dict[str, Any]:
        """100 k rows point-in-time."""
        store = self._store(offline, "sqlite")
        asked = pq.read_table(self.files.rows).to_pandas()
        begun = time.perf_counter(), time.process_time()
        found = store.get_historical_features(entity_df=asked, features=[f"stats:{name}" for name in FEATURES]).to_df()
        took = time.perf_counter() - begun[0], time.process_time() - begun[1]
        found.to_parquet(out)
        return {"seconds": took[0], "cpu": took[1], "rows": len(found)}

    def materialize(self, online: str) -> dict[str, Any]:
        """Every entity's newest values online."""
        store = self._store("default", online)
        begun = time.perf_counter(), time.process_time()
        store.materialize(datetime(2024, 12, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC))
        return {"seconds": time.perf_counter() - begun[0], "cpu": time.process_time() - begun[1]}

    def read(self, online: str, entities: int, times: int) -> dict[str, Any]:
        """Median of reads of so many entities at once, in seconds."""
        store, random = self._store("default", online), np.random.default_rng(1)
        features = [f"stats:{name}" for name in FEATURES]
        took = []
        for _ in range(times):
            rows = [{"driver": int(key)} for key in random.integers(0, ENTITIES, entities)]
            begun = time.perf_counter()
            store.get_online_features(features=features, entity_rows=rows).to_dict()
            took.append(time.perf_counter() - begun)
        return {"seconds": float(np.median(took))}

    def _store(self, offline: str, online: str) -> FeatureStore:
        if (offline, online) not in self._stores:
            self._stores[offline, online] = self._open(offline, online)
        return self._stores[offline, online]

    def _open(self, offline: str, online: str) -> FeatureStore:
        from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
        from feast.types import Float64

        folder = self.folder / f"feast-{offline}-{online}"
        folder.mkdir(exist_ok=True)
        store = FeatureStore(
            config=RepoConfig(
                project="bench",
                provider="local",
                registry=str(folder / "registry.db"),
                offline_store=OFFLINE[offline],
                online_store=ONLINE[online](folder),
                entity_key_serialization_version=3,
            )
        )
        driver = Entity(name="driver", join_keys=["driver"], value_type=ValueType.INT64)
        source = FileSource(
            name="events",
            path=str(self.files.events),
            timestamp_field="happened",
            created_timestamp_column="recorded",
        )
        view = FeatureView(
            name="stats",
            entities=[driver],
            ttl=timedelta(days=TTL_DAYS),
            schema=[Field(name=name, dtype=Float64) for name in FEATURES],
            source=source,
        )
        store.apply([driver, source, view])
        return store


if __name__ == "__main__":
    talk(Works(Path(sys.argv[1])))
