"""Monitoring reports, alerts and decisions in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import NotFoundError, StateTransitionError
from millwright.core.records.monitor import (
    ALERT_TRANSITIONS,
    AlertRecord,
    AlertState,
    DecisionRecord,
    MonitorReportRecord,
    StreakRecord,
    WatchRecord,
)
from millwright.storage.backends.sql.monitor_table import (
    ALERT_STREAKS,
    ALERTS,
    CHECK_WATCHES,
    DECISIONS,
    MONITOR_REPORTS,
)
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.monitors import MonitorStore

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.ids import AlertId, ReportId
    from millwright.storage.backends.sql.database import Database

_REPORTS, _A, _STREAKS, _WATCHES = MONITOR_REPORTS.c, ALERTS.c, ALERT_STREAKS.c, CHECK_WATCHES.c


class SqlMonitorStore(MonitorStore):
    """See `MonitorStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reports = RecordRow(MonitorReportRecord, MONITOR_REPORTS)
        self._alerts = RecordRow(AlertRecord, ALERTS)
        self._streaks = RecordRow(StreakRecord, ALERT_STREAKS)
        self._decisions = RecordRow(DecisionRecord, DECISIONS)
        self._watches = RecordRow(WatchRecord, CHECK_WATCHES)
        insert = database.insert(CHECK_WATCHES)
        changed = {name: insert.excluded[name] for name in ("data", "updated_at")}
        self._put_watch = insert.on_conflict_do_update(index_elements=["endpoint", "name"], set_=changed)

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

    def list_reports(
        self, endpoint: str | None = None, *, monitor: str | None = None, limit: int = 50
    ) -> list[MonitorReportRecord]:
        """See `MonitorStore.list_reports`."""
        statement = sa.select(MONITOR_REPORTS).order_by(_REPORTS.created_at.desc(), _REPORTS.seq.desc()).limit(limit)
        if endpoint is not None:
            statement = statement.where(_REPORTS.endpoint == endpoint)
        if monitor is not None:
            statement = statement.where(_REPORTS.monitor == monitor)
        with self._database.read() as connection:
            return [self._reports.record(row) for row in connection.execute(statement)]

    def append_alert(self, record: AlertRecord) -> None:
        """See `MonitorStore.append_alert`."""
        with self._database.write() as connection:
            connection.execute(sa.insert(ALERTS), self._alert_values(record))

    def get_alert(self, alert_id: AlertId) -> AlertRecord:
        """See `MonitorStore.get_alert`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(ALERTS).where(ALERTS.c.id == alert_id)).first()
        if row is None:
            raise _no_alert(alert_id)
        return self._alerts.record(row)

    def set_alert_state(self, alert_id: AlertId, state: AlertState) -> AlertRecord:
        """See `MonitorStore.set_alert_state`."""
        with self._database.write() as connection:
            alert = self.hold_alert(alert_id)
            if state not in ALERT_TRANSITIONS[alert.state]:
                said = " already" if state is alert.state else f", and cannot become {state}"
                hint = "A resolved alert stays resolved; a new one is raised if the cause comes back."
                if alert.state is not AlertState.RESOLVED:
                    hint = f"When its cause is gone: mw alerts resolve {alert_id[-8:]}"
                raise StateTransitionError(f"The alert '{alert_id}' is {alert.state}{said}.", hint=hint)
            changed = replace(alert, state=state)
            connection.execute(sa.update(ALERTS).where(_A.id == alert_id), self._alert_values(changed))
        return changed

    def hold_alert(self, alert_id: AlertId) -> AlertRecord:
        """See `MonitorStore.hold_alert`."""
        with self._database.write() as connection:
            row = connection.execute(sa.select(ALERTS).where(_A.id == alert_id).with_for_update()).first()
        if row is None:
            raise _no_alert(alert_id)
        return self._alerts.record(row)

    def update_alert(self, record: AlertRecord) -> None:
        """See `MonitorStore.update_alert`."""
        with self._database.write() as connection:
            values = self._alert_values(replace(record, state=self.hold_alert(record.id).state))
            connection.execute(sa.update(ALERTS).where(_A.id == record.id), values)

    def list_alerts(
        self, endpoint: str | None = None, *, monitor: str | None = None, open_only: bool = False, limit: int = 50
    ) -> list[AlertRecord]:
        """See `MonitorStore.list_alerts`; an acknowledged alert is no longer open."""
        statement = sa.select(ALERTS).order_by(ALERTS.c.created_at.desc(), ALERTS.c.seq.desc()).limit(limit)
        if endpoint is not None:
            statement = statement.where(ALERTS.c.endpoint == endpoint)
        if monitor is not None:
            statement = statement.where(_A.monitor == monitor)
        if open_only:
            statement = statement.where(ALERTS.c.state == AlertState.OPEN.value)
        with self._database.read() as connection:
            return [self._alerts.record(row) for row in connection.execute(statement)]

    def list_followed(self, endpoint: str | None = None, *, limit: int = 1000) -> list[AlertRecord]:
        """See `MonitorStore.list_followed`."""
        statement = sa.select(ALERTS).where(_A.followed_at.is_not(None)).order_by(_A.followed_at, _A.seq).limit(limit)
        if endpoint is not None:
            statement = statement.where(_A.endpoint == endpoint)
        with self._database.read() as connection:
            return [self._alerts.record(row) for row in connection.execute(statement)]

    def list_streaks(self, endpoint: str | None = None) -> list[StreakRecord]:
        """See `MonitorStore.list_streaks`."""
        statement = sa.select(ALERT_STREAKS)
        if endpoint is not None:
            statement = statement.where(_STREAKS.endpoint == endpoint)
        statement = statement.order_by(_STREAKS.endpoint, _STREAKS.monitor, _STREAKS.kind, _STREAKS.subject)
        with self._database.read() as connection:
            return [self._streaks.record(row) for row in connection.execute(statement)]

    def put_streak(self, record: StreakRecord) -> None:
        """See `MonitorStore.put_streak`."""
        same = (
            _STREAKS.endpoint == record.endpoint,
            _STREAKS.monitor == record.monitor,
            _STREAKS.kind == record.kind,
            _STREAKS.subject == record.subject,
        )
        with self._database.write() as connection:
            connection.execute(sa.delete(ALERT_STREAKS).where(*same))
            if record.findings > 0:
                connection.execute(sa.insert(ALERT_STREAKS), self._streaks.values(record))

    def find_watch(self, endpoint: str, name: str) -> WatchRecord | None:
        """See `MonitorStore.find_watch`."""
        statement = sa.select(CHECK_WATCHES).where(_WATCHES.endpoint == endpoint, _WATCHES.name == name)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        return None if row is None else self._watches.record(row)

    def put_watch(self, record: WatchRecord) -> None:
        """See `MonitorStore.put_watch`."""
        with self._database.write() as connection:
            connection.execute(self._put_watch, self._watches.values(record))

    def purge_watches(self, before: datetime) -> int:
        """See `MonitorStore.purge_watches`."""
        with self._database.write() as connection:
            return connection.execute(sa.delete(CHECK_WATCHES).where(_WATCHES.updated_at < before)).rowcount

    def _alert_values(self, record: AlertRecord) -> dict[str, Any]:
        is_followed = record.state is not AlertState.RESOLVED or record.told
        return {**self._alerts.values(record), "followed_at": record.created_at if is_followed else None}

    def append_decision(self, record: DecisionRecord) -> None:
        """See `MonitorStore.append_decision`."""
        with self._database.write() as connection:
            connection.execute(sa.insert(DECISIONS), self._decisions.values(record))

    def list_decisions(self, *, limit: int = 50) -> list[DecisionRecord]:
        """See `MonitorStore.list_decisions`."""
        statement = sa.select(DECISIONS).order_by(DECISIONS.c.at.desc(), DECISIONS.c.seq.desc()).limit(limit)
        with self._database.read() as connection:
            return [self._decisions.record(row) for row in connection.execute(statement)]


def _no_alert(alert_id: AlertId) -> NotFoundError:
    return NotFoundError(f"There is no alert with the id '{alert_id}'.", hint="List them with: mw alerts list")
