"""How a window is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from millwright.core.errors import InvalidInputError, closest
from millwright.core.records.monitor import Severity
from millwright.monitoring.bias.settings import BiasSettings
from millwright.monitoring.drift_settings import DriftSettings
from millwright.monitoring.embedding.settings import EmbeddingSettings
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.insight import InsightSettings
from millwright.monitoring.joint import JointSettings
from millwright.monitoring.operations.settings import OperationsSettings
from millwright.monitoring.performance import PerformanceSettings
from millwright.monitoring.quality.missing import MissingSettings
from millwright.monitoring.quality.settings import QualitySettings
from millwright.monitoring.slice_performance import SliceSettings
from millwright.monitoring.threshold.season_settings import SeasonSettings
from millwright.monitoring.threshold.settings import ThresholdSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorSettings:
    """How a window is judged.

    Attributes:
        drift: Per column.
        joint: Of all features together.
        performance: On labelled rows.
        missing: Per input column.
        quality: The checks of data quality.
        slices: On labelled rows of parts of the window.
        bias: Between declared groups.
        operations: Limits of latency, errors, throughput and cost.
        min_rows: With fewer rows nothing is decided about drift or missing values.
        drift_share: Share of the features that must drift for an alert, above 0 and at most 1; drift of an answer
            (prediction or probability) suffices by itself.
        estimate: Whether performance is estimated while labels are missing (`estimation`); the second models that a
            regression takes for that need seconds per version.
        insight: Odd rows, errors that rise, and what explains drift and a loss.
        tensors: Of tensor columns.
        chunks: How limits of drift and of a loss are taken from chunks of the reference that are as large as the
            window; None for the customary ones. Seconds per check.
        season: Which part of the season a window is held against (`seasonal`); by default all of the reference.
        severities: Kind of alert (`AlertKind`) → severity in place of the finding's own.

    Raises:
        InvalidInputError: A number outside its range, or a kind of alert that there is not.
    """

    drift: DriftSettings = field(default_factory=DriftSettings)
    joint: JointSettings = field(default_factory=JointSettings)
    performance: PerformanceSettings = field(default_factory=PerformanceSettings)
    missing: MissingSettings = field(default_factory=MissingSettings)
    quality: QualitySettings = field(default_factory=QualitySettings)
    slices: SliceSettings = field(default_factory=SliceSettings)
    bias: BiasSettings = field(default_factory=BiasSettings)
    operations: OperationsSettings = field(default_factory=OperationsSettings)
    insight: InsightSettings = field(default_factory=InsightSettings)
    tensors: EmbeddingSettings = field(default_factory=EmbeddingSettings)
    chunks: ThresholdSettings | None = None
    season: SeasonSettings = field(default_factory=SeasonSettings)
    min_rows: int = 50
    drift_share: float = 0.2
    estimate: bool = True
    severities: Mapping[str, Severity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = [kind.value for kind in AlertKind]
        for kind in self.severities:
            if kind not in known:
                raise InvalidInputError(f"There is no kind of alert '{kind}'.", hint=closest(kind, known))
        if self.min_rows < 1:
            raise InvalidInputError(f"Expected at least 1 row as the smallest window, found {self.min_rows}.")
        if not 0 < self.drift_share <= 1:
            raise InvalidInputError(
                f"Expected a share of drifted features above 0, at most 1, found {self.drift_share}."
            )
