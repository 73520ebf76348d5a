"""A served model with its reference, on real stores in a temporary folder."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from millwright.core.clock import ManualClock
from millwright.core.events import EventBus
from millwright.core.ids import ModelVersionId, PredictionId, new_id
from millwright.core.records.model import ModelVersionRecord, ModelVersionState, RegisteredModelRecord
from millwright.core.records.prediction import EndpointRecord, PredictionRecord
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring import ReferenceOptions, build_reference
from millwright.storage.catalog import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
TYPES: dict[str, Any] = {
    "days": pl.Float64,
    "phase": pl.String,
    "urgent": pl.Boolean,
    "start": pl.Date,
    "late": pl.Int64,
}


@dataclass(frozen=True)
class LateModel:
    """Late when long: a logistic curve over `days`; honest about what it says."""

    signature: Signature

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        probability = 1 / (1 + np.exp(-frame["days"].fill_null(100).to_numpy() / 20 + 5))
        return pl.DataFrame({"prediction": (probability > 0.5).astype(np.int64), "probability": probability})


def draw_rows(rows: int, *, seed: int = 0, days: float = 100.0, flip: float = 0.0) -> pl.DataFrame:
    """Rows of which the longer are more often late; `flip` turns labels at random."""
    generator = np.random.default_rng(seed)
    length = generator.normal(days, 20, rows)
    late = generator.random(rows) < 1 / (1 + np.exp(-length / 20 + 5))
    late ^= generator.random(rows) < flip
    return pl.DataFrame(
        {
            "days": length,
            "phase": generator.choice(["Design", "Construction", "Closeout"], rows, p=[0.3, 0.6, 0.1]),
            "urgent": generator.random(rows) < 0.2,
            "start": [
                datetime(2025, 1, 1, tzinfo=UTC).date() + timedelta(days=int(d))
                for d in generator.integers(0, 300, rows)
            ],
            "late": late.astype(np.int64),
        },
        schema=TYPES,
    )


def late_model() -> LateModel:
    frame = draw_rows(300, seed=99)
    return LateModel(Signature.infer(frame.drop("late"), frame["late"], Task.BINARY))


@dataclass
class World:
    """One registered version `delay@1` behind the endpoint `delay`."""

    stores: Stores
    clock: ManualClock
    model: LateModel
    events: EventBus = field(default_factory=EventBus)
    heard: list[str] = field(default_factory=list)

    def resolve(self, selector: str) -> ModelVersionRecord:
        name, _, wanted = selector.partition("@")
        assert name == "delay"
        return self.stores.models.get_version(name, 1 if wanted == "champion" else int(wanted))

    def register(self, *, reference: bool = True, held_out: pl.DataFrame | None = None) -> ModelVersionRecord:
        documents = {}
        if reference:
            data = build_reference(
                draw_rows(3000, seed=1),
                self.model,
                held_out=draw_rows(1500, seed=2) if held_out is None else held_out,
                options=ReferenceOptions(rows=2000),
            )
            documents["reference.parquet"] = self.stores.artifacts.put(data)
        if self.stores.models.find_model("delay") is None:
            self.stores.models.create_model(RegisteredModelRecord(name="delay", created_at=NOW))
        return self.stores.models.create_version(
            ModelVersionRecord(
                id=ModelVersionId(new_id()),
                name="delay",
                version=0,
                state=ModelVersionState.APPROVED,
                package=self.stores.artifacts.put(b"package"),
                size_bytes=7,
                flavor="sklearn",
                signature=self.model.signature.to_json(),
                created_at=NOW,
                created_by="test",
                documents=documents,
            )
        )

    def serve(self) -> None:
        record = EndpointRecord(name="delay", model="delay", selector="champion", updated_at=NOW)
        self.stores.endpoints.put(record)

    def log(self, frame: pl.DataFrame, *, version: int = 1, keys: bool = False) -> list[PredictionRecord]:
        """Predict rows now, a millisecond apart."""
        outputs = self.model.predict(frame).to_dicts()
        records = []
        for number, (row, answer) in enumerate(zip(frame.drop("late").to_dicts(), outputs, strict=True)):
            features = {**row, "start": row["start"].isoformat()}
            records.append(
                self.record(features, answer, number=number, version=version, key=f"row-{number}" if keys else None)
            )
        self.stores.predictions.append(records)
        return records

    def record(
        self,
        features: dict[str, Any],
        outputs: dict[str, Any],
        *,
        number: int,
        version: int = 1,
        key: str | None = None,
    ) -> PredictionRecord:
        """The prediction of a row, so many milliseconds from now."""
        at = self.clock.now() + timedelta(milliseconds=number)
        return PredictionRecord(
            id=PredictionId(new_id(int(at.timestamp() * 1000))),
            endpoint="delay",
            model="delay",
            version=version,
            at=at,
            features=features,
            outputs=outputs,
            latency_ms=1.0,
            key=key,
        )


@contextmanager
def stores_in(folder: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{folder / 'records.db'}",
        artifacts_url=str(folder / "artifacts"),
        predictions_url=str(folder / "predictions"),
    )
    yield opened
    opened.close()


def world_of(stores: Stores) -> World:
    made = World(stores=stores, clock=ManualClock(NOW), model=late_model())
    made.events.subscribe("*", lambda event: made.heard.append(event.type))
    return made


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with stores_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def world(stores: Stores) -> World:
    return world_of(stores)


@pytest.fixture(scope="session")
def kept_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all tests that only read what one of them found."""
    with stores_in(tmp_path_factory.mktemp("world")) as opened:
        yield world_of(opened)


@pytest.fixture
def model() -> LateModel:
    return late_model()


@pytest.fixture(name="draw_rows", scope="session")
def draw_rows_fixture() -> Any:
    return draw_rows
