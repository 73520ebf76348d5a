"""A report of an earlier check, as it is drawn over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from millwright.core.records.monitor import MonitorReportRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class PastReport:
    """A report with what of its full JSON is drawn over time.

    Attributes:
        report: The report.
        document: Its full JSON; empty when it was removed: then without intervals, and without what was expected.
    """

    report: MonitorReportRecord
    document: Mapping[str, Any] = field(default_factory=dict)
