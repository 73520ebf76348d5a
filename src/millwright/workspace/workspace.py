"""The façade over all rooms."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from millwright.core.clock import SystemClock
from millwright.core.events import EventBus
from millwright.core.progress import SilentProgress
from millwright.workspace.alerting import Alerting
from millwright.workspace.location import actor_name, find_project, find_workspace, store_urls
from millwright.workspace.queueing import Queueing
from millwright.workspace.settings import load_settings
from millwright.workspace.wiring import connect_openlineage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from millwright.automation.delivery import Deliveries
    from millwright.core.clock import Clock
    from millwright.core.progress import Progress
    from millwright.core.records.monitor import AlertRecord, DecisionRecord, MonitorReportRecord
    from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
    from millwright.data.contracts.catalog import ContractCatalog
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.features.catalog import FeatureCatalog
    from millwright.data.features.online.features import OnlineFeatures
    from millwright.data.ingestion.ingestion import Ingestion
    from millwright.data.quarantine.catalog import QuarantineCatalog
    from millwright.monitoring.label import LabelService
    from millwright.monitoring.monitor import Monitor
    from millwright.monitoring.window import Window
    from millwright.pipelines.runner import PipelineRunner
    from millwright.registry.registry import Registry
    from millwright.storage.catalog import Stores
    from millwright.tracking.tracker import Tracker
    from millwright.workspace.launcher import Launcher
    from millwright.workspace.settings import Settings


class Workspace(Alerting, Queueing):
    """One project's stores and services, built on first use.

    Not thread-safe while a service is first used; the services themselves are as safe as their stores.

    Args:
        folder: The workspace's folder.
        settings: What was configured.
        project: The folder of the project file, where its pipelines are; the workspace's when None.
        clock: The time; the machine's when None.
        progress: Who shows progress; nobody when None.

    Example:
        >>> with Workspace.open("my-project") as workspace:  # doctest: +SKIP
        ...     workspace.registry.resolve("schedule-delay@champion")
    """

    closed_at_end = ("notifications", "openlineage", "online", "stores")

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        project: Path | None = None,
        clock: Clock | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.folder = folder
        self.project = project or folder
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.progress: Progress = progress or SilentProgress()
        self.events = EventBus()
        self.events.keep(lambda event: self.deliveries.outbox.keep(event))  # noqa: PLW0108 - stores open on first use
        self.events.keep(self.keep_news)
        self.openlineage = connect_openlineage(
            lambda: self.stores, folder=folder, settings=settings, events=self.events
        )
        self.actor = actor_name(settings)

    @classmethod
    def open(
        cls,
        folder: str | Path | None = None,
        *,
        profile: str | None = None,
        overrides: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> Workspace:
        """Open the workspace of a folder (or the one found from here), reading its settings.

        Raises:
            ConfigurationError: A setting is unknown or wrong.
            NotFoundError: The named folder does not exist.
        """
        from pathlib import Path as FilePath

        found = FilePath(folder).resolve() if folder is not None else find_workspace()
        project = find_project(found)
        settings = load_settings(project, profile=profile, overrides=overrides)
        return cls(found, settings, project=project, progress=progress)

    @cached_property
    def stores(self) -> Stores:
        """Every store, opened; the schema is brought up to date."""
        from millwright.storage.catalog import open_stores

        urls = store_urls(self.folder, self.settings)
        return open_stores(records_url=urls.records, artifacts_url=urls.artifacts, predictions_url=urls.predictions)

    @cached_property
    def datasets(self) -> DatasetCatalog:
        """Dataset versions."""
        from millwright.data.datasets.catalog import DatasetCatalog

        root = store_urls(self.folder, self.settings).datasets
        return DatasetCatalog(stores=self.stores, root_url=root, clock=self.clock, actor=self.actor)

    @cached_property
    def ingestion(self) -> Ingestion:
        """Reads sources into datasets."""
        from millwright.data.ingestion.ingestion import Ingestion

        return Ingestion(catalog=self.datasets, stores=self.stores, clock=self.clock, progress=self.progress)

    @cached_property
    def features(self) -> FeatureCatalog:
        """Definitions of features, and training sets made of them."""
        from millwright.data.features.catalog import FeatureCatalog
        from millwright.workspace.feature_file import KeptCode
        from millwright.workspace.wiring import engine_options

        return FeatureCatalog(
            stores=self.stores,
            datasets=self.datasets,
            clock=self.clock,
            actor=self.actor,
            loader=KeptCode(self.stores.artifacts),
            engine=engine_options(self.settings.engine),
        )

    @cached_property
    def online(self) -> OnlineFeatures:
        """Features online: brought there, pushed, read, compared."""
        from millwright.workspace.wiring import build_online

        url = store_urls(self.folder, self.settings).online
        return build_online(self.features, url=url, clock=self.clock, progress=self.progress, actor=self.actor)

    @cached_property
    def contracts(self) -> ContractCatalog:
        """Published contracts."""
        from millwright.data.contracts.catalog import ContractCatalog

        return ContractCatalog(stores=self.stores, clock=self.clock, actor=self.actor)

    @cached_property
    def quarantine(self) -> QuarantineCatalog:
        """Rows that broke a contract."""
        from millwright.data.quarantine.catalog import QuarantineCatalog

        return QuarantineCatalog(datasets=self.datasets, clock=self.clock)

    @cached_property
    def tracker(self) -> Tracker:
        """Experiments and runs."""
        from millwright.tracking.tracker import Tracker

        return Tracker(experiments=self.stores.experiments, store=self.stores.runs, clock=self.clock)

    @cached_property
    def registry(self) -> Registry:
        """Registered models, their versions and aliases."""
        return self.registry_as(self.actor)

    def registry_as(self, actor: str) -> Registry:
        """The registry, changing things in somebody's name."""
        from millwright.registry.registry import Registry
        from millwright.workspace.wiring import build_policy

        return Registry(
            stores=self.stores,
            clock=self.clock,
            events=self.events,
            actor=actor,
            policy=build_policy(self.stores, self.settings.registry),
            protected=self.settings.registry.protected_aliases,
        )

    @cached_property
    def deliveries(self) -> Deliveries:
        """Webhooks, and the events that wait for them."""
        from millwright.workspace.wiring import build_deliveries

        section = self.settings.webhooks
        return build_deliveries(stores=self.stores, clock=self.clock, events=self.events, section=section)

    @cached_property
    def labels(self) -> LabelService:
        """Delayed labels."""
        from millwright.monitoring.label import LabelService

        return LabelService(stores=self.stores, clock=self.clock, actor=self.actor)

    @cached_property
    def monitor(self) -> Monitor:
        """Drift and performance of endpoints."""
        from millwright.monitoring.monitor import Monitor
        from millwright.monitoring.operations.counters import fetch_counters
        from millwright.workspace.notification_wiring import alert_rules

        return Monitor(
            stores=self.stores,
            registry=self.registry,
            clock=self.clock,
            events=self.events,
            rules=alert_rules(self.settings.alerts),
            counters=fetch_counters,
        )

    @cached_property
    def runner(self) -> PipelineRunner:
        """Executes pipelines."""
        from millwright.deployment.traffic.control import RolloutControl
        from millwright.workspace.step_service import step_services
        from millwright.workspace.wiring import build_runner

        return build_runner(
            {
                type(self.stores): self.stores,
                type(self.datasets): self.datasets,
                type(self.features): self.features,
                type(self.tracker): self.tracker,
                type(self.registry): self.registry,
                RolloutControl: RolloutControl(
                    stores=self.stores, registry=self.registry, clock=self.clock, actor=self.actor
                ),
                **step_services(self.settings, folder=self.folder, stores=self.stores, clock=self.clock),
            },
            stores=self.stores,
            clock=self.clock,
            events=self.events,
            progress=self.progress,
            folder=self.folder,
            settings=self.settings,
        )

    @cached_property
    def launcher(self) -> Launcher:
        """Loads pipelines from files, runs them, and trains recorded versions again."""
        from millwright.workspace.launcher import Launcher

        return Launcher(
            stores=self.stores, runner=self.runner, tracker=self.tracker, clock=self.clock, events=self.events
        )

    def close_interrupted(self) -> list[PipelineRunRecord]:
        """Mark pipeline runs whose process, on this machine, died; they are given back."""
        from millwright.workspace.interruption import close_interrupted

        return close_interrupted(self.stores, self.clock, self.events)

    def check_endpoint(self, endpoint: str, window: Window | None = None) -> MonitorReportRecord:
        """Check an endpoint's predictions with the workspace's monitoring settings.

        Raises:
            NotFoundError: There is no such endpoint.
        """
        from millwright.workspace.wiring import monitor_settings

        settings = monitor_settings(self.settings.monitor, self.settings.prices)
        return self.monitor.check(endpoint, window=window, settings=settings)

    def retrain(
        self,
        alert: AlertRecord,
        pipeline: str,
        params: Mapping[str, Any],
        *,
        on_step: Callable[[StepRunRecord], None] | None = None,
    ) -> DecisionRecord:
        """Answer an alert by running a pipeline, and write down the decision.

        Args:
            alert: An open or acknowledged alert.
            pipeline: `file.py`, or `file.py:name`.
            params: The pipeline's parameters.
            on_step: Told of each step.

        Raises:
            ConflictError: The cool-down is not over, or today's retrainings are used up.
            MillwrightError: There is no such pipeline, parameter or file; the alert stays as it was.
        """
        from millwright.pipelines.runner import RunOptions
        from millwright.workspace.retraining import build_follow_up, build_trigger
        from millwright.workspace.wiring import build_retrainer

        # A wrong call must not count as a retraining, after which the next has to wait.
        self.launcher.explain(pipeline, params, RunOptions())
        endpoint = self.stores.endpoints.find(alert.endpoint)
        model = endpoint.model if endpoint is not None else alert.endpoint
        trigger = build_trigger(alert, model, (pipeline, params), self.settings)
        follow_up = build_follow_up(
            stores=self.stores, clock=self.clock, events=self.events, registry=self.registry_as("automation")
        )
        follow_up.settle_due()  # without a worker nobody has looked at what a person did about the last one
        retrainer = build_retrainer(
            stores=self.stores,
            registry=self.registry,
            launcher=self.launcher.watched(on_step),
            clock=self.clock,
            events=self.events,
        )
        return retrainer.handle(alert, trigger=trigger)
