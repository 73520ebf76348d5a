"""The closed loop, once around: train, serve, predict, label, monitor, retrain, decide, prove."""

from __future__ import annotations

import csv
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, PromotionRefusedError, ServiceUnavailableError
from millwright.core.ids import PredictionId
from millwright.core.records.dataset import DatasetKind
from millwright.core.records.monitor import AlertRecord, DecisionRecord, MonitorReportRecord
from millwright.demo.project import MODEL
from millwright.demo.service import Service
from millwright.demo.traffic import Traffic
from millwright.deployment.realtime.client import PredictionClient
from millwright.pipelines.runner import PipelineRunResult, RunOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from millwright.core.records.pipeline import StepRunRecord
    from millwright.demo.project import DemoProject
    from millwright.demo.stage import Stages
    from millwright.workspace.workspace import Workspace

PIPELINE = "pipeline.py"
_LOG_TIMEOUT_S = 15.0
_AFTER_SWAP_S = 0.5  # traffic goes on for so long, so that the new version is seen answering


@dataclass(slots=True)
class Findings:
    """What the loop brought to light, stage by stage; the report is made of it."""

    first_run: PipelineRunResult | None = None
    report: MonitorReportRecord | None = None
    alerts: list[AlertRecord] = field(default_factory=list)
    decision: DecisionRecord | None = None
    prediction_id: str = ""
    failed_requests: int = 0
    answered: dict[str, int] = field(default_factory=dict)
    audit_entries: int = 0


