"""Adds and ends silences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError, closest
from millwright.core.events import Event
from millwright.core.ids import SilenceId, new_id
from millwright.core.records.monitor import Severity
from millwright.core.records.notification import SilenceRecord
from millwright.monitoring.alerting.endpoint import require_fitting, require_fitting_monitor
from millwright.monitoring.finding import AlertKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.storage.catalog import Stores


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceDraft:
    """What is to become a silence; see `SilenceRecord`.

    Attributes:
        lasts: From now on.
        endpoint: Which ones, with `*` and `?`; empty for all.
        monitor: Of which declared monitors, with `*` and `?`; empty for all.
        kind: One of `AlertKind`, or empty for all.
        ahead: Whether it is for an endpoint or a monitor that is not there yet.
    """

    lasts: timedelta
    reason: str
    endpoint: str = ""
    kind: str = ""
    severity: Severity | None = None
    ahead: bool = False
    monitor: str = ""


class Silences:
    """Changes silences, each change with its audit entry and its event in one transaction.

    Args:
        stores: Where they are kept.
        clock: The time of each change.
        events: Hears `silence.added` and `silence.ended`.
        actor: Who changes them.
        declared: Endpoints by name of the monitor that the project declares for them.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        actor: str,
        declared: Mapping[str, str] | None = None,
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._events = events
        self._actor = actor
        self._declared = declared or {}

    def add(self, draft: SilenceDraft) -> SilenceRecord:
        """Add a silence; it holds from now on.

        Raises:
            InvalidInputError: It lasts no time or longer than the calendar, says not why, or names a kind of alert, an
                endpoint or a monitor that there is not.
        """
        if draft.lasts.total_seconds() <= 0:
            raise InvalidInputError(
                f"Expected a silence that lasts some time, found {draft.lasts.total_seconds():g} seconds.",
                hint="Such as 2h.",
            )
        if not draft.reason.strip():
            raise InvalidInputError("Expected a reason for the silence, found none.", hint="Others will ask why.")
        kinds = [kind.value for kind in AlertKind]
        if draft.kind and draft.kind not in kinds:
            hint = closest(draft.kind, kinds) or f"Known: {', '.join(kinds)}."
            raise InvalidInputError(f"There is no kind of alert '{draft.kind}'.", hint=hint)
        if draft.endpoint and not draft.ahead:
            require_fitting(self._stores, draft.endpoint)
        if draft.monitor and not draft.ahead:
            require_fitting_monitor(self._stores, draft.monitor, endpoint=draft.endpoint, declared=self._declared)
        now = self._clock.now()
        try:
            ends_at = now + draft.lasts
        except OverflowError:
            raise InvalidInputError(
                f"Expected a silence that ends before the year 10000, found one of {draft.lasts.days:,} days."
            ) from None
        record = SilenceRecord(
            id=SilenceId(new_id(int(now.timestamp() * 1000))),
            starts_at=now,
            ends_at=ends_at,
            created_by=self._actor,
            reason=draft.reason.strip(),
            endpoint=draft.endpoint,
            monitor=draft.monitor,
            kind=draft.kind,
            severity=draft.severity,
        )
        with self._stores.transactions.transaction():
            self._stores.notifications.create_silence(record)
            self._note("add", "added", record)
        return record

    def end(self, named: str) -> SilenceRecord:
        """Let a silence end now; what is still unresolved under it is told.

        Args:
            named: Its id, or the end of it.

        Raises:
            NotFoundError: There is none.
            ConflictError: There are several.
            StateTransitionError: It has ended.
        """
        known = self._stores.notifications.list_silences()
        found = [each for each in known if named and each.id.endswith(named)]
        if not found:
            raise NotFoundError(f"There is no silence '{named}'.", hint="List them: mw alerts silences.")
        if len(found) > 1:
            raise ConflictError(
                f"{len(found)} silences end in '{named}'.", hint=f"Name one by its id, such as {found[0].id}."
            )
        with self._stores.transactions.transaction():
            ended = self._stores.notifications.end_silence(found[0].id, at=self._clock.now(), by=self._actor)
            self._note("end", "ended", ended)
        return ended

    def _note(self, action: str, event: str, silence: SilenceRecord) -> None:
        now = self._clock.now()
        told: dict[str, Any] = {
            "silence_id": silence.id,
            "endpoint": silence.endpoint,
            "monitor": silence.monitor,
            "kind": silence.kind,
            "severity": silence.severity.value if silence.severity else "",
            "until": silence.ends_at.isoformat(),
            "reason": silence.reason,
        }
        subject = f"silence:{silence.id}"
        self._stores.audit.append(at=now, actor=self._actor, action=f"silence.{action}", subject=subject, details=told)
        made = Event(type=f"silence.{event}", subject=silence.id, at=now, data=told | {"by": self._actor})
        self._events.publish(made, self._stores.transactions)
