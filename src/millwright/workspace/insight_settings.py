"""Settings of what a check tells beyond drift and performance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from millwright.workspace.limit_settings import check_quantiles

if TYPE_CHECKING:
    from millwright.monitoring.anomaly import PastSettings
    from millwright.monitoring.insight import InsightSettings as MonitoringInsight
    from millwright.monitoring.threshold import ThresholdSettings


class InsightSettings(BaseModel):
    """What a check tells beyond drift and performance, and where limits come from."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    anomalies: bool = Field(default=True, description="Look for rows unlike those of the reference.")
    odd_share: float = Field(default=0.05, ge=0.01, le=1, description="Share of such rows above which they are told.")
    concept_drift: Literal["adwin", "page_hinkley", "ddm", "off"] = Field(
        default="adwin", description="Which of River's detectors watches the errors; off for none."
    )
    attribution: bool = Field(default=True, description="Tell which features explain drift and a loss.")
    tensors: bool = Field(default=True, description="Compare columns of tensors, such as embeddings.")
    limits: Literal["usual", "deviations", "quantiles"] = Field(
        default="usual",
        description="Limits of drift and of a loss: the customary ones, or from parts of the reference of the size of "
        "the window: so many deviations (limit_deviations), or their quantiles (limit_quantiles).",
    )
    limit_deviations: float = Field(
        default=3.0, gt=0, le=20, description="How many standard deviations to each side limits by deviations are."
    )
    limit_quantiles: tuple[float, float] = Field(
        default=(0.005, 0.995), description="The lower and the upper quantile that limits by quantiles are, 0 to 1."
    )
    past: Literal["trend", "deviations", "quantiles", "off"] = Field(
        default="trend",
        description="What performance is held against beside the reference: trend and season of earlier checks; "
        "limits from these, by season, as of limits; or nothing.",
    )
    past_season: Literal["auto", "none", "hour_of_day", "day_of_week", "hour_of_week"] = Field(
        default="auto",
        description="Which of the earlier checks are alike, by the clock of UTC; auto for what three periods are "
        "known of.",
    )
    past_limit: float = Field(
        default=5.0, gt=0, description="How many robust standard deviations from trend and season are odd."
    )
    past_checks: int = Field(default=12, ge=5, le=500, description="Fewest checks that performance is held against.")

    past_metrics: tuple[str, ...] = Field(
        default=(), description="Metrics that are held against earlier checks, beside the main one."
    )

    @field_validator("limit_quantiles")
    @classmethod
    def _check_quantiles(cls, value: tuple[float, float]) -> tuple[float, float]:
        return check_quantiles(value)


def insight_settings(section: InsightSettings) -> MonitoringInsight:
    """The same in the form that monitoring takes."""
    from millwright.monitoring.anomaly import AnomalySettings
    from millwright.monitoring.attribution import AttributionSettings
    from millwright.monitoring.concept import ConceptSettings
    from millwright.monitoring.insight import InsightSettings as MonitoringInsight

    watched = section.concept_drift != "off"
    return MonitoringInsight(
        anomalies=AnomalySettings(enabled=section.anomalies, max_share=section.odd_share),
        concept=ConceptSettings(enabled=watched, detector=section.concept_drift if watched else "adwin"),
        attribution=AttributionSettings(enabled=section.attribution),
        past=past_settings(section),
    )


def past_settings(section: InsightSettings) -> PastSettings:
    """What the metric of a check is held against: its past."""
    from millwright.monitoring.anomaly import PastSettings, SeriesSettings
    from millwright.monitoring.threshold import Season, ThresholdMethod, ThresholdSettings

    season, limits = Season(section.past_season), None
    if section.past in {"deviations", "quantiles"}:
        limits = ThresholdSettings(
            method=ThresholdMethod(section.past),
            deviations=section.limit_deviations,
            quantiles=section.limit_quantiles,
            season=season,
        )
    series = SeriesSettings(limit=section.past_limit, min_values=section.past_checks, season=season)
    enabled = section.past != "off"
    return PastSettings(enabled=enabled, series=series, limits=limits, metrics=section.past_metrics)


def threshold_settings(section: InsightSettings) -> ThresholdSettings | None:
    """How limits are taken from chunks of the reference; None for the customary ones."""
    return None if section.limits == "usual" else chunk_settings(section)


def chunk_settings(section: InsightSettings) -> ThresholdSettings:
    """How they are taken where they are; for a column of which that is said alone, by deviations."""
    from millwright.monitoring.threshold import ThresholdMethod, ThresholdSettings

    return ThresholdSettings(
        method=ThresholdMethod("deviations" if section.limits == "usual" else section.limits),
        deviations=section.limit_deviations,
        quantiles=section.limit_quantiles,
    )
