"""Monitoring reports, alerts and decisions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.ids import AlertId, ReportId
    from millwright.core.records.monitor import AlertRecord, AlertState, DecisionRecord, MonitorReportRecord


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
    def list_reports(self, endpoint: str | None = None, *, limit: int = 50) -> list[MonitorReportRecord]:
        """Reports, newest first."""

    @abstractmethod
    def append_alert(self, record: AlertRecord) -> None:
        """Add an alert."""

    @abstractmethod
    def set_alert_state(self, alert_id: AlertId, state: AlertState) -> AlertRecord:
        """Change an alert's state.

        Raises:
            NotFoundError: There is no such alert.
            StateTransitionError: The state cannot follow the present one.
        """

    @abstractmethod
    def list_alerts(
        self, endpoint: str | None = None, *, open_only: bool = False, limit: int = 50
    ) -> list[AlertRecord]:
        """Alerts, newest first."""

    @abstractmethod
    def append_decision(self, record: DecisionRecord) -> None:
        """Add a decision."""

    @abstractmethod
    def list_decisions(self, *, limit: int = 50) -> list[DecisionRecord]:
        """Decisions, newest first."""
