"""The data room beside Feast, DVC and Great Expectations, each in an environment of its own, in one interleaved run.

Needs interpreters with `feast[redis,duckdb]`, `dvc` and `great-expectations` in `FEAST_PYTHON`, `DVC_PYTHON` and
`GE_PYTHON`, and Redis on 127.0.0.1:6379, whose databases 12 to 14 it empties.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from benchmarks.data.events import ENTITIES, FEATURES, ROWS, write
from benchmarks.data.oracle import expected
from benchmarks.data.peer import Peer
from benchmarks.data.table import change, table
from benchmarks.result import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.data.events import Files

ROUNDS = 4  # even, since every other one goes the other way
OURS, BARE = "Millwright", "bare library"
DEFAULT, DUCKDB = "Feast, default", "Feast, DuckDB"
READS = {1: 2000, 100: 300}  # entities at once → reads of a round; a twentieth of them by Feast


def run() -> list[Comparison]:
    """Go through the works in interleaved rounds."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="millwright-bench-")))
        files = write(root)
        for database in ("12", "13", "14"):
            subprocess.run(["redis-cli", "-n", database, "flushdb"], check=True, capture_output=True)

        def start(name: str, python: str, script: str) -> Peer:
            return stack.enter_context(Peer(name, python, script, root))

        ours, feast = (
            start(OURS, sys.executable, "driver.py"),
            start("Feast", _python("FEAST_PYTHON"), "feast_driver.py"),
        )
        dvc, great = (
            start("DVC", _python("DVC_PYTHON"), "dvc_driver.py"),
            start("GE", _python("GE_PYTHON"), "ge_driver.py"),
        )
        for peer in (ours, feast, dvc, great):
            print(f"  {peer.name}: {peer.ask('versions')}", flush=True)
        _check(ours, feast, files, root)
        works = (
            lambda: _training(ours, feast, root),
            lambda: _versions(ours, dvc, root),
            lambda: _validation(ours, great, root),
            lambda: _online(ours, feast),
        )
        rows = []
        for work in works:
            rows += work()
            print("\n".join(f"  {row.row()}" for row in rows[-12:]), flush=True)
    return rows


def _python(variable: str) -> str:
    found = os.environ.get(variable, "")
    if not found:
        sys.exit(f"Set {variable} to the interpreter of an environment with that peer; see benchmarks/README.md.")
    return found


def _check(ours: Peer, feast: Peer, files: Files, root: Path) -> None:
    """Whether each training set is right, by an oracle; ours must be."""
    for name, as_known in (("stats", False), ("known", True)):
        ours.ask("training", view=name, out=str(root / "found.parquet"))
        lost, wrong = _differing(root / "found.parquet", expected(files, as_known=as_known))
        assert (lost, wrong) == (0, 0), f"{name}: {lost} rows lost, {wrong} wrong"
    for name, store in ((DEFAULT, "default"), (DUCKDB, "duckdb")):
        feast.ask("training", offline=store, out=str(root / "found.parquet"))
        lost, wrong = _differing(root / "found.parquet", expected(files, as_known=False))
        print(f"  {name}: {lost:,} of {ROWS:,} training rows lost, {wrong:,} more wrong", flush=True)


def _differing(path: Path, right: pl.DataFrame) -> tuple[int, int]:
    found = pl.read_parquet(path).select("row", *FEATURES)
    both = right.join(found, on="row", suffix="_found")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_found")) for name in FEATURES)
    return right.height - found.height, int(both.select(differs.sum()).item())


