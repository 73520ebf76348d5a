"""By what past windows are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from millwright.core.records.model import ModelVersionRecord
from millwright.monitoring.reference import Reference
from millwright.monitoring.settings import MonitorSettings

MOST_REPORTS = 100_000  # of an endpoint, that are looked through for those of the same windows


@dataclass(frozen=True, kw_only=True, slots=True)
class Judging:
    """How past windows are judged: by default as a check of each would, without a declared monitor.

    Attributes:
        settings: How to judge.
        reference: Tells, by the version that answered, what is compared with in place of what it was made with.
        declared: The monitor by which it is judged, as JSON values, its `name` among them; stands in the reports.
        last: At most so many of the newest rows of each window.
        version: Only rows of this version.
    """

    settings: MonitorSettings | None = None
    reference: Callable[[ModelVersionRecord], Reference | None] | None = None
    declared: Mapping[str, Any] | None = None
    last: int | None = None
    version: int | None = None

    @property
    def monitor(self) -> str:
        """The name of the declared monitor; empty without one."""
        return str((self.declared or {}).get("name", ""))
