"""Declared monitors that cannot be checked: one that looks at nothing must not look like one that finds nothing.

What is told of a monitor ends with a check that succeeds, or with the monitor (`departure`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from millwright.core.errors import StateTransitionError
from millwright.core.records.monitor import Severity
from millwright.monitoring.alert import unresolved_alerts
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.automation.monitors.declaration import Declaration
    from millwright.core.clock import Clock
    from millwright.core.errors import MillwrightError
    from millwright.core.records.monitor import AlertRecord
    from millwright.monitoring.alert import AlertDesk
    from millwright.storage.base import MonitorStore
    from millwright.storage.catalog import Stores

FAIL = "monitor.fail"


def failed_check(monitors: MonitorStore, declared: Declaration) -> AlertRecord | None:
    """The unresolved alert which says that a monitor cannot be checked; None while it can."""
    return next(
        (
            alert
            for alert in unresolved_alerts(monitors, declared.endpoint, monitor=declared.name)
            if alert.kind == AlertKind.CHECK_FAILED
        ),
        None,
    )


class FailedChecks:
    """Raises an alert of the kind `check_failed` for a monitor that cannot be checked, and ends it once it was checked.

    Args:
        stores: Alerts and the audit log.
        clock: The time.
        desk: Raises and resolves alerts.
        actor: Who checks, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, desk: AlertDesk, actor: str = "monitor") -> None:
        self._stores = stores
        self._clock = clock
        self._desk = desk
        self._actor = actor

    def tell(self, declared: Declaration, error: MillwrightError) -> None:
        """Say that a check came to nothing, and why; what stands already is counted."""
        severities = declared.settings.severities
        finding = Finding(
            kind=AlertKind.CHECK_FAILED,
            severity=severities.get(AlertKind.CHECK_FAILED, Severity.WARNING),
            message=f"The monitor '{declared.name}' cannot be checked, so nothing is watched by it: {error}",
            evidence={"monitor": declared.name, "digest": str(declared.digest), "error": error.as_dict()["error"]},
            subject=declared.name,
        )
        with self._stores.transactions.transaction():
            self._stores.audit.append(
                at=self._clock.now(),
                actor=self._actor,
                action=FAIL,
                subject=f"endpoint:{declared.endpoint}",
                details={
                    "monitor": declared.asking,
                    "code": error.code,
                    "message": str(error),
                },
            )
            self._desk.record(finding, endpoint=declared.endpoint, report_id=None, monitor=declared.name)

    def end(self, declared: Declaration) -> None:
        """Resolve what stands: the monitor was checked."""
        standing = failed_check(self._stores.monitors, declared)
        if standing is not None:
            with suppress(StateTransitionError):  # somebody resolved it at this moment
                self._desk.resolve(standing.id, reason="It was checked again.")
