"""What a validation found to be broken, and what it could not judge, for reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from millwright.data.contracts.severity import Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """An expectation that does not hold.

    Attributes:
        reason: What was expected, or what is wrong; for people.
        severity: What it does.
        rows: How many rows break it; None for what is true of the table as a whole.
        found: What was found instead, for what is true of the table; empty otherwise.
    """

    reason: str
    severity: Severity
    rows: int | None = None
    found: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {"reason": self.reason, "severity": self.severity.value, "rows": self.rows, "found": self.found}

    def __str__(self) -> str:
        return f"{self.reason} ({f'{self.rows:,}' if self.rows is not None else self.found})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unjudged:
    """An expectation of the table as a whole that could not be judged, and so passed.

    Attributes:
        what: What was expected, for people.
        why: What was missing.
    """

    what: str
    why: str

    def as_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {"what": self.what, "why": self.why}

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"
