"""Records to test with: each call gives another one, with every field filled and text that is not plain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from millwright.core.digest import digest_bytes
from millwright.core.ids import (
    AlertId,
    DecisionId,
    Digest,
    ExperimentId,
    ModelVersionId,
    PipelineRunId,
    PredictionId,
    ReportId,
    RunId,
    StepRunId,
    new_id,
)
from millwright.core.records.code import CodeRecord
from millwright.core.records.dataset import ColumnSchema, DatasetKind, DatasetVersionRecord
from millwright.core.records.experiment import ExperimentRecord
from millwright.core.records.model import AliasRecord, ApprovalRecord, ModelVersionRecord, ModelVersionState
from millwright.core.records.monitor import (
    AlertRecord,
    AlertState,
    DecisionRecord,
    DriftRecord,
    MonitorReportRecord,
    Outcome,
    Severity,
)
from millwright.core.records.pipeline import (
    PipelineRunRecord,
    PipelineRunStatus,
    StepRunRecord,
    StepStatus,
    ValueRef,
)
from millwright.core.records.prediction import EndpointRecord, LabelRecord, PredictionRecord
from millwright.core.records.run import RunRecord, RunStatus

NAMES = ("plain", "über-modèle", "工程 進度", "with space & 'quotes' \"\"; --", "%_\\", "🏗️", "a" * 300)
JSON = {"text": "é\n\x00\u2028", "number": 0.1, "big": 2**60, "none": None, "nested": [{"deep": [True, []]}], "": {}}
NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)


def moment(seconds: float = 0) -> datetime:
    """A moment that many seconds after `NOON`."""
    return NOON + timedelta(seconds=seconds)


def digest(text: str = "") -> Digest:
    """The digest of a text, or of one that is new each time."""
    return digest_bytes((text or new_id()).encode())


def code() -> CodeRecord:
    """A code record."""
    return CodeRecord(
        entrypoint="pipeline.py:main", snapshot=digest(), source_digest=digest(), git_commit="c0ffee", git_dirty=True
    )


def experiment(name: str = "") -> ExperimentRecord:
    """An experiment."""
    return ExperimentRecord(id=ExperimentId(new_id()), name=name or f"experiment-{new_id()}", created_at=NOON)


def run(experiment_id: ExperimentId, **changes: Any) -> RunRecord:
    """A run without metrics, running."""
    fields: dict[str, Any] = {
        "id": RunId(new_id()),
        "experiment_id": experiment_id,
        "name": "lauf-ä",
        "status": RunStatus.RUNNING,
        "started_at": NOON,
        "params": {"alpha": "0.1", "größe": "三"},
        "tags": {"team": "🏗️"},
    }
    return RunRecord(**fields | changes)


def dataset_version(dataset: str = "schedules", **changes: Any) -> DatasetVersionRecord:
    """A dataset version; the store gives the number."""
    fields: dict[str, Any] = {
        "dataset": dataset,
        "version": 0,
        "kind": DatasetKind.SOURCE,
        "digest": digest(),
        "table_uri": "/data/größe",
        "table_version": 3,
        "rows": 2**40,
        "columns": (ColumnSchema(name="a b", dtype="Int64"), ColumnSchema(name="é", dtype="String", nullable=False)),
        "created_at": NOON,
        "source_uri": "s3://bucket/x.csv",
        "source_digest": digest(),
        "produced_by": StepRunId(new_id()),
        "details": JSON,
    }
    return DatasetVersionRecord(**fields | changes)


def pipeline_run(**changes: Any) -> PipelineRunRecord:
    """A pipeline run, running."""
    fields: dict[str, Any] = {
        "id": PipelineRunId(new_id()),
        "pipeline": "schedule_delay",
        "status": PipelineRunStatus.RUNNING,
        "started_at": NOON,
        "code": code(),
        "owner": "host:1:2",
        "trigger": "user:ada",
        "params": JSON,
        "tracking_run_id": RunId(new_id()),
    }
    return PipelineRunRecord(**fields | changes)


def step_run(pipeline_run_id: PipelineRunId, **changes: Any) -> StepRunRecord:
    """A step run, completed."""
    value = ValueRef(name="result", serializer="json", digest=digest(), size_bytes=12)
    fields: dict[str, Any] = {
        "id": StepRunId(new_id()),
        "pipeline_run_id": pipeline_run_id,
        "step": "clean",
        "function": "pipeline.clean",
        "status": StepStatus.COMPLETED,
        "started_at": NOON,
        "cache_key": digest(),
        "ended_at": moment(1),
        "params": JSON,
        "inputs": {"table": value},
        "outputs": (value, value),
        "summary": {"rows": 3},
    }
    return StepRunRecord(**fields | changes)


def model_version(name: str = "delay", **changes: Any) -> ModelVersionRecord:
    """A model version, candidate; the store gives the number."""
    fields: dict[str, Any] = {
        "id": ModelVersionId(new_id()),
        "name": name,
        "version": 0,
        "state": ModelVersionState.CANDIDATE,
        "package": digest(),
        "size_bytes": 2**33,
        "flavor": "sklearn",
        "signature": {"inputs": [{"name": "é"}]},
        "created_at": NOON,
        "created_by": "user:ada",
        "run_id": RunId(new_id()),
        "pipeline_run_id": PipelineRunId(new_id()),
        "step_run_id": StepRunId(new_id()),
        "code": code(),
        "datasets": ("schedules@3", "größe@1"),
        "params": JSON,
        "metrics": {"roc_auc": 0.87, "infinite": float("inf")},
        "compilation": {"status": "refused", "reason": "…"},
        "documents": {"card.md": digest()},
        "tags": {"stage": "テスト"},
    }
    return ModelVersionRecord(**fields | changes)


def alias(name: str, version: int, *, alias_name: str = "champion", seconds: float = 0) -> AliasRecord:
    """An alias."""
    return AliasRecord(
        name=name, alias=alias_name, version=version, set_at=moment(seconds), set_by="user:ada", reason="größer"
    )


def approval(name: str, version: int, *, approved: bool = True) -> ApprovalRecord:
    """An approval."""
    return ApprovalRecord(name=name, version=version, actor="user:ada", approved=approved, reason="gut", at=NOON)


def endpoint(name: str = "delay", **changes: Any) -> EndpointRecord:
    """An endpoint with a running server."""
    fields: dict[str, Any] = {
        "name": name,
        "model": "delay",
        "selector": "champion",
        "updated_at": NOON,
        "url": "http://127.0.0.1:8080",
        "serving_version": 2,
        "owner": "host:1:2",
        "settings": JSON,
    }
    return EndpointRecord(**fields | changes)


def report(endpoint_name: str = "delay", *, seconds: float = 0) -> MonitorReportRecord:
    """A monitoring report with a score that is NaN."""
    drift = DriftRecord(
        column="größe",
        kind="numeric",
        scores={"psi": 0.3, "wasserstein": float("inf")},
        p_value=None,
        statistic="psi",
        threshold=0.2,
        drifted=True,
        reference_rows=10,
        current_rows=20,
    )
    return MonitorReportRecord(
        id=ReportId(new_id()),
        endpoint=endpoint_name,
        model="delay",
        version=1,
        window_start=moment(-3600),
        window_end=NOON,
        created_at=moment(seconds),
        rows=20,
        labelled_rows=5,
        drift=(drift, drift),
        performance={"roc_auc": 0.8},
        reference_performance={},
        document=digest(),
    )


def alert(endpoint_name: str = "delay", *, seconds: float = 0) -> AlertRecord:
    """An open alert."""
    return AlertRecord(
        id=AlertId(new_id()),
        endpoint=endpoint_name,
        kind="drift",
        severity=Severity.WARNING,
        state=AlertState.OPEN,
        message="The column 'größe' drifted.",
        created_at=moment(seconds),
        report_id=ReportId(new_id()),
        evidence=JSON,
    )


def decision(*, seconds: float = 0) -> DecisionRecord:
    """A decision."""
    return DecisionRecord(
        id=DecisionId(new_id()),
        trigger="alert:1",
        outcome=Outcome.KEPT,
        at=moment(seconds),
        alert_id=AlertId(new_id()),
        pipeline_run_id=PipelineRunId(new_id()),
        challenger="delay@2",
        champion="delay@1",
        reasons=("größer", ""),
    )


def prediction(endpoint_name: str = "delay", *, seconds: float = 0, **changes: Any) -> PredictionRecord:
    """A prediction made that many seconds after `NOON`."""
    at = moment(seconds)
    fields: dict[str, Any] = {
        "id": PredictionId(new_id(int(at.timestamp() * 1000))),
        "endpoint": endpoint_name,
        "model": "delay",
        "version": 1,
        "at": at,
        "features": {"größe": 1.5, "leer": None, "wort": "三", "ja": True, "zahl": 7},
        "outputs": {"prediction": "late", "probability": 0.75},
        "latency_ms": 1.25,
        "request_id": "r-1",
        "key": "building 12",
    }
    return PredictionRecord(**fields | changes)


def label(prediction_id: PredictionId, value: Any, *, seconds: float = 0) -> LabelRecord:
    """A label recorded that many seconds after `NOON`."""
    return LabelRecord(
        prediction_id=prediction_id,
        value=value,
        observed_at=moment(-5),
        recorded_at=moment(seconds),
        source="labels.csv",
    )
