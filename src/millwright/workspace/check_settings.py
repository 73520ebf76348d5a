"""What of a window is looked at beside drift: slices, groups, volume, freshness and operation."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field


class CheckSettings(BaseModel):
    """What of a window is looked at beside drift."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    slices: tuple[str, ...] | None = Field(
        default=None,
        description="Input columns whose parts' performance is measured; by default up to three categories.",
    )
    groups: tuple[str, ...] = Field(
        default=(), description="Input columns whose values are groups that must not be treated more differently."
    )
    gap_growth: float = Field(
        default=0.1, ge=0, description="Growth of a gap between groups against the reference that raises an alert."
    )
    min_rows_per_hour: float | None = Field(default=None, ge=0, description="Fewest predictions an hour, on average.")
    max_rows_per_hour: float | None = Field(default=None, ge=0, description="Most predictions an hour, on average.")
    row_age_hours: float | None = Field(
        default=None, gt=0, description="Age of the newest prediction that raises an alert."
    )
    label_age_hours: float | None = Field(
        default=None, gt=0, description="Age of the newest label that raises an alert."
    )
    p50_ms: float | None = Field(default=None, gt=0, description="Milliseconds in which half of the requests must do.")
    p95_ms: float | None = Field(default=None, gt=0, description="Likewise of 95 requests in 100.")
    p99_ms: float | None = Field(default=None, gt=0, description="Likewise of 99 requests in 100.")
    error_share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Share of failed requests above which an alert is raised, where the server tells; 1 for never.",
    )
    refused_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="Share of requests refused for what they asked (status 400 to 499), such as a number as text, "
        "above which an alert is raised, where the server tells; 1 for never.",
    )
    min_rows_per_second: float | None = Field(default=None, gt=0, description="Least throughput over a window.")
    cost_per_thousand: float | None = Field(
        default=None, gt=0, description="Cost of 1,000 predictions that raises an alert, by the price table."
    )
    cores: float = Field(default=1.0, ge=0, description="Cores that answer an endpoint, for its cost.")
    memory: str = Field(default="", description="Memory that answers an endpoint, for its cost, such as 4GiB.")
