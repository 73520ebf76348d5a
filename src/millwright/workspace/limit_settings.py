"""Settings of limits: by season, by column, and of metrics themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from millwright.core.errors import ConfigurationError, MillwrightError, closest
from millwright.workspace.declared import Declared
from millwright.workspace.duration import read_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.monitoring.drift_settings import DriftSettings
    from millwright.monitoring.performance import PerformanceSettings
    from millwright.monitoring.threshold import Limits, SeasonSettings, ThresholdSettings

_DURATION = re.compile(r"\d[\d.]*\s*[smhdw]")


def check_quantiles(value: tuple[float, float]) -> tuple[float, float]:
    """Two quantiles in order.

    Raises:
        ValueError: They are not, or not from 0 to 1.
    """
    low, high = value
    if not 0 <= low < high <= 1:
        raise ValueError(f"expected two quantiles in order, from 0 to 1, found {low:g} and {high:g}")
    return value


class SeasonalSettings(BaseModel):
    """Which part of the season a window is held against."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    season: str = Field(
        default="none",
        description="Which moments are alike, by the clock of UTC: hour_of_day, day_of_week, hour_of_week, a duration "
        "after which they come back such as 8h, or a number of windows such as '7 windows'; auto for the finest that "
        "three periods are known of; none.",
    )
    season_column: str = Field(
        default="",
        description="Date that says when the reference's rows are from, to learn the season there; by default it is "
        "learned from the prediction log.",
    )
    season_periods: int = Field(
        default=6, ge=3, le=52, description="At most so many earlier periods are read from the prediction log."
    )

    @field_validator("season")
    @classmethod
    def _check_season(cls, value: str) -> str:
        _read_season(value)
        return value


class ColumnLimitSettings(Declared):
    """How a column's limit of drift is set: `[monitors.NAME.columns.COLUMN]`."""

    limits: Literal["constant", "deviations", "quantiles"] | None = Field(
        default=None, description="A constant one, or from parts of the reference; by default as of all columns."
    )
    limit: float | None = Field(
        default=None, gt=0, allow_inf_nan=False, description="The constant one, of its deciding statistic."
    )
    limit_deviations: float | None = Field(default=None, gt=0, le=20, description="In place of monitor's.")
    limit_quantiles: tuple[float, float] | None = Field(default=None, description="In place of monitor's.")
    season: bool = Field(default=True, description="Whether it is held against the season; else all of the reference.")

    @field_validator("limit_quantiles")
    @classmethod
    def _check_quantiles(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        return value if value is None else check_quantiles(value)

    @model_validator(mode="after")
    def _check(self) -> ColumnLimitSettings:
        if self.limits == "constant" and self.limit is None:
            raise ValueError("expected limit, the constant one, for limits = 'constant'")
        given = {
            "limit": ("constant", self.limit),
            "limit_deviations": ("deviations", self.limit_deviations),
            "limit_quantiles": ("quantiles", self.limit_quantiles),
        }
        for key, (kind, value) in given.items():
            if value is not None and kind != self.kind:
                raise ValueError(f"expected no {key} for limits = '{self.kind}', since that is for '{kind}'")
        return self

    @property
    def kind(self) -> str | None:
        """Which kind of limit it has of its own; told by what is given where it is not said."""
        if self.limits is not None:
            return self.limits
        known = {"constant": self.limit, "deviations": self.limit_deviations, "quantiles": self.limit_quantiles}
        return next((kind for kind, value in known.items() if value is not None), None)


class MetricLimitSettings(Declared):
    """Limits of a metric itself: `[monitors.NAME.metrics.METRIC]`."""

    low: float | None = Field(default=None, allow_inf_nan=False, description="Below it an alert is raised.")
    high: float | None = Field(default=None, allow_inf_nan=False, description="Above it an alert is raised.")

    @model_validator(mode="after")
    def _check(self) -> MetricLimitSettings:
        if self.low is None and self.high is None:
            raise ValueError("expected low, high or both, found neither")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"expected low below high, found {self.low:g} and {self.high:g}")
        return self


def season_settings(section: SeasonalSettings, columns: Mapping[str, ColumnLimitSettings]) -> SeasonSettings:
    """The same in the form that monitoring takes."""
    from millwright.monitoring.threshold import SeasonSettings

    return SeasonSettings(
        **_read_season(section.season),
        column=section.season_column,
        periods=section.season_periods,
        without=frozenset(name for name, limits in columns.items() if not limits.season),
    )


def column_limits(
    settings: DriftSettings, columns: Mapping[str, ColumnLimitSettings], usual: ThresholdSettings
) -> DriftSettings:
    """Settings of drift with the limits that columns have of their own.

    Args:
        settings: As of all columns.
        columns: Column → what is said of it.
        usual: How wide limits from parts of the reference are where a column does not say.
    """
    from dataclasses import replace

    from millwright.monitoring.threshold import ThresholdMethod

    constant, rules = {}, {}
    for name, said in columns.items():
        if said.kind == "constant" and said.limit is not None:
            constant[name] = said.limit
        elif said.kind is not None:
            rules[name] = replace(
                usual,
                method=ThresholdMethod(said.kind),
                deviations=said.limit_deviations or usual.deviations,
                quantiles=said.limit_quantiles or usual.quantiles,
            )
    return replace(settings, columns={**settings.columns, **constant}, rules={**settings.rules, **rules})


def metric_limits(
    settings: PerformanceSettings, metrics: Mapping[str, MetricLimitSettings], *, where: str
) -> PerformanceSettings:
    """Settings of performance with limits of metrics themselves.

    Args:
        settings: As they are.
        metrics: Metric → its limits.
        where: The table of the project file, for messages: `monitors.delay.metrics`.

    Raises:
        ConfigurationError: There is no such metric (the known ones are named), or a limit that it cannot reach.
    """
    from dataclasses import replace

    return replace(settings, limits={name: _limits(name, said, f"{where}.{name}") for name, said in metrics.items()})


def _limits(name: str, said: MetricLimitSettings, where: str) -> Limits:
    from millwright.evaluation.metrics.catalog import all_metrics
    from millwright.monitoring.threshold import Limits

    known = all_metrics()
    if name not in known:
        listed = ", ".join(sorted(known))
        raise ConfigurationError(
            f"Setting '{where}': there is no metric '{name}'.", hint=f"{closest(name, known)} Known: {listed}.".strip()
        )
    for key, value in (("low", said.low), ("high", said.high)):
        if value is not None and known[name].bounded and not 0 <= value <= 1:
            raise ConfigurationError(
                f"Setting '{where}.{key}': expected a number from 0 to 1, where {name} lies; found {value:g}.",
                hint="Write 0.7 for 70 %.",
            )
    return Limits(low=said.low, high=said.high)


def _read_season(text: str) -> dict[str, Any]:
    """The fields of `SeasonSettings` that a season is told by.

    Raises:
        ValueError: It is none.
    """
    from millwright.monitoring.threshold.season_settings import read_season

    if _DURATION.fullmatch(text.strip()):
        return {"length": read_duration(text)}
    try:
        season, windows = read_season(text)
    except MillwrightError as error:
        raise ValueError(str(error)) from error
    if windows is not None and windows < 2:
        raise ValueError("expected a period of at least 2 windows")
    return {"season": season, "windows": windows}
