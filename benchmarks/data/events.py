"""The events and training rows of the comparison: 1 M events of 100 k entities, ties and late rows planted.

Run by any interpreter that has NumPy and pyarrow; every variant reads the same files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVENTS, ENTITIES, ROWS = 1_000_000, 100_000, 100_000
DAYS = 180
TTL_DAYS = 30
TIED, LATE = 0.01, 0.05  # shares of the events
FEATURES = ("f0", "f1", "f2", "f3", "f4")
_START = np.datetime64("2025-01-01T00:00:00", "us")
_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Files:
    """Where they are."""

    folder: Path

    @property
    def events(self) -> Path:
        """Columns: driver (Int64), happened, recorded (us, UTC), f0 … f4 (Float64)."""
        return self.folder / "events.parquet"

    @property
    def rows(self) -> Path:
        """Columns: row, driver (Int64), event_timestamp (us, UTC)."""
        return self.folder / "rows.parquet"


def write(folder: Path, *, events: int = EVENTS, entities: int = ENTITIES, rows: int = ROWS) -> Files:
    """Write both files, the same at every call."""
    files, random = Files(folder), np.random.default_rng(20260101)
    entity = random.integers(0, entities, events)
    happened = random.integers(0, DAYS * 86_400, events) * 1_000_000
    tied = random.choice(events, int(events * TIED), replace=False)
    other = random.integers(0, events, len(tied))
    entity[tied], happened[tied] = entity[other], happened[other]
    recorded = happened + random.integers(0, 60, events) * 1_000_000
    late = random.random(events) < LATE
    recorded[late] += random.integers(1, 20 * 86_400, int(late.sum())) * 1_000_000
    # Files grow as events are recorded.
    order = np.argsort(recorded, kind="stable")
    columns = {"driver": entity[order], "happened": _moments(happened[order]), "recorded": _moments(recorded[order])}
    columns |= {name: random.normal(size=events) for name in FEATURES}
    pq.write_table(pa.table(columns), files.events, compression="zstd")
    asked = random.integers(0, int(DAYS * 1.2) * 86_400, rows) * 1_000_000
    table = {
        "row": np.arange(rows),
        "driver": random.integers(0, int(entities * 1.02), rows),
        "event_timestamp": _moments(asked),
    }
    pq.write_table(pa.table(table), files.rows, compression="zstd")
    return files


def _moments(microseconds: NDArray[np.int64]) -> pa.Array:
    moments = _START + microseconds.astype("timedelta64[us]")
    return pa.array(moments, type=pa.timestamp("us", tz="UTC"))
