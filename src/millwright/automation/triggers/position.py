"""How far a trigger on alerts has looked.

Alerts have no common number: one of a slow transaction may appear behind one with a later moment. So a window of the
last minutes is looked through again each time, with the ids that were seen in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.monitor import AlertRecord

WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertPosition:
    """What was seen.

    Attributes:
        at: Alerts that were raised before this moment, less the window, count as seen.
        seen: Ids within the window.
    """

    at: datetime
    seen: frozenset[str] = frozenset()

    @classmethod
    def read(cls, text: str) -> AlertPosition:
        """A position as `text` gives it."""
        stored = json.loads(text)
        return cls(at=datetime.fromisoformat(stored["at"]), seen=frozenset(stored["seen"]))

    def text(self) -> str:
        """The position as text; the same for the same."""
        return json.dumps({"at": self.at.isoformat(), "seen": sorted(self.seen)}, separators=(",", ":"))

    def unseen(self, alerts: Sequence[AlertRecord]) -> list[AlertRecord]:
        """The alerts that are new, in the order given."""
        since = self.at - WINDOW
        return [alert for alert in alerts if alert.created_at > since and alert.id not in self.seen]

    def after(self, alerts: Sequence[AlertRecord]) -> AlertPosition:
        """The position once these have been seen, too."""
        at = max([self.at, *(alert.created_at for alert in alerts)])
        kept = {alert.id for alert in alerts if alert.created_at > at - WINDOW}
        return AlertPosition(at=at, seen=frozenset(kept))
