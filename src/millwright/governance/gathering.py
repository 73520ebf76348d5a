"""Gathers the evidence about one model version from the stores.

A part that is missing or damaged does not hide the others: it is left out, and a sentence says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from millwright.core.errors import MillwrightError
from millwright.core.records.code import EnvironmentRecord
from millwright.core.records.dataset import DatasetKind, DatasetVersionRecord
from millwright.evaluation.gates.result import GateReport
from millwright.governance.evidence import (
    ApprovalEvidence,
    CandidateEvidence,
    CodeEvidence,
    DatasetEvidence,
    EnvironmentEvidence,
    GateEvidence,
    HistoryEvidence,
    PipelineEvidence,
    StepEvidence,
    TrainingEvidence,
)
from millwright.models.package import read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from millwright.core.records.audit import AuditEvent
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.pipeline import StepRunRecord
    from millwright.storage.catalog import Stores

T = TypeVar("T")
_TRIALS = 100_000  # trials of one run that are counted
_HISTORY = 10_000  # audit entries of one version


class Gatherer:
    """Reads the parts of one version.

    Args:
        version: Whose.
        stores: Where everything is.

    Attributes:
        missing: What could not be read so far, one sentence each.
    """

    def __init__(self, version: ModelVersionRecord, stores: Stores) -> None:
        self._version = version
        self._stores = stores
        self.missing: list[str] = []

    def document(self, name: str) -> bytes | None:
        """A document of the version; None (and a note) when it is not there or damaged."""
        digest = self._version.documents.get(name)
        if digest is None:
            self.missing.append(f"The version has no document '{name}'.")
            return None
        return self._try(f"The document '{name}'", lambda: self._stores.artifacts.get(digest))

    def aliases(self) -> tuple[str, ...]:
        """The aliases that it carries now."""
        carried = self._stores.models.list_aliases(self._version.name)
        return tuple(record.alias for record in carried if record.version == self._version.version)

    def training(self) -> TrainingEvidence | None:
        """How the model was found, from the tracked run and the package's own record."""
        run_id = self._version.run_id
        run = None
        if run_id is not None:
            run = self._try(f"The run {run_id}", lambda: self._stores.runs.get_run(run_id))
        manifest = self._try(
            "The package", lambda: read_manifest(self._stores.artifacts.get(self._version.stored_package()))
        )
        record: Mapping[str, Any] = (manifest or {}).get("training") or self._version.params
        if run is None and not record:
            return None
        trials = (
            self._stores.runs.list_runs(run.experiment_id, parent_id=run.id, limit=_TRIALS) if run is not None else []
        )
        return TrainingEvidence(
            run_id=run_id,
            run_params=run.params if run else {},
            trials=int(record.get("trials") or 0) or len(trials),  # those hold the baseline, too
            candidate=str(record.get("candidate", "")),
            params=record.get("params") or {},
            metric=str(record.get("metric", "")),
            candidates=tuple(_candidate(row) for row in record.get("leaderboard") or ()),
            notes=tuple(str(note) for note in record.get("notes") or ()),
        )

    def pipeline(self) -> PipelineEvidence | None:
        """The pipeline run that registered it, with its steps."""
        run_id = self._version.pipeline_run_id
        if run_id is None:
            return None
        run = self._try(f"The pipeline run {run_id}", lambda: self._stores.pipelines.get_pipeline_run(run_id))
        if run is None:
            return None
        return PipelineEvidence(
            run_id=run.id,
            pipeline=run.pipeline,
            status=run.status.value,
            trigger=run.trigger,
            started_at=run.started_at,
            ended_at=run.ended_at,
            params=run.params,
            steps=tuple(_step(step) for step in self._stores.pipelines.list_step_runs(run.id)),
        )

    def datasets(self) -> tuple[DatasetEvidence, ...]:
        """The dataset versions that it was trained on."""
        records = (self._dataset(ref) for ref in self._version.datasets)
        return tuple(_dataset(record) for record in records if record and record.kind is DatasetKind.SOURCE)

    def quarantined(self) -> tuple[DatasetEvidence, ...]:
        """What was set aside of those dataset versions."""
        return tuple(_dataset(record) for record in self._quarantines())

    def code(self) -> CodeEvidence | None:
        """Which code ran."""
        code = self._version.code
        if code is None:
            return None
        return CodeEvidence(
            entrypoint=code.entrypoint,
            snapshot=code.snapshot,
            source_digest=code.source_digest,
            git_commit=code.git_commit,
            git_dirty=code.git_dirty,
        )

    def environment(self) -> EnvironmentEvidence | None:
        """Which interpreter and packages it ran in."""
        data = self.document("environment.json")
        if data is None:
            return None
        record = self._try("The environment", lambda: msgspec.json.decode(data, type=EnvironmentRecord))
        if record is None:
            return None
        return EnvironmentEvidence(
            python=record.python, platform=record.platform, millwright=record.millwright, packages=record.packages
        )

    def gates(self) -> GateReport | None:
        """What the gates said."""
        data = self.document("gates.json")
        return None if data is None else self._try("The gate report", lambda: GateReport.from_json(data))

    def approvals(self) -> tuple[ApprovalEvidence, ...]:
        """Approvals and refusals, oldest first."""
        return tuple(
            ApprovalEvidence(actor=record.actor, approved=record.approved, reason=record.reason, at=record.at)
            for record in self._stores.models.list_approvals(self._version.name, self._version.version)
        )

    def history(self) -> tuple[HistoryEvidence, ...]:
        """Audit entries about it, oldest first."""
        entries = self._stores.audit.list(subject=self._version.ref, limit=_HISTORY)
        return tuple(_history(entry) for entry in reversed(entries))

    def _quarantines(self) -> Iterator[DatasetVersionRecord]:
        sources = set(self._version.datasets)
        named = {ref for ref in sources if (found := self._dataset(ref)) and found.kind is DatasetKind.QUARANTINE}
        for newest in self._stores.datasets.list_datasets():
            for record in self._stores.datasets.list_versions(newest.dataset):
                set_aside = record.kind is DatasetKind.QUARANTINE and record.details.get("of") in sources
                if set_aside or record.ref in named:
                    yield record

    def _dataset(self, ref: str) -> DatasetVersionRecord | None:
        name, _, version = ref.rpartition("@")
        return self._try(f"The dataset version {ref}", lambda: self._stores.datasets.get_version(name, int(version)))

    def _try(self, what: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (MillwrightError, msgspec.MsgspecError, ValueError) as error:
            sentence = f"{what} cannot be read: {error}"
            if sentence not in self.missing:
                self.missing.append(sentence)
            return None


def gate_evidence(report: GateReport) -> tuple[GateEvidence, ...]:
    """The gates of a report, in their order."""
    return tuple(
        GateEvidence(gate=r.title, passed=r.passed, reason=r.reason, value=r.value, limit=r.limit)
        for r in report.results
    )


def _candidate(row: Mapping[str, Any]) -> CandidateEvidence:
    metrics = {
        name: float(value["mean"] if isinstance(value, dict) else value)
        for name, value in (row.get("metrics") or {}).items()
    }
    return CandidateEvidence(
        name=str(row.get("candidate", "?")),
        params=row.get("params") or {},
        metrics=metrics,
        error=str(row.get("error") or ""),
    )


def _step(step: StepRunRecord) -> StepEvidence:
    return StepEvidence(
        step=step.step,
        step_run_id=step.id,
        status=step.status.value,
        started_at=step.started_at,
        ended_at=step.ended_at,
        cached_from=step.cached_from,
        summary=step.summary,
    )


def _dataset(record: DatasetVersionRecord) -> DatasetEvidence:
    aside = record.kind is DatasetKind.QUARANTINE
    return DatasetEvidence(
        ref=record.ref,
        rows=record.rows,
        digest=record.digest,
        created_at=record.created_at,
        source_uri=record.source_uri,
        source_digest=record.source_digest,
        quarantined_from=str(record.details.get("of") or "-") if aside else None,
        reasons=dict(record.details.get("reasons") or {}) if aside else {},
    )


def _history(entry: AuditEvent) -> HistoryEvidence:
    return HistoryEvidence(seq=entry.seq, at=entry.at, actor=entry.actor, action=entry.action, details=entry.details)
