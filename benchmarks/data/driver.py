"""What Millwright does, and the bare libraries below it, with the same rows: one process of this environment.

`python driver.py FOLDER` reads one JSON command a line and answers each with one (see `talk`).
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import polars as pl
from benchmarks.data.events import ENTITIES, FEATURES, TTL_DAYS, Files
from benchmarks.data.table import change, table
from benchmarks.data.talk import talk

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.workspace.workspace import Workspace

UNTIL = datetime(2025, 12, 1, tzinfo=UTC)


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    """What it gave, and the seconds of the clock and of the processor."""
    begun = time.perf_counter(), time.process_time()
    found = work()
    return found, {"seconds": time.perf_counter() - begun[0], "cpu": time.process_time() - begun[1]}


class Works:
    """The works, by name."""

    def __init__(self, folder: Path) -> None:
        self.files, self.folder = Files(folder), folder
        self._open: dict[str, Workspace] = {}
        self._round = 0

    def versions(self) -> dict[str, Any]:
        """What is measured."""
        from importlib.metadata import version

        return {name: version(name) for name in ("millwright", "polars", "deltalake", "lmdb", "redis")}

    def training(self, view: str, out: str = "") -> dict[str, Any]:
        """100 k rows point-in-time from the view `stats` or, minding when rows were recorded, `known`."""
        features = self._workspace("lmdb").features
        asked = pl.read_parquet(self.files.rows)
        found, took = timed(lambda: features.training_set(asked, [f"{view}:{name}" for name in FEATURES]).frame)
        if out:
            found.write_parquet(out)
        return took | {"rows": found.height}

    def as_of(self) -> dict[str, Any]:
        """The same by a bare `join_asof` on the same files, ties taken as they come, without a time to live."""
        rows = list(self._workspace("lmdb").datasets.get("events").files())

        def join() -> pl.DataFrame:
            events = pl.scan_parquet(rows).select("driver", "happened", *FEATURES).sort("happened")
            asked = pl.scan_parquet(self.files.rows).sort("event_timestamp")
            joined = asked.join_asof(
                events, left_on="event_timestamp", right_on="happened", by="driver", check_sortedness=False
            )
            return joined.sort("row").collect()

        found, took = timed(join)
        return took | {"rows": found.height}

    def materialize(self, online: str) -> dict[str, Any]:
        """Every entity's newest values online, from nothing."""
        workspace = self._workspace(online)
        workspace.online.drop("stats")
        _, took = timed(lambda: workspace.online.materialize(["stats"], until=UNTIL))
        return took | {"entities": ENTITIES}

    def read(self, online: str, entities: int, times: int) -> dict[str, Any]:
        """Median of reads of so many entities at once: by us, and of the same values from the bare store."""
        workspace, random = self._workspace(online), np.random.default_rng(1)
        reader = workspace.online.reader([f"stats:{name}" for name in FEATURES])
        bare = _bare_reader(online, workspace)
        ours, others = [], []
        for _ in range(times):
            keys = [int(key) for key in random.integers(0, ENTITIES, entities)]
            rows = [{"driver": key} for key in keys]
            begun = time.perf_counter()
            found = reader.read(rows).columns
            ours.append(time.perf_counter() - begun)
            assert len(found[FEATURES[0]]) == entities
            begun = time.perf_counter()
            bare(keys)
            others.append(time.perf_counter() - begun)
        return {"seconds": float(np.median(ours)), "bare": float(np.median(others))}

    def create(self) -> dict[str, Any]:
        """The whole table as a first version, by us and by deltalake alone."""
        whole = self._table
        _, ours = timed(lambda: self._write(whole, "overwrite"))
        _, bare = timed(lambda: self._bare_write(whole))
        return {"ours": ours, "bare": bare}

    def commit(self, kind: str) -> dict[str, Any]:
        """A change of 1 %, by us and by deltalake alone; bytes are what the folder grew by."""
        self._round += 1
        rows = change(self._table, kind, self._round)
        mode = "append" if kind == "append" else "merge"
        ours_folder, bare_folder = self.folder / "ours-lmdb" / ".millwright" / "datasets", self.folder / "bare"
        before = _size(ours_folder), _size(bare_folder)
        _, ours = timed(lambda: self._write(rows, mode))
        _, bare = timed(lambda: self._bare_change(rows, mode))
        ours["bytes"], bare["bytes"] = _size(ours_folder) - before[0], _size(bare_folder) - before[1]
        return {"ours": ours, "bare": bare}

    def validate(self) -> dict[str, Any]:
        """Twenty rules on a million rows of 20 columns, by a contract and by bare expressions."""
        from millwright.data.contracts.column import ColumnContract, ColumnType
        from millwright.data.contracts.contract import Contract
        from millwright.data.contracts.validation import validate

        frame = self._table
        columns = []
        for name, dtype in frame.schema.items():
            kind = (
                ColumnType.STRING if dtype == pl.String else ColumnType.INTEGER if name == "id" else ColumnType.NUMBER
            )
            is_ruled = name in {f"n{number}" for number in range(10)}
            bounds = {"nullable": False, "minimum": -4.0, "maximum": 4.0} if is_ruled else {}
            columns.append(ColumnContract(name=name, type=kind, **bounds))
        contract = Contract(name="table", columns=tuple(columns), max_quarantined=1.0)
        result, ours = timed(lambda: validate(frame, contract))

        def masks() -> tuple[pl.DataFrame, pl.DataFrame]:
            broken = [pl.col(f"n{number}").is_null() for number in range(10)]
            broken += [~pl.col(f"n{number}").is_between(-4.0, 4.0) for number in range(10)]
            found = frame.lazy().select(expr.fill_null(value=False).alias(str(i)) for i, expr in enumerate(broken))
            any_broken = found.select(pl.any_horizontal(pl.all())).collect().to_series()
            return frame.filter(~any_broken), frame.filter(any_broken)

        (valid, aside), bare = timed(masks)
        assert (valid.height, aside.height) == (result.valid.height, result.quarantined.height)
        return {"ours": ours, "bare": bare, "failed": aside.height}

    @cached_property
    def _table(self) -> pl.DataFrame:
        return table()

    def _write(self, rows: pl.DataFrame, mode: str) -> None:
        from millwright.core.records.dataset import DatasetKind
        from millwright.data.datasets.write_options import WriteOptions

        options = WriteOptions(mode=mode, key=("id",))  # type: ignore[arg-type]
        self._workspace("lmdb").datasets.write(rows, "table", kind=DatasetKind.TABLE, options=options)

    def _bare_write(self, rows: pl.DataFrame) -> None:
        from deltalake import WriterProperties, write_deltalake

        properties = WriterProperties(compression="ZSTD", compression_level=3)
        write_deltalake(str(self.folder / "bare"), rows, mode="overwrite", writer_properties=properties)

    def _bare_change(self, rows: pl.DataFrame, mode: str) -> None:
        from deltalake import DeltaTable, WriterProperties, write_deltalake

        properties, uri = WriterProperties(compression="ZSTD", compression_level=3), str(self.folder / "bare")
        if mode == "append":
            write_deltalake(uri, rows, mode="append", writer_properties=properties)
            return
        merge = DeltaTable(uri).merge(
            rows, "old.id = new.id", source_alias="new", target_alias="old", writer_properties=properties
        )
        merge.when_matched_update_all().when_not_matched_insert_all().execute()

    def _workspace(self, online: str) -> Workspace:
        if online not in self._open:
            self._open[online] = self._made(online)
        return self._open[online]

    def _made(self, online: str) -> Workspace:
        import millwright as mw
        from millwright.core.records.dataset import DatasetKind
        from millwright.workspace.workspace import Workspace

        home = self.folder / f"ours-{online}"
        home.mkdir(exist_ok=True)
        redis = os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/13")
        workspace = Workspace.open(home, overrides={"online": redis} if online == "redis" else {})
        workspace.datasets.write(pl.read_parquet(self.files.events), "events", kind=DatasetKind.TABLE)
        driver = mw.Entity(name="driver")
        fields = tuple(mw.Feature(name=name, dtype="Float64") for name in FEATURES)
        views = [
            mw.FeatureView(
                name=name,
                entities=(driver,),
                source="events",
                features=fields,
                timestamp="happened",
                created=created,
                ttl=timedelta(days=TTL_DAYS),
            )
            for name, created in (("stats", ""), ("known", "recorded"))
        ]
        workspace.features.apply(views)
        return workspace


