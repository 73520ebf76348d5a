"""What one worker has done beside runs, for the line that it ends with."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from millwright.evaluation.wording import counted

if TYPE_CHECKING:
    from millwright.core.events import Event

CHECKED, FOLDED = "checked", "folded"
# What is counted, with the words for it and what follows them, in the order in which it happens.
_WORDS = {
    FOLDED: ("prediction", "counted"),
    CHECKED: ("monitor", "checked"),
    "alert.raised": ("alert", "raised"),
    "alert.resolved": ("alert", "resolved"),
    "retraining.launched": ("retraining", "begun"),
    "retraining.skipped": ("retraining", "skipped"),
    "decision.made": ("decision", "made"),
}


class Account:
    """Counts from any thread. What the processes of runs do is told of the runs themselves."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, what: str, number: int = 1) -> None:
        """Add to a count: `CHECKED` monitors, `FOLDED` predictions, or the type of an event."""
        with self._lock:
            self._counts[what] += number

    def hear(self, event: Event) -> None:
        """Count an event that was published in this process."""
        if event.type in _WORDS:
            self.count(event.type)

    def told(self) -> str:
        """A sentence: `120 predictions counted, 2 monitors checked, 1 alert raised.`; empty when there is nothing."""
        with self._lock:
            parts = [
                f"{counted(self._counts[what], noun)} {done}"
                for what, (noun, done) in _WORDS.items()
                if self._counts[what]
            ]
        return f"{', '.join(parts)}." if parts else ""

    def to_json(self) -> dict[str, int]:
        """All counts by name, zeros included: `checked`, `folded`, `alerts_raised` and so on."""
        with self._lock:
            return {_name(what): self._counts[what] for what in _WORDS}


def _name(what: str) -> str:
    """`alerts_raised` for `alert.raised`."""
    thing, dot, done = what.partition(".")
    return f"{thing}s_{done}" if dot else what
