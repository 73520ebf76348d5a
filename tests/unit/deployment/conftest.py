"""A small predictor, an application around it asked in-process, and a real workspace with two packaged versions."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from millwright.core.clock import ManualClock, SystemClock
from millwright.core.events import EventBus
from millwright.core.ids import Digest, ModelVersionId, new_id
from millwright.core.records.model import ModelVersionRecord, ModelVersionState
from millwright.deployment.realtime.app import AppOptions, RealtimeApp
from millwright.deployment.realtime.log_writer import LogOptions, PredictionLogWriter
from millwright.deployment.realtime.model_slot import ModelSlot
from millwright.deployment.realtime.request_stats import RequestStats
from millwright.deployment.realtime.served_model import ServedModel
from millwright.deployment.realtime.serving_state import ServingState
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.explanation.contribution import Contributions
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.registry.registry import Registry
from millwright.storage.catalog import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.core.records.prediction import PredictionRecord
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROW = {"days": 12.5, "crews": 3, "permit": True, "borough": "Queens", "start": "2026-01-31", "note": "roof first"}


class StubPredictor:
    """Answers with a probability that depends on `days`, and says which version it is."""

    engine = "stub"

    def __init__(self, signature: Signature, version: int = 1) -> None:
        self.signature = signature
        self.version = version
        self.asked = 0

    def predict_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        return pl.DataFrame(self.predict_rows(frame.to_dicts()))

    def predict_rows(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        self.asked += len(rows)
        return [
            {"prediction": f"v{self.version}", "probability": 1 / (1 + abs(float(row["days"] or 0)))} for row in rows
        ]


class StubExplainer:
    """Says that `days` made all the difference."""

    def explain(self, rows: Sequence[Any]) -> list[Contributions]:
        return [
            Contributions(output="probability", scale="answer", base=0.5, values={"days": 0.25}, method="linear")
            for _ in rows
        ]


class ListSink:
    """Keeps what is appended; fails as long as it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[PredictionRecord]] = []
        self.failures = 0

    @property
    def records(self) -> list[PredictionRecord]:
        return [record for batch in self.batches for record in batch]

    def append(self, records: Sequence[PredictionRecord]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is away")
        self.batches.append(list(records))


@dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        error = self.json.pop("error")
        if isinstance(error, str):  # as the Open Inference Protocol has it
            beside = {name: value for name, value in self.json.items() if name != "error"}
            assert error == f"{beside['message']} {beside['hint']}".strip()
            error = beside
        else:
            assert set(self.json) == {"error"}
        assert set(error) == {"code", "message", "hint", "details"}
        return error  # type: ignore[no-any-return]


@dataclass
class Serving:
    """An application and how to ask it."""

    app: RealtimeApp
    state: ServingState
    slot: ModelSlot
    predictor: StubPredictor
    sink: ListSink
    clock: ManualClock
    log: PredictionLogWriter | None = field(default=None)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Response:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, value: Any, headers: dict[str, str] | None = None) -> Response:
        return self.ask("POST", path, json.dumps(value).encode(), headers=headers)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        chunks: Sequence[bytes] | None = None,
    ) -> Response:
        return asyncio.run(self.ask_async(method, path, body, headers=headers, chunks=chunks))

    async def ask_async(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        chunks: Sequence[bytes] | None = None,
    ) -> Response:
        parts = [body] if chunks is None else list(chunks)
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start, content = sent
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        assert found["content-length"] == str(len(content["body"]))
        return Response(start["status"], found, content["body"])

    def close(self) -> list[PredictionRecord]:
        """Write the log and give what it holds."""
        if self.log is not None:
            self.log.close(5)
        return self.sink.records


def make_signature() -> Signature:
    return Signature(
        inputs=(
            SignatureColumn(name="days", type=ColumnType.NUMBER, minimum=0.0, maximum=90.0),
            SignatureColumn(name="crews", type=ColumnType.INTEGER),
            SignatureColumn(name="permit", type=ColumnType.BOOLEAN, required=False),
            SignatureColumn(name="borough", type=ColumnType.CATEGORY, categories=("Queens", "Bronx")),
            SignatureColumn(name="start", type=ColumnType.DATE, required=False),
            SignatureColumn(name="note", type=ColumnType.TEXT, required=False),
        ),
        outputs=(
            SignatureColumn(name="prediction", type=ColumnType.CATEGORY),
            SignatureColumn(name="probability", type=ColumnType.NUMBER),
        ),
        task=Task.BINARY,
        target="delayed",
        classes=("v1", "v2"),
    )


def make_record(signature: Signature, version: int = 1, name: str = "delay") -> ModelVersionRecord:
    return ModelVersionRecord(
        id=ModelVersionId(new_id()),
        name=name,
        version=version,
        state=ModelVersionState.APPROVED,
        package=Digest("0" * 64),
        size_bytes=1,
        flavor="stub",
        signature=signature.to_json(),
        created_at=NOW,
        created_by="user:ada",
    )


