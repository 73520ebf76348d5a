"""Checks the declared monitors that are due."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.errors import MillwrightError, StorageError
from millwright.core.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from millwright.automation.monitors.declaration import Declaration
    from millwright.automation.monitors.failure import FailedChecks
    from millwright.core.clock import Clock
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.monitoring.reference import Reference
    from millwright.monitoring.settings import MonitorSettings
    from millwright.monitoring.window import Window
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)


class Checker(Protocol):
    """Checks a window of an endpoint; `monitoring.monitor.Monitor` is one."""

    def check(
        self,
        endpoint: str,
        *,
        window: Window | None = None,
        settings: MonitorSettings | None = None,
        reference: Reference | None = None,
        declared: Mapping[str, Any] | None = None,
    ) -> MonitorReportRecord:
        """Check it, and write what was found."""
        ...


class MonitorRound:
    """Checks each declared monitor once per interval, whichever worker looks first.

    An interval begins with a check, as a lease that nobody gives back: a worker that dies in a check, or a check that
    fails, waits for the next interval, and restarts do not check more often. A changed declaration is due at once.

    Args:
        stores: Endpoints, the prediction log, leases.
        clock: The time.
        checker: Does it.
        reference_of: What a declaration compares with; None for the version's own reference.
        failures: Told when a check fails, and when one succeeds; the log alone when None.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        checker: Checker,
        reference_of: Callable[[Declaration], Reference | None],
        failures: FailedChecks | None = None,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._checker = checker
        self._reference_of = reference_of
        self._failures = failures

    def check_due(self, declared: Sequence[Declaration]) -> list[MonitorReportRecord]:
        """Check those that are due.

        Returns:
            Their reports; those of endpoints that nobody has asked yet, and those that cannot be checked, have none.
        """
        reports = []
        for each in declared:
            if not each.enabled or not self._is_mine(each):
                continue
            try:
                report = self.check(each)
            except MillwrightError as error:  # nothing that the other monitors have to wait for
                logger.warning("The monitor '%s' could not be checked: %s", each.name, error)
                if self._failures is not None and not isinstance(error, StorageError):
                    self._failures.tell(each, error)
                continue
            if self._failures is not None:
                self._failures.end(each)
            reports.append(report)
        return reports

    def check(self, declared: Declaration) -> MonitorReportRecord:
        """Check one now, due or not.

        Raises:
            NotFoundError: There is no such endpoint, or nothing to compare its predictions with.
        """
        return self._checker.check(
            declared.endpoint,
            window=declared.window_at(self._clock.now()),
            settings=declared.settings,
            reference=self._reference_of(declared),
            declared=declared.asking,
        )

    def _is_mine(self, declared: Declaration) -> bool:
        now, leases = self._clock.now(), self._stores.leases
        if self._stores.endpoints.find(declared.endpoint) is None:  # its first check comes when it is there
            return False
        lease = f"monitor:{declared.name}:{declared.digest[:12]}"
        if leases.holder(lease, now=now) is not None:  # most looks: nothing is written then
            return False
        return leases.acquire(lease, new_id(), now=now, until=now + declared.every)
