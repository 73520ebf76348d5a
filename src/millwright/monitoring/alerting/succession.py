"""Alerts about what a version saw and answered, once another version answers in its place.

No check will find or miss their cause again: what is checked from then on is the other version, against a reference of
its own. What is still wrong is found anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.monitoring.finding import AlertKind

if TYPE_CHECKING:
    from millwright.core.records.monitor import AlertRecord
    from millwright.storage.base import MonitorStore

# Whichever version answers, it is the endpoint's traffic, its server and its watch that these are about.
_OF_ENDPOINT = frozenset(
    {
        AlertKind.VOLUME,
        AlertKind.FRESHNESS,
        AlertKind.OPERATIONS,
        AlertKind.RETRAINING_FAILED,
        AlertKind.CHECK_FAILED,
    }
)


def succession(alert: AlertRecord, answers: str, monitors: MonitorStore) -> str | None:
    """Why an alert is over, in a sentence for its record: another version answers than the one that it is about.

    Args:
        alert: An unresolved one.
        answers: `name@version` of the version that answers.
        monitors: Where the report is in which it was found last.

    Returns:
        None while it may stand: its version answers, it is about none, or the report is gone that would tell.
    """
    report_id = alert.last_report_id or alert.report_id
    if alert.kind in _OF_ENDPOINT or report_id is None:
        return None
    try:
        report = monitors.get_report(report_id)
    except NotFoundError:
        return None
    about = f"{report.model}@{report.version}"
    return f"It is about {about}, and {answers} answers now." if about != answers else None
