"""Settings of what a check tells beyond drift and performance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
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
        "the window: three deviations, or the quantiles 0.5 % and 99.5 %.",
    )


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
    )


def threshold_settings(section: InsightSettings) -> ThresholdSettings | None:
    """How limits are taken from chunks of the reference; None for the customary ones."""
    from millwright.monitoring.threshold import ThresholdMethod, ThresholdSettings

    return None if section.limits == "usual" else ThresholdSettings(method=ThresholdMethod(section.limits))
