"""Joins rooms that don't know each other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.automation.retraining import PipelineLauncher, Retrainer
    from millwright.automation.trigger import Trigger
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.progress import Progress
    from millwright.core.records.monitor import AlertRecord
    from millwright.monitoring.settings import MonitorSettings
    from millwright.pipelines.runner import PipelineRunner
    from millwright.registry.registry import Registry
    from millwright.storage.catalog import Stores
    from millwright.workspace.settings import MonitorSettings as MonitorSection
    from millwright.workspace.settings import RetrainSettings


def build_runner(
    services: Mapping[type, object], *, stores: Stores, clock: Clock, events: EventBus, progress: Progress
) -> PipelineRunner:
    """A runner whose steps may ask for the given services, and hand on datasets and models."""
    import polars as pl

    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset
    from millwright.models.serializer import ModelSerializer
    from millwright.pipelines.runner import PipelineRunner
    from millwright.pipelines.serializers import Adapter, ValueTypes
    from millwright.workspace.serializer import DatasetSerializer, dataset_rows

    catalog = services[DatasetCatalog]
    if not isinstance(catalog, DatasetCatalog):
        raise TypeError(f"Expected a DatasetCatalog among the services, found {type(catalog).__name__}.")
    types = ValueTypes(
        serializers=(DatasetSerializer(catalog), ModelSerializer()),
        adapters=(Adapter(Dataset, pl.DataFrame, dataset_rows),),
    )
    return PipelineRunner(stores=stores, clock=clock, events=events, services=services, progress=progress, types=types)


def monitor_settings(section: MonitorSection) -> MonitorSettings:
    """The monitoring settings of a project file, in the form that monitoring takes."""
    from millwright.monitoring.drift import DriftSettings
    from millwright.monitoring.performance import PerformanceSettings
    from millwright.monitoring.settings import MonitorSettings

    return MonitorSettings(
        drift=DriftSettings(thresholds={"psi": section.psi_threshold}),
        performance=PerformanceSettings(max_loss=section.performance_drop),
        min_rows=section.min_rows,
        drift_share=section.drift_share,
    )


def build_trigger(
    alert: AlertRecord, model: str, action: tuple[str, Mapping[str, Any]], section: RetrainSettings
) -> Trigger:
    """The trigger that answers an alert by hand: this pipeline with these parameters, within the project's limits.

    A model that was trained again answers the endpoint's other alerts, too: drift and lost performance come together.
    """
    from millwright.automation.trigger import WORTH_RETRAINING, Trigger

    pipeline, params = action
    return Trigger(
        name=f"{alert.endpoint}-alerts",
        pipeline=pipeline,
        model=model,
        params=dict(params),
        endpoint=alert.endpoint,
        alerts=WORTH_RETRAINING | {alert.kind},
        cooldown=timedelta(minutes=section.cool_down_minutes),
        max_per_day=section.max_per_day,
    )


def build_retrainer(
    *, stores: Stores, registry: Registry, launcher: PipelineLauncher, clock: Clock, events: EventBus
) -> Retrainer:
    """Answers alerts with pipeline runs."""
    from millwright.automation.policy import RetrainingPolicy
    from millwright.automation.retraining import Retrainer

    return Retrainer(
        stores=stores, registry=registry, launcher=launcher, clock=clock, events=events, policy=RetrainingPolicy()
    )
