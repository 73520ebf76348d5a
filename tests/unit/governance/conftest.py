"""A registered version with all its evidence, on real stores."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import polars as pl
import pytest

from millwright.core.clock import ManualClock
from millwright.core.digest import digest_bytes
from millwright.core.events import EventBus
from millwright.core.ids import Digest, ExperimentId, PipelineRunId, PredictionId, RunId, StepRunId, new_id
from millwright.core.records.code import CodeRecord
from millwright.core.records.dataset import DatasetKind, DatasetVersionRecord
from millwright.core.records.experiment import ExperimentRecord
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepRunRecord, StepStatus
from millwright.core.records.prediction import PredictionRecord
from millwright.core.records.run import RunRecord, RunStatus
from millwright.evaluation.evaluate import evaluate
from millwright.evaluation.gates.result import GateReport, GateResult
from millwright.governance.approval import GatesPassedPolicy
from millwright.models.encoder import Encoder
from millwright.models.model import Model
from millwright.models.package import pack
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring import build_reference
from millwright.registry import Registry, VersionDraft
from millwright.storage.catalog import Stores, open_stores
from millwright.tracking.environment import capture_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.core.records.model import ModelVersionRecord
    from millwright.evaluation.report import EvaluationReport

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
CONTRACT = "columns:\n  cost: {type: number}  # <b>bold</b> ``` fence\n"


def draw_rows(rows: int, seed: int) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    cost = generator.normal(100, 20, rows)
    phase = generator.choice(["Design | <i>early</i>", "Build"], rows)
    late = (cost + generator.normal(0, 20, rows) + 15 * (phase == "Build") > 110).astype(np.int64)
    return pl.DataFrame({"cost": cost, "phase": phase, "late": late})


def fit_model(*, c: float = 1.0) -> Model:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    train = draw_rows(300, 1)
    inputs = train.drop("late")
    signature = Signature.infer(inputs, train["late"], Task.BINARY)
    encoder = Encoder.fit(inputs, signature)
    estimator = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(C=c))])
    estimator.fit(encoder.encode(inputs, signature), train["late"].to_numpy())
    training = {
        "candidate": "logistic_regression",
        "params": {"C": c},
        "metric": "roc_auc",
        "seed": 0,
        "trials": 3,
        "leaderboard": [
            {
                "candidate": "logistic_regression",
                "params": {"C": c},
                "metrics": {"roc_auc": {"mean": 0.83, "std": 0.01}},
            },
            {"candidate": "decision_tree", "params": {}, "metrics": {"roc_auc": {"mean": 0.7, "std": 0.02}}},
            {"candidate": "svm", "params": {}, "error": "too many rows"},
        ],
        "notes": ["rows were few"],
    }
    example = tuple(inputs.head(2).to_dicts())
    return Model(estimator=estimator, signature=signature, encoder=encoder, training=training, example=example)


@dataclass
class House:
    """Stores with one version `delay@1` and everything behind it."""

    stores: Stores
    clock: ManualClock
    registry: Registry
    model: Model
    package: bytes
    documents: dict[str, bytes] = field(default_factory=dict)

    def put(self, data: bytes) -> Digest:
        return self.stores.artifacts.put(data)

    def register(self, *, without: tuple[str, ...] = (), promote: bool = True) -> ModelVersionRecord:
        code = self._code()
        run_id, pipeline_run_id = self._run(), self._pipeline_run(code)
        version = self.registry.register(
            VersionDraft(
                name="delay",
                package=self.put(self.package),
                size_bytes=len(self.package),
                flavor="sklearn",
                signature=self.model.signature.to_json(),
                run_id=run_id,
                pipeline_run_id=pipeline_run_id,
                code=code,
                datasets=("schedules@1",),
                params={key: self.model.training[key] for key in ("candidate", "params", "metric", "seed")},
                metrics={"roc_auc": 0.8421},
                compilation={"status": "refused", "reason": "not tried"},
                documents={name: self.put(data) for name, data in self.documents.items() if name not in without},
            )
        )
        if promote:
            self.registry.promote("delay", version.version, reason="gates passed")
        return version

    def predict(self) -> PredictionRecord:
        row = draw_rows(1, 9).drop("late")
        record = PredictionRecord(
            id=PredictionId(new_id(int(self.clock.now().timestamp() * 1000))),
            endpoint="delay",
            model="delay",
            version=1,
            at=self.clock.now(),
            features=row.row(0, named=True),
            outputs=self.model.predict(row).row(0, named=True),
            latency_ms=1.25,
            key="phase-7",
        )
        self.stores.predictions.append([record])
        return record

    def _code(self) -> CodeRecord:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("pipeline.py", "print('hello')")
            archive.writestr("contract.yaml", CONTRACT)
        return CodeRecord(
            entrypoint="pipeline.py:delay",
            snapshot=self.put(buffer.getvalue()),
            source_digest=digest_bytes(b"source"),
            git_commit="c0ffee",
            git_dirty=True,
        )

    def _run(self) -> RunId:
        experiment = ExperimentRecord(id=ExperimentId(new_id()), name=f"delay {new_id()}", created_at=NOW)
        self.stores.experiments.create(experiment)
        parent = RunId(new_id())
        for number, run_id in enumerate([parent, *(RunId(new_id()) for _ in range(3))]):
            self.stores.runs.create_run(
                RunRecord(
                    id=run_id,
                    experiment_id=experiment.id,
                    name=f"run {number}",
                    status=RunStatus.RUNNING,
                    started_at=NOW,
                    parent_id=parent if number else None,
                    params={"source": "x.csv"} if not number else {},
                )
            )
        return parent

    def _pipeline_run(self, code: CodeRecord) -> PipelineRunId:
        run_id, ingested = PipelineRunId(new_id()), StepRunId(new_id())
        common = {"pipeline": "delay", "started_at": NOW, "code": code, "owner": "h:1:1", "trigger": "user:ada"}
        running = PipelineRunRecord(id=run_id, status=PipelineRunStatus.RUNNING, params={"source": "x.csv"}, **common)
        self.stores.pipelines.create_pipeline_run(running)
        for name, params, summary in (
            ("ingest", {"source": "x.csv"}, {"dataset": "schedules@1", "rows": 1000}),
            ("validate", {"contract": "examples/delay/contract.yaml"}, {"valid": 900, "quarantined": 100}),
        ):
            self.stores.pipelines.put_step_run(
                StepRunRecord(
                    id=ingested if name == "ingest" else StepRunId(new_id()),
                    pipeline_run_id=run_id,
                    step=name,
                    function=f"steps.{name}",
                    status=StepStatus.COMPLETED,
                    started_at=NOW + timedelta(seconds=name == "validate"),
                    params=params if name == "ingest" else {"contract": "contract.yaml"},
                    summary=summary,
                )
            )
        if not self.stores.datasets.list_datasets():
            self._datasets(ingested)
        return run_id

    def _datasets(self, step: StepRunId) -> None:
        common: dict[str, Any] = {
            "version": 0,
            "table_uri": "t",
            "table_version": 0,
            "columns": (),
            "created_at": NOW,
            "source_uri": "x.csv",
            "source_digest": digest_bytes(b"x"),
            "produced_by": step,
        }
        rows = DatasetVersionRecord(
            dataset="schedules", kind=DatasetKind.SOURCE, digest=digest_bytes(b"rows"), rows=1000, **common
        )
        aside = DatasetVersionRecord(
            dataset="schedules.quarantine",
            kind=DatasetKind.QUARANTINE,
            digest=digest_bytes(b"aside"),
            rows=100,
            details={"of": "schedules@1", "reasons": {"end before start": 90, "no key": 10}},
            **common,
        )
        self.stores.datasets.create_version(rows)
        self.stores.datasets.create_version(aside)


def gate_report() -> GateReport:
    return GateReport(
        passed=True,
        results=(
            GateResult(gate="threshold", about="roc_auc", passed=True, value=0.84, limit=0.7, reason="High enough."),
        ),
    )


@pytest.fixture(scope="session")
def made() -> tuple[Model, bytes, EvaluationReport, bytes]:
    model = fit_model()
    test = draw_rows(240, 2)
    reference = build_reference(draw_rows(300, 1), model, held_out=test)
    return model, pack(model), evaluate(model, test), reference


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield opened
    opened.close()


@pytest.fixture
def house(stores: Stores, made: tuple[Model, bytes, EvaluationReport, bytes]) -> House:
    model, package, report, reference = made
    clock = ManualClock(NOW)
    policy = GatesPassedPolicy(stores.artifacts)
    registry = Registry(stores=stores, clock=clock, events=EventBus(), actor="user:ada", policy=policy)
    documents = {
        "gates.json": gate_report().to_json(),
        "evaluation.json": report.to_json(),
        "environment.json": msgspec.json.encode(capture_environment()),
        "reference.parquet": reference,
    }
    return House(stores=stores, clock=clock, registry=registry, model=model, package=package, documents=documents)


@pytest.fixture(name="fit_model")
def fit_model_fixture() -> Any:
    return fit_model
