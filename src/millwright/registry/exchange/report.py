"""What became of a transfer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

COUNTED = ("experiments", "runs", "points", "files", "bytes", "logged_models", "models", "versions", "aliases")
_WRITTEN = COUNTED[:-1]  # an alias that is set again is the same


@dataclass(kw_only=True, slots=True)
class TransferReport:
    """Counts, by kind of thing; see `COUNTED`.

    Attributes:
        seen: What the source has.
        carried: What was written by this transfer.
        present: Runs that were there already, whole.
        left_out: What cannot be carried, and why: artifacts that the source may not read, damaged runs.
        differences: What was carried and is not equal at the target.
    """

    source: str
    target: str
    seen: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    carried: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_WRITTEN, 0))
    present: int = 0
    verified: int = 0
    left_out: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the target has all of it, unchanged; what was left out was said."""
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        names = ("source", "target", "seen", "carried", "present", "verified", "left_out", "differences")
        return {"ok": self.ok, **{name: getattr(self, name) for name in names}}


def not_carried(number: int, what: str) -> str:
    """That things of a kind (a plural in `s`) stay behind."""
    return f"{number:,} {what.removesuffix('s') if number == 1 else what}: not carried"
