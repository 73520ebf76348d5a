"""Triggers made, paused and removed."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from millwright.automation.schedules.schedules import TARGET_WORDS, check_name, check_same_pipeline, differing
from millwright.automation.triggers.position import AlertPosition
from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError, closest
from millwright.core.ids import Digest
from millwright.core.records.schedule import ActiveState, LaunchTarget, TriggerKind, TriggerRecord
from millwright.monitoring.finding import AlertKind
from millwright.pipelines.on import Asked, Called, CodeChange, Condition, NewVersion, Raised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.clock import Clock
    from millwright.storage.catalog import Stores

_BEGINNING = "mwh_"
_IDENTITY = {"kind": "kind", "subject": "subject", "only": "kinds of alerts"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TriggerDraft:
    """What a trigger is to be.

    Attributes:
        target: What is run.
        on: When; not a time, which is a schedule.
        name: Made of the pipeline's name and the condition when empty.
        code: Digest of the code that the pipeline's steps reach at present; needed for a change of code.
    """

    target: LaunchTarget
    on: Condition
    name: str = ""
    code: Digest | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeTrigger:
    """A trigger that was made.

    Attributes:
        record: As it is stored.
        token: A webhook's token, which cannot be had a second time; empty for others, and for one that was there.
        changed: In words, what differed of the one that was there; None when there was none.
    """

    record: TriggerRecord
    token: str = ""
    changed: tuple[str, ...] | None = None


class Triggers:
    """The triggers of a workspace, changed in somebody's name.

    Args:
        stores: Triggers, what they look at, audit log.
        clock: The time.
        actor: Who acts.
    """

    def __init__(self, *, stores: Stores, clock: Clock, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._actor = actor

    def add(self, draft: TriggerDraft) -> MadeTrigger:
        """Make a trigger; it fires on what happens from now on.

        Raises:
            AlreadyExistsError: The name is taken.
            InvalidInputError: The condition is a time, names an unknown kind of alert, or the name is none.
        """
        record, token = self._drafted(draft), ""
        if record.kind is TriggerKind.WEBHOOK:
            token = f"{_BEGINNING}{secrets.token_urlsafe(32)}"
            record = replace(record, token_hash=hash_token(token))
        with self._stores.transactions.transaction():
            self._stores.triggers.create(record)
            details = {"kind": record.kind.value, "about": record.subject, "pipeline": record.target.pipeline}
            self._note("trigger.add", record, details)
        return MadeTrigger(record=record, token=token)

    def put(self, draft: TriggerDraft) -> MadeTrigger:
        """Make a trigger, or bring the one of that name up to date.

        How far it has looked stays, and so do a pause and the token of a webhook.

        Raises:
            AlreadyExistsError: The name is that of a trigger of another pipeline, or on something else.
            InvalidInputError: The condition is a time, names an unknown kind of alert, or the name is none.
        """
        wanted = self._drafted(draft)
        with self._stores.transactions.transaction():
            try:
                known = self._stores.triggers.get(wanted.name)
            except NotFoundError:
                return self.add(draft)
            remove = f"triggers remove {known.name}"
            check_same_pipeline(known.target, wanted.target, f"trigger '{known.name}'", remove)
            if differing(known, wanted, _IDENTITY):
                on = (known.kind.value, known.subject)
                raise AlreadyExistsError(
                    f"There is a trigger '{known.name}' already, on something else: {' '.join(on).strip()}.",
                    hint=f"Remove it first to make it anew: mw {remove}",
                )
            changed = (
                *differing(known, wanted, {"cooldown_s": "cooldown"}),
                *differing(known.target, wanted.target, TARGET_WORDS),
            )
            record = replace(known, target=wanted.target, cooldown_s=wanted.cooldown_s)
            if record != known:
                self._stores.triggers.delete(known.name)
                self._stores.triggers.create(record)
                self._note("trigger.change", record, {"changed": [*changed] or ["code"]})
        return MadeTrigger(record=record, changed=changed)

    def _drafted(self, draft: TriggerDraft) -> TriggerRecord:
        kind, subject = _kind(draft.on)
        alerts = draft.on if isinstance(draft.on, Raised) else None
        only = _known_kinds(alerts.kinds) if alerts else ()
        name = draft.name or _name(draft.target.name, "-".join(only) or kind.value, subject)
        check_name(name, "trigger")
        return TriggerRecord(
            name=name,
            kind=kind,
            subject=subject,
            target=draft.target,
            created_at=self._clock.now(),
            created_by=self._actor,
            only=only,
            cooldown_s=alerts.cooldown_s if alerts else 0.0,
            position=self._position(kind, subject, draft.code),
        )

    def pause(self, name: str) -> TriggerRecord:
        """Fire no more.

        Raises:
            NotFoundError: There is none of that name.
        """
        return self._switch("trigger.pause", name, ActiveState.PAUSED, None)

    def resume(self, name: str, *, code: Digest | None = None) -> TriggerRecord:
        """Fire on what happens from now on; what happened meanwhile starts nothing.

        Args:
            name: Which one.
            code: As in `TriggerDraft`; the code that was seen last when None.

        Raises:
            NotFoundError: There is none of that name.
        """
        known = self._stores.triggers.get(name)
        if known.state is ActiveState.ACTIVE:
            return known
        position = self._position(known.kind, known.subject, code) or known.position
        return self._switch("trigger.resume", name, ActiveState.ACTIVE, position)

    def remove(self, name: str) -> TriggerRecord:
        """Forget a trigger; runs that it started stay.

        Raises:
            NotFoundError: There is none of that name.
        """
        with self._stores.transactions.transaction():
            record = self._stores.triggers.get(name)
            self._stores.triggers.delete(name)
            self._note("trigger.remove", record, {"kind": record.kind.value})
        return record

    def _switch(self, action: str, name: str, state: ActiveState, position: str | None) -> TriggerRecord:
        with self._stores.transactions.transaction():
            record = self._stores.triggers.set_state(name, state, position=position)
            self._note(action, record, {})
        return record

    def _position(self, kind: TriggerKind, subject: str, code: Digest | None) -> str:
        if kind is TriggerKind.DATASET:
            return str(latest_version(self._stores, subject))
        if kind is TriggerKind.ALERT:
            return AlertPosition(at=self._clock.now()).text()
        return str(code or "") if kind is TriggerKind.CODE else ""

    def _note(self, action: str, record: TriggerRecord, details: Mapping[str, Any]) -> None:
        self._stores.audit.append(
            at=self._clock.now(), actor=self._actor, action=action, subject=f"trigger:{record.name}", details=details
        )


def latest_version(stores: Stores, dataset: str) -> int:
    """The number of a dataset's newest version; 0 while it has none."""
    try:
        return stores.datasets.get_version(dataset).version
    except NotFoundError:
        return 0


