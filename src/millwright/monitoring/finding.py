"""What is worth an alert (`alarms` finds it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from millwright.core.records.monitor import Severity


class AlertKind(StrEnum):
    """What an alert is about."""

    DRIFT = "drift"  # features or answers differ from the reference
    PERFORMANCE = "performance"  # labels show that the answers became worse
    ESTIMATED_PERFORMANCE = "estimated_performance"  # labels are expected to show that
    SLICE_PERFORMANCE = "slice_performance"  # labels show that a part of the answers became worse
    BIAS = "bias"  # groups are treated more differently than they were
    MISSING_DATA = "missing_data"  # values are missing more often than they were
    TYPE_CHANGE = "type_change"  # values arrive in another type than they had
    OUT_OF_RANGE = "out_of_range"  # numbers lie outside the range of the reference
    NEW_CATEGORIES = "new_categories"  # categories arrive that the reference does not have
    SCHEMA_CHANGE = "schema_change"  # columns appeared or vanished
    DUPLICATES = "duplicates"  # rows repeat themselves more often than they did
    VOLUME = "volume"  # more or fewer rows an hour than usual
    FRESHNESS = "freshness"  # rows or labels stopped coming
    OPERATIONS = "operations"  # latency, errors, throughput or cost beyond their limits
    CONCEPT_DRIFT = "concept_drift"  # the errors of a stream of labels changed
    METRIC_ANOMALY = "metric_anomaly"  # a metric is worse than trend and season of earlier checks would have it
    ANOMALIES = "anomalies"  # more rows are unlike the reference's than should be
    RETRAINING_FAILED = "retraining_failed"  # a retraining that began by itself did not finish: nobody mends the model
    CHECK_FAILED = "check_failed"  # a declared monitor cannot be checked: nobody is watching


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something worth an alert, not raised yet.

    Attributes:
        message: One sentence for people.
        evidence: JSON values.
        subject: What of the endpoint it is about, such as a column or a slice, if several of a kind may stand at once.
    """

    kind: AlertKind
    severity: Severity
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