class Scenario:
    """Runs the loop on two snapshots of one project.

    Args:
        workspace: An empty one, whose folder holds the project's files.
        project: Which project.
        sources: The two snapshots' files.
        stages: Told of each stage.
        on_step: Told of each pipeline step.
    """

    def __init__(
        self,
        workspace: Workspace,
        project: DemoProject,
        sources: tuple[str, str],
        *,
        stages: Stages,
        on_step: Callable[[StepRunRecord], None],
    ) -> None:
        self._workspace, self._project, self._sources = workspace, project, sources
        self._stages, self._on_step = stages, on_step
        self.findings = Findings()

    def run(self) -> Findings:
        """Once around.

        Raises:
            MillwrightError: A stage failed; what it had done so far stays in the workspace.
        """
        self._train()
        self._train_again()
        selector = f"{MODEL}@champion"
        stores = self._workspace.stores
        with ExitStack() as running:
            with self._stages.stage("serve") as stage:
                server = Service(self._workspace.folder, selector, MODEL, endpoints=stores.endpoints)
                service = running.enter_context(server)
                stage.what = f"{MODEL}@{service.serving_version()} answers at {service.url}"
            rows, key, target = self._arrive()
            ids = self._predict(service, rows, key, target)
            self._label(rows[target], ids)
            self._monitor()
            self._retrain(service, _requests(rows, key, target))
        self._prove()
        return self.findings

    def _run(self, source: str) -> PipelineRunResult:
        options = RunOptions(trigger=f"user:{self._workspace.actor}", on_step=self._on_step)
        pipeline = str(self._workspace.folder / PIPELINE)
        return self._workspace.launcher.run(pipeline, {"source": source}, options)

    def _train(self) -> None:
        with self._stages.stage("train") as stage:
            self.findings.first_run = result = self._run(self._sources[0])
            if self._workspace.stores.models.find_alias(MODEL, "champion") is None:
                raise PromotionRefusedError(
                    f"There is no model to serve: {result.step('deploy').summary['reason']}",
                    hint="The first snapshot must be one from which something can be learned; see gates.yaml.",
                )
            champion = self._workspace.registry.resolve(f"{MODEL}@champion")
            auc = champion.metrics.get("roc_auc", float("nan"))
            stage.what = f"{champion.ref} ({champion.params['candidate']}) is champion, test ROC AUC {auc:.3f}"

    def _train_again(self) -> None:
        with self._stages.stage("train again") as stage:
            result = self._run(self._sources[0])
            executed = [step.step for step in result.steps if step.status.value != "cached"]
            stage.what = (
                f"nothing changed: {len(result.steps) - len(executed)} of {len(result.steps)} steps cached, "
                + ("no training" if "tune" not in executed else "TRAINED AGAIN")
            )

    def _arrive(self) -> tuple[pl.DataFrame, str, str]:
        from millwright.data.contracts.file import load_contract
        from millwright.data.contracts.validation import validate
        from millwright.data.sources.source import read_source

        with self._stages.stage("new data") as stage:
            contract = load_contract(str(self._workspace.folder / "contract.yaml"))
            dataset = next(r for r in self._workspace.stores.datasets.list_datasets() if r.kind is DatasetKind.SOURCE)
            arrived = self._workspace.datasets.ingest(self._sources[1], dataset.dataset)
            first, second = (validate(read_source(source).frame, contract).valid for source in self._sources)
            rows, key, target = self._project.arrivals(self._workspace.folder, (first, second), self._sources)
            if rows.is_empty():
                raise InvalidInputError(
                    f"Nothing in {self._sources[1]} is new to a model of {self._sources[0]}.",
                    hint="The second snapshot is a later one, with rows whose outcome was not known at the first.",
                )
            stage.what = f"{arrived.record.ref}: {arrived.record.rows:,} rows, {rows.height:,} of them new to the model"
        # Training leaves out columns that tell nothing, and a server refuses what its signature does not name.
        champion = self._workspace.registry.resolve(f"{MODEL}@champion")
        inputs = [column["name"] for column in champion.signature["inputs"]]
        return rows.select(key, *inputs, target), key, target

    def _predict(self, service: Service, rows: pl.DataFrame, key: str, target: str) -> tuple[str, ...]:
        with self._stages.stage("predict") as stage, PredictionClient(service.url, batch_rows=200) as client:
            keys = [str(value) for value in rows[key].to_list()]
            answer = client.predict(_requests(rows, key, target), keys=keys)
            self.findings.prediction_id = answer.ids[0]
            stage.what = f"{len(answer.ids):,} predictions over HTTP, each with an id"
        return answer.ids

    def _label(self, outcomes: pl.Series, ids: tuple[str, ...]) -> None:
        with self._stages.stage("labels") as stage:
            path = self._workspace.folder / "labels.csv"
            known = [(i, value) for i, value in zip(ids, outcomes.to_list(), strict=True) if value is not None]
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("prediction_id", "label"), *known])
            self._wait_for_log(ids[-1])
            added = self._workspace.labels.add_file(MODEL, str(path))
            stage.what = f"{added.added:,} outcomes came back (mw labels add {MODEL} labels.csv)"

    def _wait_for_log(self, prediction_id: str) -> None:
        """The log is written off the hot path: the last half second may still be on its way."""
        deadline = time.monotonic() + _LOG_TIMEOUT_S
        while self._workspace.stores.predictions.find(PredictionId(prediction_id)) is None:
            if time.monotonic() > deadline:
                raise ServiceUnavailableError("The server has not written its prediction log.", hint="See server.log.")
            time.sleep(0.05)

    def _monitor(self) -> None:
        with self._stages.stage("monitor") as stage:
            report = self._workspace.check_endpoint(MODEL)
            drifted = [column.column for column in report.drift if column.drifted]
            self.findings.report = report
            self.findings.alerts = self._workspace.stores.monitors.list_alerts(MODEL, open_only=True)
            raised = ", ".join(sorted({alert.kind for alert in self.findings.alerts})) or "none"
            stage.what = f"{len(drifted)} of {len(report.drift)} columns drifted{_loss(report)}; alerts: {raised}"

    def _retrain(self, service: Service, rows: list[dict[str, Any]]) -> None:
        if not self.findings.alerts:
            return
        with self._stages.stage("retrain") as stage, Traffic(service.url, rows[:50]) as traffic:
            pipeline = str(self._workspace.folder / PIPELINE)
            alert = self.findings.alerts[0]
            decision = self._workspace.retrain(alert, pipeline, {"source": self._sources[1]}, on_step=self._on_step)
            champion = self._workspace.registry.resolve(f"{MODEL}@champion")
            swapped = service.wait_for_version(champion.version)
            time.sleep(_AFTER_SWAP_S)
            stage.what = f"{decision.outcome.value}: challenger {decision.challenger}, champion was {decision.champion}"
        self.findings.decision = decision
        self.findings.answered, self.findings.failed_requests = dict(traffic.answered), len(traffic.failures)
        with self._stages.stage("swap") as stage:
            versions = " and ".join(f"{count:,} by {version}" for version, count in sorted(traffic.answered.items()))
            late = "" if swapped else "; the server did not follow in time"
            stage.what = f"requests never stopped: {versions}, {len(traffic.failures)} failed{late}"

    def _prove(self) -> None:
        from millwright.governance.audit import verify_audit
        from millwright.governance.reproduce import reproduce
        from millwright.governance.why import explain_prediction

        workspace = self._workspace
        with self._stages.stage("why") as stage:
            explained = explain_prediction(PredictionId(self.findings.prediction_id), stores=workspace.stores)
            stage.what = f"prediction {self.findings.prediction_id}: {len(list(explained.to_text()))} lines of evidence"
        with self._stages.stage("audit") as stage:
            audit = verify_audit(workspace.stores.audit)
            self.findings.audit_entries = audit.entries
            stage.what = f"{audit.entries} entries, " + ("hash chain whole" if audit.ok else f"BROKEN: {audit.problem}")
        with self._stages.stage("reproduce") as stage:
            version = workspace.registry.resolve(f"{MODEL}@1")
            again = reproduce(version, stores=workspace.stores, retrain=workspace.launcher.retrain)
            stage.what = f"{version.ref} trained again from its record: " + ("identical" if again.same else "DIFFERENT")


def _requests(rows: pl.DataFrame, key: str, target: str) -> list[dict[str, Any]]:
    return rows.drop(key, target).to_dicts()


def _loss(report: MonitorReportRecord) -> str:
    for metric in ("roc_auc", "balanced_accuracy", "rmse"):
        if metric in report.performance and metric in report.reference_performance:
            before, now = report.reference_performance[metric], report.performance[metric]
            return f", {metric} {before:.3f} → {now:.3f}"
    return ""