def hash_token(token: str) -> str:
    """SHA-256 in hex: enough for what nobody can guess."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _kind(on: Condition) -> tuple[TriggerKind, str]:
    if isinstance(on, NewVersion):
        return TriggerKind.DATASET, on.dataset
    if isinstance(on, CodeChange):
        return TriggerKind.CODE, ""
    if isinstance(on, Raised):
        return TriggerKind.ALERT, on.subject
    if isinstance(on, Called):
        return TriggerKind.WEBHOOK, on.name
    if isinstance(on, Asked):
        return TriggerKind.API, ""
    raise InvalidInputError(
        f"Expected a condition such as mw.on.dataset('name'), found {on!r}.",
        hint="Times are schedules: mw schedules add FILE:NAME",
    )


def _name(pipeline: str, kind: str, subject: str) -> str:
    text = f"{pipeline}.{kind}{f'-{subject}' if subject else ''}"
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._@-") else "-" for letter in text)


def _known_kinds(kinds: tuple[str, ...]) -> tuple[str, ...]:
    known = {kind.value for kind in AlertKind}
    for kind in kinds:
        if kind not in known:
            raise InvalidInputError(
                f"There is no kind of alert '{kind}'.",
                hint=closest(kind, known) or f"Known: {', '.join(sorted(known))}.",
            )
    return kinds
