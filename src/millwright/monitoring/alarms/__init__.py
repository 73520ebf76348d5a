"""What of a comparison is worth an alert: one module per kind of alert, each with one function of the same form."""

from __future__ import annotations

from millwright.monitoring.alarms.catalog import find_alarms, judged_kinds

__all__ = ["find_alarms", "judged_kinds"]
