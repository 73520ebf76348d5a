"""How long a result may be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.records.pipeline import StepRunRecord


def is_fresh(record: StepRunRecord, ttl_s: float | None, now: datetime) -> bool:
    """Whether a recorded result is not older than a step's `cache_ttl` allows.

    Args:
        record: The step run that computed it, and not one that took it.
        ttl_s: Seconds; None for ever.
        now: The present moment.
    """
    return ttl_s is None or age_s(record, now) <= ttl_s


def age_s(record: StepRunRecord, now: datetime) -> float:
    """Seconds since a result was computed."""
    return (now - (record.ended_at or record.started_at)).total_seconds()


def duration_text(seconds: float) -> str:
    """Seconds as people say them, in one unit: `90 s`, `10 min`, `36 h`, `3 d`."""
    for unit, size, least in (("d", 86_400, 2), ("h", 3_600, 2), ("min", 60, 2)):
        if seconds >= least * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
