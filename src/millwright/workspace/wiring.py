"""Joins rooms that don't know each other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.workspace.location import DATA_FOLDER, store_urls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.automation.delivery import Deliveries
    from millwright.automation.retraining import PipelineLauncher, Retrainer
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.progress import Progress
    from millwright.data.engines.engine import EngineOptions
    from millwright.data.features.catalog import FeatureCatalog
    from millwright.data.features.online.features import OnlineFeatures
    from millwright.governance.openlineage.listener import Listener
    from millwright.monitoring.settings import MonitorSettings
    from millwright.pipelines.runner import PipelineRunner
    from millwright.registry.promotion import PromotionPolicy
    from millwright.registry.registry import Registry
    from millwright.storage.catalog import Stores
    from millwright.workspace.monitor_settings import MonitorSettings as MonitorSection
    from millwright.workspace.settings import (
        EngineSettings,
        PricesSettings,
        RegistrySettings,
        Settings,
        WebhookSettings,
    )


def build_runner(
    services: Mapping[type, object],
    *,
    stores: Stores,
    clock: Clock,
    events: EventBus,
    progress: Progress,
    folder: Path,
    settings: Settings,
) -> PipelineRunner:
    """A runner whose steps may ask for the given services, and hand on datasets and models."""
    from functools import partial

    import polars as pl

    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset
    from millwright.models.serializer import ModelSerializer
    from millwright.pipelines.runner import PipelineRunner, RunnerSettings
    from millwright.pipelines.serializers import Adapter, ValueTypes
    from millwright.workspace.executors import opener, process_executor, ray_executor
    from millwright.workspace.serializer import DatasetSerializer, dataset_rows

    catalog = services[DatasetCatalog]
    if not isinstance(catalog, DatasetCatalog):
        raise TypeError(f"Expected a DatasetCatalog among the services, found {type(catalog).__name__}.")
    types = ValueTypes(
        serializers=(DatasetSerializer(catalog), ModelSerializer(allow_code=settings.models.allow_code)),
        adapters=(Adapter(Dataset, pl.DataFrame, dataset_rows),),
        allow_pickle=settings.pipelines.allow_pickle,
    )
    side = opener(folder, settings)
    return PipelineRunner(
        stores=stores,
        clock=clock,
        events=events,
        services=services,
        progress=progress,
        types=types,
        settings=RunnerSettings(
            executor=settings.pipelines.executor,
            executors={
                "processes": partial(process_executor, opener=side, settings=settings),
                "ray": partial(ray_executor, opener=side, settings=settings),
            },
            max_parallel=settings.pipelines.max_parallel,
            limits=settings.pipelines.limits,
            ignored=(str(folder / DATA_FOLDER),),
        ),
    )


def monitor_settings(section: MonitorSection, prices: PricesSettings | None = None) -> MonitorSettings:
    """The monitoring settings of a project file, in the form that monitoring takes.

    Args:
        section: From the project file.
        prices: For the cost of predictions; without them it is not told.
    """
    from datetime import timedelta

    from millwright.monitoring.bias import BiasSettings
    from millwright.monitoring.drift_settings import DriftSettings
    from millwright.monitoring.embedding import EmbeddingSettings
    from millwright.monitoring.operations import OperationsSettings
    from millwright.monitoring.performance import PerformanceSettings
    from millwright.monitoring.quality.freshness import Freshness
    from millwright.monitoring.quality.settings import QualitySettings
    from millwright.monitoring.quality.volume import Volume
    from millwright.monitoring.settings import MonitorSettings
    from millwright.monitoring.slice_performance import SliceSettings
    from millwright.pipelines.annotations import Resources
    from millwright.pipelines.runner.observation.price import Prices
    from millwright.workspace.insight_settings import insight_settings, threshold_settings
    from millwright.workspace.limit_settings import season_settings

    def hours(length: float | None) -> timedelta | None:
        return None if length is None else timedelta(hours=length)

    return MonitorSettings(
        drift=DriftSettings(thresholds={"psi": section.psi_threshold, "jensen_shannon": section.categorical_threshold}),
        performance=PerformanceSettings(max_loss=section.performance_drop),
        min_rows=section.min_rows,
        drift_share=section.drift_share,
        quality=QualitySettings(
            volume=Volume(min_per_hour=section.min_rows_per_hour, max_per_hour=section.max_rows_per_hour),
            freshness=Freshness(max_row_age=hours(section.row_age_hours), max_label_age=hours(section.label_age_hours)),
        ),
        slices=SliceSettings(columns=section.slices),
        insight=insight_settings(section),
        tensors=EmbeddingSettings(enabled=section.tensors),
        chunks=threshold_settings(section),
        season=season_settings(section, {}),
        bias=BiasSettings(groups=section.groups, max_growth=section.gap_growth),
        operations=OperationsSettings(
            p50_ms=section.p50_ms,
            p95_ms=section.p95_ms,
            p99_ms=section.p99_ms,
            error_share=section.error_share,
            refused_share=section.refused_share,
            min_rows_per_second=section.min_rows_per_second,
            cost_per_thousand=section.cost_per_thousand,
            resources=Resources(cpu=section.cores, memory=section.memory),
            prices=Prices(**prices.model_dump()) if prices is not None else Prices(),
        ),
    )


def engine_options(section: EngineSettings, *, name: str = "") -> EngineOptions:
    """The settings of engines, in the form that transformations take.

    Args:
        section: From the project file.
        name: An engine that was asked for, which wins over the setting.
    """
    from millwright.data.engines.engine import EngineOptions

    return EngineOptions(
        name=name or section.name,
        memory_gb=section.memory_gb,
        spark_gb=section.spark_gb,
        limit_gb=section.limit_gb,
        scratch=section.scratch,
        spark_master=section.spark_master,
        spark_partitions=section.spark_partitions,
    )


def build_deliveries(*, stores: Stores, clock: Clock, events: EventBus, section: WebhookSettings) -> Deliveries:
    """Webhooks and their deliveries, within the project's limits."""
    from millwright.automation.delivery import Deliveries, DeliveryOptions

    options = DeliveryOptions(
        allow_private=section.allow_private,
        timeout_s=section.timeout_seconds,
        max_attempts=section.max_attempts,
        backoff_s=section.backoff_seconds,
    )
    return Deliveries(stores=stores, clock=clock, events=events, options=options)


