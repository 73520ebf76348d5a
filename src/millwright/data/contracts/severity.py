"""What happens when something that a contract expects does not hold."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """What a broken expectation does; from the mildest to the hardest."""

    WARN = "warn"  # it is reported; rows pass as they are
    QUARANTINE = "quarantine"  # the rows that break it are set aside; not for what is true of a table as a whole
    STOP = "stop"  # the table is refused; rows that break it are set aside, so that they can be looked at

    @property
    def rank(self) -> int:
        """0 for the mildest; a higher one is harder."""
        return tuple(Severity).index(self)
