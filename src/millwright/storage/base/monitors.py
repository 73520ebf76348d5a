"""Monitoring reports, alerts and decisions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.ids import AlertId, ReportId
    from millwright.core.records.monitor import (
        AlertRecord,
        AlertState,
        DecisionRecord,
        MonitorReportRecord,
        StreakRecord,
        WatchRecord,
    )


class MonitorStore(ABC):
    """What monitoring found and what was done about it."""

    @abstractmethod
    def append_report(self, record: MonitorReportRecord) -> None:
        """Add a report."""

    @abstractmethod
    def get_report(self, report_id: ReportId) -> MonitorReportRecord:
        """A report.

        Raises:
            NotFoundError: There is no such report.
        """

    @abstractmethod
    def list_reports(
        self, endpoint: str | None = None, *, monitor: str | None = None, limit: int = 50
    ) -> list[MonitorReportRecord]:
        """Reports, newest first.

        Args:
            endpoint: Of this one alone.
            monitor: Those that this declared monitor asked for; with an empty name those that were asked for by hand.
            limit: At most so many.
        """

    @abstractmethod
    def append_alert(self, record: AlertRecord) -> None:
        """Add an alert."""

    @abstractmethod
    def get_alert(self, alert_id: AlertId) -> AlertRecord:
        """An alert as it stands now.

        Raises:
            NotFoundError: There is no such alert.
        """

    @abstractmethod
    def set_alert_state(self, alert_id: AlertId, state: AlertState) -> AlertRecord:
        """Change an alert's state.

        Raises:
            NotFoundError: There is no such alert.
            StateTransitionError: The state cannot follow the present one.
        """

    @abstractmethod
    def list_alerts(
        self, endpoint: str | None = None, *, monitor: str | None = None, open_only: bool = False, limit: int = 50
    ) -> list[AlertRecord]:
        """Alerts, newest first.

        Args:
            endpoint: Of this one alone.
            monitor: Those that checks of this declared monitor raised; with an empty name those of checks by hand.
            open_only: Those alone that nobody has acknowledged or resolved.
            limit: At most so many.
        """

    @abstractmethod
    def hold_alert(self, alert_id: AlertId) -> AlertRecord:
        """An alert as it stands now, which nobody else changes until the surrounding transaction ends.

        Raises:
            NotFoundError: There is no such alert.
        """

    @abstractmethod
    def update_alert(self, record: AlertRecord) -> None:
        """Replace an alert that is held; its state stays as `set_alert_state` left it.

        Raises:
            NotFoundError: There is no such alert.
        """

    @abstractmethod
    def list_followed(self, endpoint: str | None = None, *, limit: int = 1000) -> list[AlertRecord]:
        """Alerts about which something is to be told still, oldest first.

        Those that are unresolved, and those that are resolved while somebody was told of them (`told`).
        """

    @abstractmethod
    def list_streaks(self, endpoint: str | None = None) -> list[StreakRecord]:
        """Findings of an endpoint, or of all, that are not yet enough for an alert."""

    @abstractmethod
    def put_streak(self, record: StreakRecord) -> None:
        """Write a streak, replacing that of the same endpoint, monitor, kind and subject.

        With 0 findings it is removed.
        """

    @abstractmethod
    def find_watch(self, endpoint: str, name: str) -> WatchRecord | None:
        """What the last check of a stream has left; None when there was none."""

    @abstractmethod
    def put_watch(self, record: WatchRecord) -> None:
        """Write what a check leaves, replacing that of the same endpoint and name."""

    @abstractmethod
    def purge_watches(self, before: datetime) -> int:
        """Remove what was left before a moment, and not since; how much that was."""

    @abstractmethod
    def append_decision(self, record: DecisionRecord) -> None:
        """Add a decision."""

    @abstractmethod
    def list_decisions(self, *, limit: int = 50) -> list[DecisionRecord]:
        """Decisions, newest first."""