def connect_openlineage(
    stores: Callable[[], Stores], *, folder: Path, settings: Settings, events: EventBus
) -> Listener | None:
    """Have the runs of pipelines told as OpenLineage events; None when they should go nowhere."""
    from millwright.governance.openlineage.options import OpenLineageOptions, completed

    section = settings.openlineage
    given = OpenLineageOptions(
        url=section.url,
        file=Path(section.file) if section.file else None,
        namespace=section.namespace,
        api_key=section.api_key,
        source_code=section.source_code,
        timeout_s=section.timeout_seconds,
        flush_s=section.flush_seconds,
    )
    options = completed(given, os.environ, folder)
    if not options.is_on:
        return None
    from millwright.governance.openlineage.listener import Listener
    from millwright.governance.openlineage.narrator import Narrator

    tables, bases = store_urls(folder, settings).datasets, (Path.cwd(), folder)
    listener = Listener(options, lambda: Narrator(stores(), options, tables_url=tables, bases=bases))
    listener.subscribe(events)
    return listener


def build_policy(stores: Stores, section: RegistrySettings) -> PromotionPolicy:
    """Who says whether a version may be promoted: its gates, then the people that the project asks for."""
    from millwright.governance.approval import GatesPassedPolicy
    from millwright.governance.approval_rule import ApprovalRulePolicy, ApprovalRules, makers_of, roles_of

    rules = ApprovalRules(needed=section.approvals_needed, four_eyes=section.four_eyes, roles=section.approver_roles)
    gates = GatesPassedPolicy(stores.artifacts)
    return ApprovalRulePolicy(rules, gates, makers_of=makers_of(stores), roles_of=roles_of(stores))


def build_retrainer(
    *, stores: Stores, registry: Registry, launcher: PipelineLauncher, clock: Clock, events: EventBus
) -> Retrainer:
    """Answers alerts with pipeline runs."""
    from millwright.automation.policy import RetrainingPolicy
    from millwright.automation.retraining import Retrainer

    return Retrainer(
        stores=stores, registry=registry, launcher=launcher, clock=clock, events=events, policy=RetrainingPolicy()
    )


def build_online(features: FeatureCatalog, *, url: str, clock: Clock, progress: Progress, actor: str) -> OnlineFeatures:
    """Features online, in the store of a URL; it is connected to when it is first used."""
    from millwright.data.features.online.features import OnlineFeatures
    from millwright.storage.catalog import open_online

    online = OnlineFeatures(
        stores=features.stores,
        store=open_online(url),
        datasets=features.datasets,
        lookup=features.lookup,
        clock=clock,
        progress=progress,
        actor=actor,
    )
    online.engine = features.engine
    return online
