"""Schedules made, paused and removed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from millwright.automation.schedules.cron import check_cron, next_time, times_until
from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from millwright.core.records.schedule import ActiveState, CatchUp, LaunchTarget, ScheduleRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.storage.catalog import Stores

# Fields of records, and what people are told of them. That the kept code is newer is told to nobody: it always is.
TARGET_WORDS = {"project_dir": "folder", "params": "parameters", "priority": "priority"}
_TIMES = {"cron": "times", "tz": "time zone"}
_CATCH_UP = {"catch_up": "way to catch up", "catch_up_limit": "limit to catch up"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleDraft:
    """What a schedule is to be.

    Attributes:
        target: What is run.
        cron: When.
        tz: In which time zone.
        name: The pipeline's name when empty.
        catch_up: What becomes of missed times.
        catch_up_limit: Most missed times that are made up for at once, ≥ 1.
    """

    target: LaunchTarget
    cron: str
    tz: str = "UTC"
    name: str = ""
    catch_up: CatchUp = CatchUp.LAST
    catch_up_limit: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class PutSchedule:
    """A schedule that was made or brought up to date.

    Attributes:
        record: As it is stored.
        changed: In words, what differed of the one that was there; None when there was none.
    """

    record: ScheduleRecord
    changed: tuple[str, ...] | None


class Schedules:
    """The schedules of a workspace, changed in somebody's name.

    Args:
        stores: Schedules and audit log.
        clock: The time.
        actor: Who acts.
    """

    def __init__(self, *, stores: Stores, clock: Clock, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._actor = actor

    def add(self, draft: ScheduleDraft) -> ScheduleRecord:
        """Make a schedule; its first time is the next one from now.

        Raises:
            AlreadyExistsError: The name is taken.
            InvalidInputError: The expression, the time zone, the name or the limit is none.
        """
        record = self._drafted(draft)
        with self._stores.transactions.transaction():
            self._stores.schedules.create(record)
            details = {"cron": record.cron, "tz": record.tz, "pipeline": record.target.pipeline}
            self._note("schedule.add", record, details)
        return record

    def put(self, draft: ScheduleDraft) -> PutSchedule:
        """Make a schedule, or bring the one of that name up to date; how far it has come stays, and so does a pause.

        Raises:
            AlreadyExistsError: The name is that of another pipeline's schedule.
            InvalidInputError: The expression, the time zone, the name or the limit is none.
        """
        wanted = self._drafted(draft)
        with self._stores.transactions.transaction():
            try:
                known = self._stores.schedules.get(wanted.name)
            except NotFoundError:
                return PutSchedule(record=self.add(draft), changed=None)
            check_same_pipeline(
                known.target, wanted.target, f"schedule '{known.name}'", f"schedules remove {known.name}"
            )
            changed = (
                *differing(known, wanted, _TIMES),
                *differing(known, wanted, _CATCH_UP),
                *differing(known.target, wanted.target, TARGET_WORDS),
            )
            new_times = bool(differing(known, wanted, _TIMES))
            record = replace(
                known,
                target=wanted.target,
                cron=wanted.cron,
                tz=wanted.tz,
                catch_up=wanted.catch_up,
                catch_up_limit=wanted.catch_up_limit,
                next_at=wanted.next_at if new_times else known.next_at,
            )
            if record != known:
                self._stores.schedules.update(record)
                self._note("schedule.change", record, {"changed": [*changed] or ["code"]})
        return PutSchedule(record=record, changed=changed)

    def _drafted(self, draft: ScheduleDraft) -> ScheduleRecord:
        name = draft.name or draft.target.name
        check_name(name, "schedule")
        if draft.catch_up_limit < 1:
            raise InvalidInputError(f"Expected a limit of 1 or more missed times, found {draft.catch_up_limit}.")
        cron, now = check_cron(draft.cron, draft.tz), self._clock.now()
        return ScheduleRecord(
            name=name,
            target=draft.target,
            cron=cron,
            tz=draft.tz,
            catch_up=draft.catch_up,
            catch_up_limit=draft.catch_up_limit,
            created_at=now,
            created_by=self._actor,
            next_at=next_time(cron, draft.tz, now),
        )

    def pause(self, name: str) -> ScheduleRecord:
        """Start nothing from now on.

        Raises:
            NotFoundError: There is none of that name.
        """
        return self._change("schedule.pause", name, state=ActiveState.PAUSED)

    def resume(self, name: str) -> ScheduleRecord:
        """Go on with the next time from now; times that passed meanwhile are left out.

        Raises:
            NotFoundError: There is none of that name.
        """
        known = self._stores.schedules.get(name)
        if known.state is ActiveState.ACTIVE:
            return known
        following = next_time(known.cron, known.tz, self._clock.now())
        return self._change("schedule.resume", name, state=ActiveState.ACTIVE, next_at=following)

    def remove(self, name: str) -> ScheduleRecord:
        """Forget a schedule; runs that it started stay.

        Raises:
            NotFoundError: There is none of that name.
        """
        with self._stores.transactions.transaction():
            record = self._stores.schedules.get(name)
            self._stores.schedules.delete(name)
            self._note("schedule.remove", record, {"cron": record.cron, "tz": record.tz})
        return record

    def upcoming(self, record: ScheduleRecord, count: int) -> list[datetime]:
        """The next times of a schedule, in UTC; none while it is paused."""
        found: list[datetime] = []
        moment = record.next_at if record.state is ActiveState.ACTIVE else None
        while moment is not None and len(found) < count:
            found.append(moment)
            moment = next_time(record.cron, record.tz, moment)
        return found

    def missed(self, record: ScheduleRecord) -> list[datetime]:
        """Times that have come and that no worker has seen yet, the newest of them at most `catch_up_limit`."""
        if record.next_at is None or record.state is ActiveState.PAUSED:
            return []
        now = self._clock.now()
        return times_until(record.cron, record.tz, record.next_at, now, most=record.catch_up_limit)

    def _change(self, action: str, name: str, **changes: Any) -> ScheduleRecord:
        with self._stores.transactions.transaction():
            record = replace(self._stores.schedules.get(name), **changes)
            self._stores.schedules.update(record)
            self._note(action, record, {})
        return record

    def _note(self, action: str, record: ScheduleRecord, details: Mapping[str, Any]) -> None:
        self._stores.audit.append(
            at=self._clock.now(), actor=self._actor, action=action, subject=f"schedule:{record.name}", details=details
        )


def check_name(name: str, what: str) -> None:
    """Refuse a name that is none.

    Raises:
        InvalidInputError: It holds other characters than names do.
    """
    if not NAME.fullmatch(name):
        raise InvalidInputError(
            f"Expected the name of a {what}, found {name[:60]!r}.",
            hint="Use up to 100 letters, digits, dots, @, - and _; give one with --name.",
        )


def differing(known: object, wanted: object, words: Mapping[str, str]) -> tuple[str, ...]:
    """Which of some fields differ between two records, in words."""
    return tuple(word for name, word in words.items() if getattr(known, name) != getattr(wanted, name))


def check_same_pipeline(known: LaunchTarget, wanted: LaunchTarget, what: str, remove: str) -> None:
    """Refuse a name that stands for another pipeline.

    Raises:
        AlreadyExistsError: It does.
    """
    if known.pipeline != wanted.pipeline:
        raise AlreadyExistsError(
            f"There is a {what} already, of the pipeline {known.pipeline}, and it was given for {wanted.pipeline}.",
            hint=f"Remove it first to make it anew: mw {remove}",
        )
