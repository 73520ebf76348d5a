"""One declared monitor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.digest import digest_json
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.window import Window

if TYPE_CHECKING:
    from millwright.core.ids import Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration:
    """What is watched, how often, and how it is judged.

    Attributes:
        name: Unique in the project.
        endpoint: Which endpoint.
        every: How often it is checked.
        enabled: Whether it is.
        window: Predictions of so long; all since the version that answers took over when None.
        rows: At most so many of the newest predictions.
        version: Only this version's.
        reference: What they are compared with: `training`, `held_out`, or a dataset's version.
        settings: How they are judged.
        content: As the project file says it, JSON values; what is not said is as by default.
    """

    name: str
    endpoint: str
    every: timedelta = timedelta(hours=1)
    enabled: bool = True
    window: timedelta | None = None
    rows: int | None = None
    version: int | None = None
    reference: str = "training"
    settings: MonitorSettings = field(default_factory=MonitorSettings)
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> Digest:
        """Of its content: two that say the same have the same."""
        return digest_json({"name": self.name, "declared": dict(self.content)})

    @property
    def asking(self) -> dict[str, str]:
        """Who asks for a check: what reports, alerts and the audit log say of it."""
        return {"name": self.name, "digest": str(self.digest)}

    def window_at(self, now: datetime) -> Window:
        """The window that a check at this moment looks at."""
        start = now - self.window if self.window is not None else None
        return Window(start=start, last=self.rows, version=self.version)