def _rounds(works: Mapping[str, Callable[[], Mapping[str, float]]], rounds: int = ROUNDS) -> dict[str, list[Any]]:
    """What each answered in each round; the first one warms up, unless there shall be one only (then both count).

    Every other round goes the other way: who works after a long pause finds its memory and caches cold.
    """
    told: dict[str, list[Any]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in list(works.items())[:: -1 if number % 2 else 1]:
            answer = work()
            if number or rounds == 1:
                told[name].append(answer)
    return told


def _of(told: Mapping[str, list[Any]], key: str) -> dict[str, list[float]]:
    return {name: [each[key] for each in answers] for name, answers in told.items()}


def _training(ours: Peer, feast: Peer, root: Path) -> list[Comparison]:
    out = str(root / "found.parquet")
    told = _rounds(
        {
            OURS: lambda: ours.ask("training", view="stats"),
            BARE: lambda: ours.ask("as_of"),
            DEFAULT: lambda: feast.ask("training", offline="default", out=out),
            DUCKDB: lambda: feast.ask("training", offline="duckdb", out=out),
        }
    )
    seconds, work = _of(told, "seconds"), "100 k rows point-in-time over 1 M events of 100 k entities"
    rows = [
        Comparison(work=f"{work}, to {peer}", samples=seconds, unit="s", smaller=True, bar=bar, peers=(peer,))
        for peer, bar in ((DEFAULT, 8.0), (DUCKDB, 1.0), (BARE, 1 / 1.3))
    ]
    rows.append(
        Comparison(work="the same, CPU, to bare", samples=_of(told, "cpu"), unit="s", smaller=True, peers=(BARE,))
    )
    peak = _of(told, "peak_mb") | {BARE: [0.0, 0.0]}
    rows.append(
        Comparison(work="peak memory of its process", samples=peak, unit="MB", smaller=True, peers=(DEFAULT, DUCKDB))
    )
    return rows


def _online(ours: Peer, feast: Peer) -> list[Comparison]:
    rows = []
    for ours_store, feast_store, about in (("lmdb", "sqlite", "embedded"), ("redis", "redis", "Redis")):
        told = _rounds(
            {
                OURS: lambda store=ours_store: ours.ask("materialize", online=store),
                "Feast": lambda store=feast_store: feast.ask("materialize", online=store),
            },
            rounds=1,
        )
        rates = {name: [ENTITIES / each for each in seconds] for name, seconds in _of(told, "seconds").items()}
        samples = {OURS: rates[OURS], BARE: [0.0, 0.0], "Feast": rates["Feast"]}
        rows.append(
            Comparison(work=f"materialize, {about}", samples=samples, unit="entities/s", bar=7.0, peers=("Feast",))
        )
        for entities, times in READS.items():
            rows += _reads(ours, feast, (ours_store, feast_store, about), entities, times)
    return rows


def _reads(ours: Peer, feast: Peer, stores: tuple[str, str, str], entities: int, times: int) -> list[Comparison]:
    ours_store, feast_store, about = stores
    told = _rounds(
        {
            OURS: lambda: ours.ask("read", online=ours_store, entities=entities, times=times),
            "Feast": lambda: feast.ask("read", online=feast_store, entities=entities, times=max(times // 20, 10)),
        }
    )
    samples = {
        OURS: [each["seconds"] * 1e3 for each in told[OURS]],
        BARE: [each["bare"] * 1e3 for each in told[OURS]],
        "Feast": [each["seconds"] * 1e3 for each in told["Feast"]],
    }
    work = f"read of {entities} {'entity' if entities == 1 else 'entities'}, {about}, p50"
    return [
        Comparison(work=f"{work}, to Feast", samples=samples, unit="ms", smaller=True, bar=30.0, peers=("Feast",)),
        Comparison(work=f"{work}, to bare", samples=samples, unit="ms", smaller=True, bar=0.5, peers=(BARE,)),
    ]


def _versions(ours: Peer, dvc: Peer, root: Path) -> list[Comparison]:
    """A table of a million rows of 20 columns, then changes of a hundredth of it."""
    whole, path = table(), root / "table.parquet"
    created = ours.ask("create")
    whole.write_parquet(path)
    samples = {OURS: [created["ours"]["seconds"]] * 2, BARE: [created["bare"]["seconds"]] * 2}
    samples["DVC"] = [dvc.ask("commit", table=str(path))["seconds"]] * 2
    rows = [Comparison(work="first version of 1 M x 20", samples=samples, unit="s", smaller=True, peers=(BARE,))]
    for kind in ("append", "clustered", "scattered"):
        told = []
        for number in range(3):
            answer = ours.ask("commit", kind=kind)
            part = change(whole, kind, 50 + number)
            pl.concat([whole, part]).unique("id", keep="last", maintain_order=True).write_parquet(path)
            told.append(answer | {"dvc": dvc.ask("commit", table=str(path))})
        for key, unit, bar in (("seconds", "s", 0.5), ("bytes", "MB", None)):
            scale = 1e6 if key == "bytes" else 1.0
            samples = {
                OURS: [each["ours"][key] / scale for each in told],
                BARE: [each["bare"][key] / scale for each in told],
                "DVC": [each["dvc"][key] / scale for each in told],
            }
            about = f"1 % change, {kind}, {'storage' if key == 'bytes' else 'time'}"
            rows.append(Comparison(work=about, samples=samples, unit=unit, smaller=True, bar=bar, peers=(BARE,)))
    return rows


def _validation(ours: Peer, great: Peer, root: Path) -> list[Comparison]:
    path = root / "table.parquet"
    table().write_parquet(path)
    told = _rounds({OURS: lambda: ours.ask("validate"), "GE": lambda: great.ask("validate", table=str(path))}, rounds=3)
    rows = []
    for key in ("seconds", "cpu"):
        samples = {
            OURS: [each["ours"][key] for each in told[OURS]],
            BARE: [each["bare"][key] for each in told[OURS]],
            "Great Expectations": [each[key] for each in told["GE"]],
        }
        about = f"20 rules on 1 M x 20, {'CPU' if key == 'cpu' else 'time'}"
        bar = 0.5 if key == "seconds" else None
        rows.append(
            Comparison(work=f"{about}, to bare", samples=samples, unit="s", smaller=True, bar=bar, peers=(BARE,))
        )
    return rows
