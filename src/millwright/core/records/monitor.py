"""Monitoring reports, alerts and the decisions that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.ids import AlertId, DecisionId, Digest, PipelineRunId, ReportId

_TESTS = ("kolmogorov_smirnov", "chi_square", "mmd")  # of numbers, of categories, of tensors


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftRecord:
    """How one column of the current window differs from the reference.

    Attributes:
        column: A feature, or `prediction`.
        kind: `numeric` or `categorical`.
        scores: Statistic name → value (`psi`, `jensen_shannon`, `hellinger`, `total_variation`, `kolmogorov_smirnov`,
            `chi_square`, `wasserstein`); only those that apply to the kind.
        p_value: Of the two-sample test that `test` names, 0 to 1, and of the very distance of that name among `scores`;
            None when it cannot be computed.
        statistic: The name of the score that decides.
        threshold: Its limit.
        drifted: Whether the score is above the limit and the test agrees; with `missing_p_value` both tests together
            (Bonferroni).
        missing_p_value: Of the chi-square test of the share of missing values, 0 to 1, of a numeric column, whose test
            looks at present values only; None where no value is missing, and of other columns, whose test counts
            missing values as well.
    """

    column: str
    kind: str
    scores: Mapping[str, float]
    p_value: float | None
    statistic: str
    threshold: float
    drifted: bool
    reference_rows: int
    current_rows: int
    missing_p_value: float | None = None

    @property
    def joined_p_value(self) -> float | None:
        """That of all tests of the column together, which decides; None without any."""
        made = [each for each in (self.p_value, self.missing_p_value) if each is not None]
        return min(1.0, len(made) * min(made)) if made else None

    @property
    def test(self) -> str:
        """Name of the two-sample test that `p_value` is of; empty when there was none."""
        known = next((name for name in _TESTS if name in self.scores), "")
        return known if self.p_value is not None else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorReportRecord:
    """One check of one endpoint over one window.

    Attributes:
        window_start: First moment of the window, inclusive.
        window_end: Last moment, exclusive.
        created_at: When it was made; of one that was made later for a past window, the window's end, so that reports
            stand in the order of what they tell. The document and the audit log say when it was made.
        labelled_rows: Rows of the window whose label is known.
        performance: Metrics on the labelled rows; empty without labels.
        reference_performance: The same metrics at evaluation time; where a season is told apart and known well enough,
            those of the same part of it.
        document: Digest of the full JSON report.
        monitor: Name of the declared monitor that asked for it; empty when it was asked for by hand.
    """

    id: ReportId
    endpoint: str
    model: str
    version: int
    window_start: datetime
    window_end: datetime
    created_at: datetime
    rows: int
    labelled_rows: int
    drift: tuple[DriftRecord, ...]
    performance: Mapping[str, float] = field(default_factory=dict)
    reference_performance: Mapping[str, float] = field(default_factory=dict)
    document: Digest | None = None
    monitor: str = ""


class Severity(StrEnum):
    """How much an alert matters."""

    INFO = "info"  # worth knowing
    WARNING = "warning"  # look at it today
    CRITICAL = "critical"  # act now

    @property
    def rank(self) -> int:
        """0 for the least; severities themselves are texts, which sort by their letters."""
        return list(Severity).index(self)


class AlertState(StrEnum):
    """Where an alert stands."""

    OPEN = "open"  # entered on creation; left when handled
    ACKNOWLEDGED = "acknowledged"  # a person or an automation took it on
    RESOLVED = "resolved"  # the cause is gone or was dealt with; final


ALERT_TRANSITIONS: Mapping[AlertState, frozenset[AlertState]] = {
    AlertState.OPEN: frozenset({AlertState.ACKNOWLEDGED, AlertState.RESOLVED}),
    AlertState.ACKNOWLEDGED: frozenset({AlertState.RESOLVED}),
    AlertState.RESOLVED: frozenset(),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """When people were last told of an alert on one route, and how much it mattered then."""

    at: datetime
    severity: Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertRecord:
    """Something that someone should know.

    Of one endpoint, monitor, kind and subject at most one alert is unresolved at a time: what is found again is
    counted in it.

    Attributes:
        kind: `drift`, `performance`, ….
        severity: The highest of all its findings.
        message: Of the newest finding.
        evidence: JSON values: which columns, scores, limits. Of the newest finding.
        report_id: The report that it was raised for.
        last_report_id: The newest report that it was found in; None while that is the first one.
        subject: What of the endpoint it is about, such as a column or a slice; empty when it is about all of it.
        last_seen: When it was last found; None in alerts of versions that did not count.
        count: How many checks have found it.
        clean_checks: How many in a row have not found it since.
        told: Route → when its channels were told; empty again when they were told that it is resolved.
        monitor: Name of the declared monitor whose check found it; empty when that was made by hand.
    """

    id: AlertId
    endpoint: str
    kind: str
    severity: Severity
    state: AlertState
    message: str
    created_at: datetime
    report_id: ReportId | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    last_seen: datetime | None = None
    last_report_id: ReportId | None = None
    count: int = 1
    clean_checks: int = 0
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    told: Mapping[str, Told] = field(default_factory=dict)
    monitor: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StreakRecord:
    """Findings in a row that are not yet enough for an alert.

    Attributes:
        findings: How many, ≥ 1; 0 to remove the streak.
        monitor: As of an alert.
    """

    endpoint: str
    kind: str
    subject: str
    findings: int
    updated_at: datetime
    monitor: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchRecord:
    """What a check leaves to the next one of the same stream.

    Attributes:
        name: Which of the endpoint's streams: version, monitor and settings.
        data: As the check wrote it.
    """

    endpoint: str
    name: str
    data: bytes
    updated_at: datetime


class Outcome(StrEnum):
    """How a retraining ended."""

    PROMOTED = "promoted"  # the challenger took the alias
    KEPT = "kept"  # the champion stayed: a gate failed
    UNCHANGED = "unchanged"  # training gave the champion again
    FAILED = "failed"  # the pipeline did not finish
    WAITING = "waiting"  # the challenger passed its gates and waits for a person; another decision follows
    CANARY = "canary"  # the challenger passed its gates and has a share of the requests; another decision follows
    SKIPPED = "skipped"  # nothing was trained: a limit, or its cost, spoke against it


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionRecord:
    """What was decided after a trigger, and why.

    Attributes:
        challenger: `name@version`, or None when none was made.
        champion: `name@version` before the decision, or None.
        reasons: One sentence per gate that decided.
    """

    id: DecisionId
    trigger: str
    outcome: Outcome
    at: datetime
    alert_id: AlertId | None = None
    pipeline_run_id: PipelineRunId | None = None
    challenger: str | None = None
    champion: str | None = None
    reasons: tuple[str, ...] = ()
