"""Monitoring reports, alerts and decisions in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.core.errors import NotFoundError, StateTransitionError
from millwright.core.records.monitor import (
    ALERT_TRANSITIONS,
    AlertRecord,
    AlertState,
    DecisionRecord,
    MonitorReportRecord,
)
from millwright.storage.backends.sql.monitor_table import ALERTS, DECISIONS, MONITOR_REPORTS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.monitors import MonitorStore

if TYPE_CHECKING:
    from millwright.core.ids import AlertId, ReportId
    from millwright.storage.backends.sql.database import Database

_REPORTS = MONITOR_REPORTS.c


class SqlMonitorStore(MonitorStore):
    """See `MonitorStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reports = RecordRow(MonitorReportRecord, MONITOR_REPORTS)
        self._alerts = RecordRow(AlertRecord, ALERTS)
        self._decisions = RecordRow(DecisionRecord, DECISIONS)

    def append_report(self, record: MonitorReportRecord) -> None:
        """See `MonitorStore.append_report`."""
        with self._database.write() as connection:
            connection.execute(sa.insert(MONITOR_REPORTS), self._reports.values(record))

    def get_report(self, report_id: ReportId) -> MonitorReportRecord:
        """See `MonitorStore.get_report`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(MONITOR_REPORTS).where(_REPORTS.id == report_id)).first()
        if row is None:
            raise NotFoundError(f"There is no report with the id '{report_id}'.", hint="List them with: mw monitor")
        return self._reports.record(row)

    def list_reports(self, endpoint: str | None = None, *, limit: int = 50) -> list[MonitorReportRecord]:
        """See `MonitorStore.list_reports`."""
        statement = sa.select(MONITOR_REPORTS).order_by(_REPORTS.created_at.desc(), _REPORTS.seq.desc()).limit(limit)
        if endpoint is not None:
            statement = statement.where(_REPORTS.endpoint == endpoint)
        with self._database.read() as connection:
            return [self._reports.record(row) for row in connection.execute(statement)]

    def append_alert(self, record: AlertRecord) -> None:
        """See `MonitorStore.append_alert`."""
        with self._database.write() as connection:
            connection.execute(sa.insert(ALERTS), self._alerts.values(record))

    def set_alert_state(self, alert_id: AlertId, state: AlertState) -> AlertRecord:
        """See `MonitorStore.set_alert_state`."""
        with self._database.write() as connection:
            row = connection.execute(sa.select(ALERTS).where(ALERTS.c.id == alert_id).with_for_update()).first()
            if row is None:
                raise NotFoundError(f"There is no alert with the id '{alert_id}'.", hint="List them with: mw monitor")
            alert = self._alerts.record(row)
            if state not in ALERT_TRANSITIONS[alert.state]:
                raise StateTransitionError(
                    f"The alert '{alert_id}' is {alert.state}, and cannot become {state}.",
                    hint="A resolved alert stays resolved; a new one is raised if the cause comes back.",
                )
            connection.execute(sa.update(ALERTS).where(ALERTS.c.id == alert_id), {"state": state.value})
        return replace(alert, state=state)

    def list_alerts(
        self, endpoint: str | None = None, *, open_only: bool = False, limit: int = 50
    ) -> list[AlertRecord]:
        """See `MonitorStore.list_alerts`; an acknowledged alert is no longer open."""
        statement = sa.select(ALERTS).order_by(ALERTS.c.created_at.desc(), ALERTS.c.seq.desc()).limit(limit)
        if endpoint is not None:
            statement = statement.where(ALERTS.c.endpoint == endpoint)
        if open_only:
            statement = statement.where(ALERTS.c.state == AlertState.OPEN.value)
        with self._database.read() as connection:
            return [self._alerts.record(row) for row in connection.execute(statement)]

    def append_decision(self, record: DecisionRecord) -> None:
        """See `MonitorStore.append_decision`."""
        with self._database.write() as connection:
            connection.execute(sa.insert(DECISIONS), self._decisions.values(record))

    def list_decisions(self, *, limit: int = 50) -> list[DecisionRecord]:
        """See `MonitorStore.list_decisions`."""
        statement = sa.select(DECISIONS).order_by(DECISIONS.c.at.desc(), DECISIONS.c.seq.desc()).limit(limit)
        with self._database.read() as connection:
            return [self._decisions.record(row) for row in connection.execute(statement)]