@pytest.fixture
def row() -> dict[str, Any]:
    """A row that fits."""
    return dict(ROW)


@pytest.fixture(scope="session")
def complete_row() -> dict[str, Any]:
    """A row that fits, not to be changed."""
    return ROW


@pytest.fixture(scope="session")
def signature() -> Signature:
    """One column of each type; three may be missing."""
    return make_signature()


@pytest.fixture
def make_served(signature: Signature) -> Any:
    """Makes a served version on a stub predictor."""

    def make(version: int = 1, name: str = "delay") -> ServedModel:
        record = make_record(signature, version, name)
        return ServedModel(record, StubPredictor(signature, version), example=(ROW,), explainer=StubExplainer())

    return make


@pytest.fixture
def sink() -> ListSink:
    """A store for predictions."""
    return ListSink()


@pytest.fixture
def make_serving(make_served: Any, sink: ListSink) -> Iterator[Any]:
    """Makes an application around a stub; keyword arguments are those of `AppOptions`, and these."""
    logs: list[PredictionLogWriter] = []

    def make(*, max_rows: int = 1_000, log: bool = True, admission: Any = None, **options: Any) -> Serving:
        served = make_served()
        slot = ModelSlot("site", served)
        clock = ManualClock(NOW)
        writer = PredictionLogWriter(sink, LogOptions(flush_s=0.05, retry_s=0.01)) if log else None
        if writer is not None:
            writer.start()
            logs.append(writer)
        state = ServingState((slot,), clock=clock, stats=RequestStats(), log=writer, max_rows=max_rows)
        app = RealtimeApp(state, AppOptions(**options), admission=admission)
        return Serving(app, state, slot, served.predictor, sink, clock, writer)

    yield make
    for writer in logs:
        writer.close(5)


@pytest.fixture
def serving(make_serving: Any) -> Serving:
    """An application with the usual limits that logs."""
    return make_serving()  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def frame() -> pl.DataFrame:
    """A raw table with a learnable column `delayed`."""
    rng = np.random.default_rng(0)
    days = rng.normal(30, 10, 400)
    return pl.DataFrame(
        {
            "days": days,
            "crews": rng.integers(1, 9, 400),
            "borough": rng.choice(["Queens", "Bronx", "Kings"], 400),
            "delayed": np.where(days + rng.normal(0, 2, 400) > 30, "yes", "no"),
        }
    )


@pytest.fixture(scope="session")
def packages(frame: pl.DataFrame) -> tuple[bytes, bytes]:
    """Two packages with the same signature; the second learned the opposite."""
    return make_packages(frame)


def make_packages(frame: pl.DataFrame) -> tuple[bytes, bytes]:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from millwright.models.compile.compilation import compile_model
    from millwright.models.encoder import Encoder
    from millwright.models.model import Model
    from millwright.models.package import pack

    inputs = frame.drop("delayed")
    signature = Signature.infer(inputs, frame["delayed"], Task.BINARY)
    encoder = Encoder.fit(inputs, signature)
    late = (frame["delayed"] == "yes").to_numpy().astype(int)
    made = []
    for labels in (late, 1 - late):
        steps = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
        estimator = steps.fit(encoder.encode(inputs, signature), labels)
        model = Model(
            estimator=estimator, signature=signature, encoder=encoder, example=tuple(inputs.head(3).to_dicts())
        )
        compilation = compile_model(model, inputs)
        assert compilation.status == "proven", compilation.reason
        made.append(pack(model, compilation=compilation))
    return made[0], made[1]


class AllowAll:
    """A policy without objections."""

    def check(self, *args: Any) -> list[str]:
        del args
        return []


@dataclass
class Workspace:
    """Real stores and a registry with versions 1 and 2 of `delay`; the champion is version 1."""

    stores: Stores
    registry: Registry
    root: Path


@pytest.fixture
def workspace(tmp_path: Path, packages: tuple[bytes, bytes]) -> Iterator[Workspace]:
    """See `Workspace`."""
    from millwright.models.package import read_manifest
    from millwright.registry.draft import VersionDraft

    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/records.db",
        artifacts_url=f"{tmp_path}/artifacts",
        predictions_url=f"{tmp_path}/predictions",
    )
    registry = Registry(stores=stores, clock=SystemClock(), events=EventBus(), actor="user:ada", policy=AllowAll())
    for package in packages:
        draft = VersionDraft(
            name="delay",
            package=stores.artifacts.put(package),
            size_bytes=len(package),
            flavor="sklearn",
            signature=read_manifest(package)["signature"],
        )
        version = registry.register(draft)
        registry.approve("delay", version.version, reason="a test")
    registry.promote("delay", 1, reason="a test")
    yield Workspace(stores, registry, tmp_path)
    stores.close()
