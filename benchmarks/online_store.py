"""The embedded online store: LMDB as we use it against SQLite at its best.

100,000 rows of 120 bytes, written at once and then again by newest-wins; one key and 100 keys read at
random, 100 keys also while another thread writes. Medians of five rounds. Figures of two runs stand in decision
record 0007.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Protocol

from benchmarks.result import Comparison

from millwright.storage.base.online import OnlineRow, order_of
from millwright.storage.catalog import open_online

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROWS, READS, ROUNDS = 100_000, 2_000, 5
WORK = {
    "put": "rows/s",
    "put again": "rows/s",
    "read 1 key": "µs",
    "read 100 keys": "µs",
    "read 100 keys while another thread writes": "µs",
}
VALUE = bytes(120)


class Store(Protocol):
    """What is measured."""

    def put(self, rows: Sequence[OnlineRow]) -> None:
        """Put rows, durably, the newest staying."""
        ...

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Values of keys."""
        ...


class Lmdb:
    """Our embedded store."""

    def __init__(self, folder: Path) -> None:
        self._store = open_online(str(folder / "lmdb"))

    def put(self, rows: Sequence[OnlineRow]) -> None:
        """One call."""
        self._store.put("view", rows)

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """One call."""
        return self._store.get([("view", keys)])[0]


class Sqlite:
    """One table without row ids, write-ahead log, a connection per thread, statements prepared."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "online.db"
        self._local = threading.local()
        self._connection().execute(
            "CREATE TABLE rows (view TEXT, key BLOB, place BLOB, value BLOB, PRIMARY KEY (view, key)) WITHOUT ROWID"
        )

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(self._path, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "mmap_size=1073741824", "cache_size=-65536"):
                self._local.connection.execute(f"PRAGMA {pragma}")
        found: sqlite3.Connection = self._local.connection
        return found

    def put(self, rows: Sequence[OnlineRow]) -> None:
        """One transaction."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO rows VALUES ('view', ?, ?, ?) ON CONFLICT (view, key) DO UPDATE "
            "SET place = excluded.place, value = excluded.value WHERE excluded.place >= place",
            [(row.key, order_of(row), row.value) for row in sorted(rows)],
        )
        connection.execute("COMMIT")

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """One statement."""
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value FROM rows WHERE view = 'view' AND key IN ({marks})"  # noqa: S608 - only marks
        found = dict(self._connection().execute(query, keys).fetchall())
        return [found.get(key) for key in keys]


def run() -> list[Comparison]:
    """Both stores, one after the other in each round."""
    columns: dict[str, dict[str, list[float]]] = {work: {} for work in WORK}
    for _ in range(ROUNDS):
        for kind in (Lmdb, Sqlite):
            with tempfile.TemporaryDirectory() as folder:
                figures = measure(kind(Path(folder)))
            for work, figure in zip(WORK, figures, strict=True):
                columns[work].setdefault(kind.__name__, []).append(figure)
    return [
        Comparison(work=work, samples=samples, unit=WORK[work], smaller=WORK[work] == "µs")
        for work, samples in columns.items()
    ]


def measure(store: Store) -> list[float]:
    """One figure of each work."""
    keys = [b"\x91\xce" + number.to_bytes(4, "big") for number in range(ROWS)]
    written = []
    for moment in (1, 2):
        rows = [OnlineRow(key, moment, None, VALUE) for key in keys]
        random.Random(moment).shuffle(rows)
        started = time.perf_counter()
        store.put(rows)
        written.append(ROWS / (time.perf_counter() - started))
    one, many = (_read(store, keys, count) for count in (1, 100))
    stop = threading.Event()
    writer = threading.Thread(target=_write_on, args=(store, keys, stop.is_set))
    writer.start()
    busy = _read(store, keys, 100)
    stop.set()
    writer.join()
    return [*written, one, many, busy]


def _read(store: Store, keys: Sequence[bytes], count: int) -> float:
    """Median microseconds of a read."""
    chance = random.Random(count)
    took = []
    for _ in range(READS if count == 1 else READS // 10):
        wanted = chance.choices(keys, k=count)
        started = time.perf_counter_ns()
        store.get(wanted)
        took.append(time.perf_counter_ns() - started)
    return median(took) / 1000


def _write_on(store: Store, keys: Sequence[bytes], is_over: Callable[[], bool]) -> None:
    moment = 3
    while not is_over():
        store.put([OnlineRow(key, moment, None, VALUE) for key in keys[:500]])
        moment += 1
