"""What the audit log holds of a model's retrainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from millwright.core.ids import PipelineRunId
from millwright.core.records.audit import AuditEvent

if TYPE_CHECKING:
    from millwright.storage.base import AuditStore

LAUNCH = "retraining.launch"  # counts as a run
DECIDE = "retraining.decide"  # one ended, or what it left open was settled
SKIP = "retraining.skip"  # none was begun, and why
_FAR_BACK = 1000  # entries of one model that are looked through: far more than a month's


def subject_of(model: str) -> str:
    """What a model's retrainings are filed under."""
    return f"retraining:{model}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """A model's retrainings, as far back as limits reach.

    Attributes:
        launches: When each was begun, newest first.
        runs: The pipeline runs that are known, newest first, with the moment of their entry.
        last_at: When the last one was begun or ended; None when there was none.
        open: The entry of the last one that was begun and did not end; None when there is none.
        pending: The last decision, when it left something open (`waiting`, `canary`); None otherwise.
        failed: The decision on the last one, when it failed; None otherwise.
        failed_alerts: Those that it was to answer.
        skips: What was not begun since the last one: cause and reason, with the moment that was written down last.
        seq: Number of the last entry of one that was begun or ended; 0 when there is none.
    """

    launches: Sequence[datetime] = ()
    runs: Mapping[PipelineRunId, datetime] = field(default_factory=dict)
    last_at: datetime | None = None
    open: AuditEvent | None = None
    pending: AuditEvent | None = None
    failed: AuditEvent | None = None
    failed_alerts: Sequence[str] = ()
    skips: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    seq: int = 0


def read_ledger(audit: AuditStore, model: str) -> Ledger:
    """A model's ledger."""
    entries = audit.list(subject=subject_of(model), limit=_FAR_BACK)
    done = [entry for entry in entries if entry.action != SKIP]
    last = done[0] if done else None
    ended = last if last is not None and last.action == DECIDE else None
    outcome = ended.details.get("outcome") if ended else None
    runs: dict[PipelineRunId, Any] = {}
    for entry in done:
        if entry.details.get("run"):
            runs.setdefault(PipelineRunId(entry.details["run"]), entry.at)
    skips: dict[tuple[str, str], datetime] = {}
    for entry in entries:
        if entry.action == SKIP and (last is None or entry.seq > last.seq):
            skips.setdefault((str(entry.details.get("cause")), str(entry.details.get("because"))), entry.at)
    return Ledger(
        launches=[entry.at for entry in done if entry.action == LAUNCH],
        runs=runs,
        last_at=last.at if last else None,
        open=last if last is not None and last.action == LAUNCH else None,
        pending=ended if outcome in {"waiting", "canary"} else None,
        failed=ended if outcome == "failed" else None,
        failed_alerts=tuple(ended.details.get("alerts", ())) if ended and outcome == "failed" else (),
        skips=skips,
        seq=last.seq if last else 0,
    )
