"""Retrainings that began by themselves and failed: nobody looks at a terminal, so an alert of their own says so."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from millwright.core.errors import StateTransitionError
from millwright.core.records.monitor import AlertState
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from millwright.core.records.monitor import AlertRecord, Severity
    from millwright.monitoring.alert import AlertDesk
    from millwright.storage.base import MonitorStore


def failed_retrainings(monitors: MonitorStore, model: str) -> list[AlertRecord]:
    """The unresolved alerts which say that a retraining of a model failed, of whichever endpoint."""
    return [
        alert
        for alert in monitors.list_followed()
        if (alert.kind, alert.subject) == (AlertKind.RETRAINING_FAILED, model)
        and alert.state is not AlertState.RESOLVED
    ]


class FailedRetrainings:
    """Raises an alert of the kind `retraining_failed`, and ends it with the next retraining of the model that succeeds.

    Call it inside the transaction of the decision, after the audit log was written.

    Args:
        monitors: Where alerts are.
        desk: Raises and resolves them.
    """

    def __init__(self, monitors: MonitorStore, desk: AlertDesk) -> None:
        self._monitors = monitors
        self._desk = desk

    def tell(self, endpoint: str, model: str, why: str, *, severity: Severity, evidence: Mapping[str, Any]) -> None:
        """Say that a retraining failed, and why; what stands already is counted.

        Args:
            endpoint: Whose channels are told.
            model: What was to be trained.
            why: In sentences.
            severity: Of the alert.
            evidence: JSON values.
        """
        finding = Finding(
            kind=AlertKind.RETRAINING_FAILED,
            severity=severity,
            message=f"A retraining of {model} failed: {why}",
            evidence=evidence,
            subject=model,
        )
        self._desk.record(finding, endpoint=endpoint, report_id=None)

    def end(self, model: str, reason: str) -> None:
        """Resolve what stands: a retraining of the model has succeeded, whatever became of its version."""
        for alert in failed_retrainings(self._monitors, model):
            with suppress(StateTransitionError):  # somebody resolved it at this moment
                self._desk.resolve(alert.id, reason=reason)