def _bare_reader(online: str, workspace: Workspace) -> Callable[[list[int]], list[Any]]:
    """Reads rows of the same values, msgpack of a list, from the bare library."""
    import msgspec

    rows = pl.read_parquet(Files(workspace.folder.parent).events).group_by("driver").agg(pl.last(*FEATURES))
    encode, decode = msgspec.msgpack.encode, msgspec.msgpack.decode
    values = {encode([row[0]]): encode([0, 0, 0, list(row[1:])]) for row in rows.rows()}
    if online == "redis":
        import redis

        client = redis.Redis.from_url(os.environ.get("BENCH_BARE_REDIS_URL", "redis://127.0.0.1:6379/12"))
        client.mset({b"bare:" + key: value for key, value in values.items()})
        return lambda keys: [each and decode(each) for each in client.mget([b"bare:" + encode([key]) for key in keys])]
    import lmdb

    environment = lmdb.open(str(workspace.folder / "bare.lmdb"), map_size=1 << 30)
    with environment.begin(write=True) as writer:
        for key, value in values.items():
            writer.put(key, value)

    def read(keys: list[int]) -> list[Any]:
        with environment.begin(buffers=True) as reader:
            found = [reader.get(encode([key])) for key in keys]
            return [each and decode(each) for each in found]

    return read


def _size(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


if __name__ == "__main__":
    talk(Works(Path(sys.argv[1])))
