"""Settings of monitors and of retraining."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from millwright.core.errors import MillwrightError, closest
from millwright.workspace.check_settings import CheckSettings
from millwright.workspace.declared import Declared
from millwright.workspace.duration import read_duration
from millwright.workspace.insight_settings import InsightSettings
from millwright.workspace.limit_settings import ColumnLimitSettings, MetricLimitSettings, SeasonalSettings

_REFERENCE = re.compile(r"training|held_out|[^@\s]+@\S+")


def _read_quiet_hours(value: Any) -> str:
    from millwright.automation.limits.quiet_hours import QuietHours

    try:
        QuietHours.parse(str(value))
    except MillwrightError as error:
        raise ValueError(str(error)) from error
    return str(value)


def _read_zone(value: Any) -> str:
    known = available_timezones()
    if value not in known:
        raise ValueError(f"there is no time zone '{value}'. {closest(str(value), known)}".strip())
    return str(value)


Duration = Annotated[timedelta, BeforeValidator(read_duration)]
Quiet = Annotated[str, BeforeValidator(_read_quiet_hours)]
Zone = Annotated[str, BeforeValidator(_read_zone)]


class MonitorSettings(CheckSettings, InsightSettings, SeasonalSettings):
    """When a window of predictions counts as drifted or worse."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    min_rows: int = Field(default=50, ge=1, description="Fewest predictions that are judged.")
    psi_threshold: float = Field(
        default=0.2, gt=0, description="Population stability index above which a column has drifted."
    )
    categorical_threshold: float = Field(
        default=0.1, gt=0, description="Jensen-Shannon distance above which a column of categories has drifted."
    )
    drift_share: float = Field(
        default=0.3, gt=0, le=1, description="Share of drifted columns above which an alert is raised."
    )
    performance_drop: float = Field(
        default=0.05, ge=0, description="Loss of the main metric against the reference that raises an alert."
    )


class RetrainSettings(BaseModel):
    """Within which limits a model is trained again: by hand, for a pipeline's trigger, for a declared monitor."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    cool_down_minutes: float = Field(
        default=60.0, ge=0, description="Rest between the end of one retraining of a model and the next."
    )
    max_per_day: int = Field(default=4, ge=1, description="Most retrainings of one model in 24 hours.")
    budget_per_day: float | None = Field(
        default=None, ge=0, description="What a model's retrainings of 24 hours may cost, by the price table."
    )
    budget_per_month: float | None = Field(default=None, ge=0, description="Likewise of 30 days.")
    quiet_hours: tuple[Quiet, ...] = Field(
        default=(), description="When none begins by itself, such as mon-fri 08:00-18:00, or sat,sun."
    )
    time_zone: Zone = Field(default="UTC", description="Whose clock on the wall quiet_hours mean.")
    value_per_unit: float | None = Field(
        default=None, gt=0, description="What one unit of the metric is worth on one prediction; retrain if it pays."
    )
    value_metric: str = Field(default="", description="The metric that it is a unit of; by default the main one.")
    horizon_days: float = Field(default=7.0, gt=0, description="For how many days a gain is counted.")
    recovered_share: float = Field(
        default=1.0, gt=0, le=1, description="Share of the loss that a retraining is expected to win back."
    )


class ActionSettings(Declared):
    """What a declared monitor does by itself, and when: `[monitors.NAME.action]`."""

    pipeline: str = Field(description="file.py, or file.py:name, from the project's folder.")
    params: dict[str, Any] = Field(default={}, description="The pipeline's parameters.")
    model: str = Field(default="", description="The model that it makes versions of; by default the endpoint's.")
    alias: str = Field(default="champion", description="The alias that a better version takes.")
    on: tuple[str, ...] = Field(
        default=("drift", "performance", "estimated_performance"), description="Kinds of alerts that start it."
    )
    every: Duration | None = Field(default=None, description="Also when the last training is so long ago.")
    dataset: str = Field(default="", description="Also for new data of this dataset.")
    new_versions: int = Field(default=1, ge=1, description="So many versions that no training saw.")
    new_rows: int | None = Field(default=None, ge=1, description="So many rows that no training saw.")
    warm_start: bool | str = Field(
        default=False, description="Give the pipeline the champion to go on from: true, or its parameter's name."
    )
    canary: bool = Field(default=False, description="Bring a challenger that passed its gates in by a canary.")
    cool_down_minutes: float | None = Field(default=None, ge=0, description="In place of retrain's.")
    max_per_day: int | None = Field(default=None, ge=1, description="In place of retrain's.")
    budget_per_day: float | None = Field(default=None, ge=0, description="In place of retrain's.")
    budget_per_month: float | None = Field(default=None, ge=0, description="In place of retrain's.")
    quiet_hours: tuple[Quiet, ...] | None = Field(default=None, description="In place of retrain's.")
    time_zone: Zone | None = Field(default=None, description="In place of retrain's.")
    value_per_unit: float | None = Field(default=None, gt=0, description="In place of retrain's.")
    value_metric: str | None = Field(default=None, description="In place of retrain's.")
    horizon_days: float | None = Field(default=None, gt=0, description="In place of retrain's.")
    recovered_share: float | None = Field(default=None, gt=0, le=1, description="In place of retrain's.")


class MonitorDeclaration(Declared):
    """A monitor of the project file: `[monitors.NAME]`."""

    endpoint: str = Field(description="Which endpoint is watched.")
    every: Duration = Field(default=timedelta(hours=1), description="How often, such as 10m, 1h, 1d.")
    window: Duration | None = Field(default=None, description="Predictions of so long; all since the version began.")
    rows: int | None = Field(default=None, ge=1, description="At most so many of the newest predictions.")
    version: int | None = Field(default=None, ge=1, description="Only answers of this version; the newest's.")
    reference: str = Field(
        default="training", description="training, held_out, or a dataset's version such as visits@3."
    )
    thresholds: dict[str, Any] = Field(default={}, description="In place of [monitor]'s, by the same names.")
    columns: dict[str, ColumnLimitSettings] = Field(
        default={}, description="Column → how its limit of drift is set: tables [monitors.NAME.columns.COLUMN]."
    )
    metrics: dict[str, MetricLimitSettings] = Field(
        default={}, description="Metric → limits of its value itself: tables [monitors.NAME.metrics.METRIC]."
    )
    severity: dict[str, Literal["info", "warning", "critical"]] = Field(
        default={}, description="Kind of alert → severity, in place of what the check gives it."
    )
    channels: tuple[str, ...] = Field(default=(), description="Channels that its endpoint's alerts are sent to.")
    groups: tuple[str, ...] = Field(default=(), description="Columns whose groups' fairness is watched.")
    action: ActionSettings | None = Field(default=None, description="What it does by itself; only alerts when none.")
    enabled: bool = Field(default=True, description="Whether it is checked.")

    @model_validator(mode="after")
    def _check(self) -> MonitorDeclaration:
        if not _REFERENCE.fullmatch(self.reference):
            raise ValueError(f"expected the reference training, held_out or DATASET@VERSION, found '{self.reference}'")
        return self

    @field_validator("thresholds")
    @classmethod
    def _check_thresholds(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if name not in MonitorSettings.model_fields:
                raise ValueError(f"unknown threshold '{name}'. {closest(name, MonitorSettings.model_fields)}".strip())
        MonitorSettings.model_validate(value)  # its bounds hold here, too
        return value
