"""The memory of a check, of a process of its own: it does not grow with the cells of the window."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from millwright.core.ids import ModelVersionId, PredictionId, new_ids
from millwright.core.records.model import ModelVersionRecord, ModelVersionState, RegisteredModelRecord
from millwright.core.records.prediction import PredictionColumns
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.reference import build_reference
from millwright.storage.catalog import Stores, open_stores

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS, SEGMENT = 100, 5_000
CHECK = """
import sys
from datetime import datetime, UTC
from millwright.core.clock import ManualClock
from millwright.core.events import EventBus
from millwright.monitoring.monitor import Monitor
from millwright.storage.catalog import open_stores

folder, endpoint = sys.argv[1:]
stores = open_stores(
    records_url=f"sqlite:///{folder}/records.db",
    artifacts_url=f"{folder}/artifacts",
    predictions_url=f"{folder}/predictions",
)
clock = ManualClock(datetime(2026, 2, 1, tzinfo=UTC))
report = Monitor(stores=stores, registry=None, clock=clock, events=EventBus()).view(endpoint).report
status = open("/proc/self/status").read()
print(report.rows, len(report.drift), status.split("VmHWM:")[1].split()[0])
"""


class Answering:
    """Answers by its first column."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.signature = Signature.infer(frame, pl.Series("late", [0, 1] * (frame.height // 2)), Task.BINARY)

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        score = 1 / (1 + np.exp(-frame["c0"].to_numpy()))
        return pl.DataFrame({"prediction": (score > 0.5).astype(np.int64), "probability": score})


def drawn(rows: int, seed: int) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    return pl.DataFrame({f"c{number}": generator.normal(0, 1, rows) for number in range(COLUMNS)})


def register(stores: Stores, model: Answering) -> None:
    known = drawn(2_000, seed=1).with_columns(late=pl.Series(np.arange(2_000) % 2))
    stores.models.create_model(RegisteredModelRecord(name="m", created_at=START))
    stores.models.create_version(
        ModelVersionRecord(
            id=ModelVersionId(new_ids(1)[0]),
            name="m",
            version=0,
            state=ModelVersionState.APPROVED,
            package=stores.artifacts.put(b"package"),
            size_bytes=7,
            flavor="sklearn",
            signature=model.signature.to_json(),
            created_at=START,
            created_by="test",
            documents={"reference.parquet": stores.artifacts.put(build_reference(known, model, held_out=known))},
        )
    )


def log(stores: Stores, model: Answering, endpoint: str, rows: int) -> None:
    for number in range(rows // SEGMENT):
        at = START + number * timedelta(minutes=7)
        frame = drawn(SEGMENT, seed=number + 10)
        outputs = model.predict(frame)
        same: Any = pl.Series([at]).new_from_index(0, SEGMENT).cast(pl.Datetime("us", "UTC"))
        stores.predictions.append(
            PredictionColumns(
                endpoint=endpoint,
                model="m",
                version=1,
                id=[PredictionId(each) for each in new_ids(SEGMENT, int(at.timestamp() * 1000))],
                at=same,
                features={name: frame[name] for name in frame.columns},
                outputs={name: outputs[name] for name in outputs.columns},
                latency_ms=pl.Series(np.ones(SEGMENT)),
                request_id=pl.Series([f"{number:032x}"]).new_from_index(0, SEGMENT),
                key=pl.Series([None], dtype=pl.String).new_from_index(0, SEGMENT),
            )
        )


def checked(folder: Path, endpoint: str) -> tuple[int, int, float]:
    """Rows, compared columns, and the most memory in MiB."""
    command = [sys.executable, "-W", "ignore", "-c", CHECK, str(folder), endpoint]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    rows, columns, kib = map(int, done.stdout.split())
    return rows, columns, kib / 1024


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the most memory of a process is told by Linux")
def test_memory_of_a_check_grows_by_far_less_than_its_window(tmp_path: Path):
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    model, sizes = Answering(drawn(20, seed=0)), (50_000, 250_000)
    register(stores, model)
    for rows in sizes:
        log(stores, model, f"of-{rows}", rows)
    stores.close()
    (few, columns, small), (many, _, large) = (checked(tmp_path, f"of-{rows}") for rows in sizes)
    assert (few, many, columns) == (*sizes, COLUMNS + 2)
    added = (many - few) * COLUMNS * 8 / 2**20  # MiB of numbers that the larger window has more: 153
    assert large - small < 0.6 * added, (small, large)
