"""A project with a champion, a registry with real gates' policy, and a pipeline that the tests script."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import ManualClock
from millwright.core.digest import digest_bytes
from millwright.core.errors import PromotionRefusedError
from millwright.core.events import Event, EventBus
from millwright.core.ids import PipelineRunId, ReportId, StepRunId, new_id
from millwright.core.records.code import CodeRecord
from millwright.core.records.monitor import AlertRecord, Severity
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepRunRecord, StepStatus, ValueRef
from millwright.evaluation.gates.result import GateReport, GateResult
from millwright.governance.approval import GatesPassedPolicy
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.finding import AlertKind, Finding
from millwright.registry import Registry, VersionDraft
from millwright.storage.catalog import Stores, open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.core.records.model import ModelVersionRecord

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
CODE = CodeRecord(entrypoint="pipeline.py:delay", snapshot=None, source_digest=digest_bytes(b"source"))


@dataclass
class Project:
    """Stores, registry and a launcher whose runs do what `behave` says."""

    stores: Stores
    clock: ManualClock
    registry: Registry
    events: EventBus
    heard: list[Event] = field(default_factory=list)
    launched: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)
    behave: Callable[[PipelineRunId], None] = lambda _: None
    status: PipelineRunStatus = PipelineRunStatus.COMPLETED
    minutes: int = 10
    promotes: bool = True

    def launch(self, pipeline: str, params: Mapping[str, Any], trigger: str) -> PipelineRunRecord:
        self.launched.append((pipeline, dict(params), trigger))
        run = self.run_record(PipelineRunStatus.RUNNING, trigger)
        self.stores.pipelines.create_pipeline_run(run)
        self.behave(run.id)
        self.clock.advance(timedelta(minutes=self.minutes))
        return self.run_record(self.status, trigger, run.id)

    def run_record(
        self, status: PipelineRunStatus, trigger: str = "user:test", run_id: PipelineRunId | None = None
    ) -> PipelineRunRecord:
        return PipelineRunRecord(
            id=run_id or PipelineRunId(new_id()),
            pipeline="delay",
            status=status,
            started_at=self.clock.now(),
            code=CODE,
            owner="test:1:1",
            trigger=trigger,
            error="Step 'tune' raised ValueError: no rows" if status is PipelineRunStatus.FAILED else None,
        )

    def register(
        self,
        package: bytes,
        *,
        passed: bool,
        run_id: PipelineRunId | None = None,
        champion: str = "",
        warm_start: dict[str, Any] | None = None,
    ) -> ModelVersionRecord:
        """Register a version with a gate report, and promote it if its gates passed, as a pipeline does."""
        report = GateReport(
            passed=passed,
            champion=champion,
            results=(
                GateResult(gate="baseline", passed=True, value=0.8, limit=0.6, reason="0.8 is above 0.6."),
                GateResult(gate="champion", passed=passed, value=0.8, limit=0.7, reason="Compared on 900 rows."),
                GateResult(gate="canary", passed=True, value=None, limit=None, reason="No canary.", applicable=False),
            ),
        )
        version = self.registry.register(
            VersionDraft(
                name="delay",
                package=self.stores.artifacts.put(package),
                size_bytes=len(package),
                flavor="sklearn",
                signature={},
                pipeline_run_id=run_id,
                params={} if warm_start is None else {"warm_start": warm_start},
                documents={"gates.json": self.stores.artifacts.put(report.to_json())},
            )
        )
        if self.promotes:
            with contextlib.suppress(PromotionRefusedError):
                self.registry.promote("delay", version.version, reason="gates")
        return version

    def note_version(self, run_id: PipelineRunId, ref: str, *, verdict: GateReport | None = None) -> None:
        """What the register step of a run says about the version it found, and the gate report it was given."""
        inputs = {}
        if verdict is not None:
            data = verdict.to_json()
            digest = self.stores.artifacts.put(data)
            inputs["gates"] = ValueRef(name="result", serializer="json", digest=digest, size_bytes=len(data))
        self.stores.pipelines.put_step_run(
            StepRunRecord(
                id=StepRunId(new_id()),
                pipeline_run_id=run_id,
                step="register",
                function="steps.register",
                status=StepStatus.COMPLETED,
                started_at=self.clock.now(),
                inputs=inputs,
                summary={"version": ref, "new": False},
            )
        )

    def note_earlier(self, run_id: PipelineRunId, ref: str) -> None:
        """What the step says that gave a training the version to go on from."""
        self.stores.pipelines.put_step_run(
            StepRunRecord(
                id=StepRunId(new_id()),
                pipeline_run_id=run_id,
                step="earlier_model",
                function="steps.earlier_model",
                status=StepStatus.COMPLETED,
                started_at=self.clock.now(),
                summary={"earlier_version": ref},
            )
        )

    def alert(self, kind: AlertKind = AlertKind.DRIFT, *, monitor: str = "") -> AlertRecord | None:
        """What a check that finds this kind leads to; None while an alert of the kind stands."""
        desk = AlertDesk(stores=self.stores, clock=self.clock, events=self.events, actor="monitor")
        finding = Finding(kind=kind, severity=Severity.WARNING, message=f"{kind} found.")
        with self.stores.transactions.transaction():
            return desk.record(finding, endpoint="delay", report_id=ReportId(new_id()), monitor=monitor)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    clock, events = ManualClock(NOW), EventBus()
    policy = GatesPassedPolicy(stores.artifacts)
    registry = Registry(stores=stores, clock=clock, events=events, actor="test", policy=policy)
    made = Project(stores=stores, clock=clock, registry=registry, events=events)
    events.subscribe("*", made.heard.append)
    yield made
    stores.close()
