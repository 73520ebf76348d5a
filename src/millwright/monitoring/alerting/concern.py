"""Whose alerts a declared monitor's channels and action are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.records.monitor import AlertRecord


def concerns(alert: AlertRecord, monitor: str) -> bool:
    """Whether what a declared monitor says of alerts holds for one: its own, and those of no declared monitor.

    Args:
        alert: Of the monitor's endpoint.
        monitor: The declared monitor's name.
    """
    return alert.monitor in {"", monitor}
