"""One step of online learning: new labels are answered, scored and learnt; snapshots are kept; harm is undone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from millwright.automation.online.ledger import HELD, RESUMED, Ledger
from millwright.automation.online.prequential import Prequential
from millwright.automation.online.snapshot import Snapshot, load, save
from millwright.automation.online.stream import LabelStream, Position
from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError
from millwright.core.ids import new_id
from millwright.core.process import current_owner
from millwright.core.records.model import ModelVersionRecord
from millwright.models.model import Model
from millwright.models.outcome import Outcome
from millwright.monitoring.label_value import ExpectedLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.automation.online.declaration import OnlineLearning
    from millwright.automation.online.stream import Lesson
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.registry.registry import Registry
    from millwright.storage.catalog import Stores

_LEASE = timedelta(minutes=5)  # far longer than one step takes
_LOOKS = 5  # at the metric, in the time of one window


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlineStatus:
    """Where a learner stands.

    Attributes:
        version: The snapshot that the alias points at.
        learnt: Labels learnt since it.
        met: Labels met by this step, learnt or not.
        metric: The guard's metric.
        value: Its value over the window; None while it has none.
        window: Labels in the window.
        is_held: Whether it does not learn, because the metric fell below its limit.
        reason: Why, in a sentence.
    """

    name: str
    version: str
    learnt: int
    met: int
    metric: str
    value: float | None
    window: int
    is_held: bool
    reason: str = ""


@dataclass(slots=True)
class _Pupil:
    """A model that learns, and where it stands."""

    version: ModelVersionRecord
    model: Model
    position: Position
    kept_at: datetime  # when the oldest label that no snapshot holds was met
    decided: Position | None  # the ledger's last place when it was loaded
    labels: ExpectedLabel
    outcome: Outcome
    learnt: int = 0


class OnlineLearner:
    """Lets one declared model learn. Use it from one thread; several processes take turns by a lease.

    Args:
        declaration: Which, and what guards it.
        stores: Prediction log, versions, artifacts, audit log.
        registry: Keeps snapshots and moves the alias.
        clock: Tells when.
        events: Hears what is decided.
        actor: Who acts, for the audit log.
    """

    def __init__(
        self,
        declaration: OnlineLearning,
        *,
        stores: Stores,
        registry: Registry,
        clock: Clock,
        events: EventBus,
        actor: str = "online",
    ) -> None:
        self._declaration = declaration
        self._stores = stores
        self._registry = registry
        self._clock = clock
        self._ledger = Ledger(declaration, stores=stores, clock=clock, events=events, actor=actor)
        self._owner = f"{current_owner()}/{new_id()}"
        self._stream = LabelStream(stores.predictions, declaration.endpoint)
        self._pupil: _Pupil | None = None
        self._score: Prequential | None = None

    def step(self) -> OnlineStatus | None:
        """Meet the labels that are new; None when another process is at it.

        Raises:
            NotFoundError: The model has no version behind the alias.
            InvalidInputError: It is no model of River.
            ConflictError: The alias is protected.
        """
        now, name = self._clock.now(), self._declaration.subject
        if not self._stores.leases.take(name, self._owner, now=now, until=now + _LEASE):
            self._pupil = None  # the other one moves on
            return None
        try:
            return self._step(now)
        finally:
            self._stores.leases.release(name, self._owner)

    def look(self) -> OnlineStatus:
        """Where it stands now: labels that no snapshot holds are met by a copy, and nothing is kept or decided.

        Raises:
            NotFoundError, InvalidInputError, ConflictError: As `step`.
        """
        now, self._pupil = self._clock.now(), None  # what was learnt here and not kept, another may have kept
        pupil, score = self._ready(now)
        self._pupil = None
        until, met, is_held = now - self._declaration.settle, 0, self._ledger.latest().is_held
        while True:
            lessons, position = self._stream.after(pupil.position, until, pupil.model.signature)
            for lesson in lessons:
                self._meet(lesson, pupil, score, learns=not is_held)
            met += len(lessons)
            if position == pupil.position:
                return self._status(pupil, score, met=met)
            pupil.position = position

    def snapshots(self) -> list[tuple[ModelVersionRecord, Snapshot]]:
        """The versions that were learnt here, newest first, from the present one back to that which it began with."""
        declared, artifacts = self._declaration, self._stores.artifacts
        version = self._registry.resolve(f"{declared.model}@{declared.alias}")
        found = [(version, Snapshot.of(version, artifacts))]
        while (parent := found[-1][1].parent) is not None:
            version = self._stores.models.get_version(declared.model, parent)
            found.append((version, Snapshot.of(version, artifacts)))
        return found

    def _step(self, now: datetime) -> OnlineStatus:
        pupil, score = self._ready(now)
        lessons, position = self._stream.after(pupil.position, now - self._declaration.settle, pupil.model.signature)
        held = self._ledger.latest().is_held
        for number, lesson in enumerate(lessons, start=1):
            self._meet(lesson, pupil, score, learns=not held)
            pupil.position = lesson.position
            if number % max(1, self._declaration.window // _LOOKS) and number != len(lessons):
                continue
            held = self._guard(pupil, score, held=held)
            if pupil is not self._pupil:
                return self._status(*self._ready(now), met=number)
        pupil.position = max(pupil.position, position)
        self._keep(pupil, score, now, held=held)
        return self._status(pupil, score, met=len(lessons))

    def _ready(self, now: datetime) -> tuple[_Pupil, Prequential]:
        """The pupil as it was left, unless the alias points elsewhere by now."""
        declared = self._declaration
        if self._registry.editor.is_guarded(declared.model, declared.alias):
            raise ConflictError(
                f"Online learning '{declared.name}' would move the protected alias '{declared.alias}'.",
                hint="Let it follow an alias of its own, and promote snapshots from there as you promote others.",
            )
        try:
            version = self._registry.resolve(f"{declared.model}@{declared.alias}")
        except NotFoundError as error:
            raise NotFoundError(
                f"Online learning '{declared.name}' has no model to begin with: {error.message}",
                hint="Register a model of River, approve it, and point the alias at it: "
                f"mw models promote {declared.model}@1 --alias {declared.alias} --reason '…'",
            ) from error
        done = self._ledger.latest().position
        # Another process may have held learning: what was learnt here since then is as harmful as there.
        if self._pupil is None or self._pupil.version.id != version.id or self._pupil.decided != done:
            model = load(version, self._stores.artifacts)
            snapshot = Snapshot.of(version, self._stores.artifacts)
            position = snapshot.position if done is None else max(snapshot.position, done)
            self._pupil = _Pupil(
                version, model, position, now, done, ExpectedLabel(model.signature), Outcome(model.signature)
            )
            self._score = Prequential(model.signature, window=declared.window, metric=declared.metric)
            # Where learning was held since, other answers count than those before it: the window begins anew.
            if done is None or done < snapshot.position:
                self._score.restore(snapshot.window)
        if self._score is None:
            raise RuntimeError("A pupil has a score.")
        return self._pupil, self._score

    def _meet(self, lesson: Lesson, pupil: _Pupil, score: Prequential, *, learns: bool) -> None:
        signature, estimator = pupil.model.signature, pupil.model.estimator
        try:
            truth = pupil.labels.read(json.loads(lesson.value), row=1)
        except InvalidInputError:
            return  # a class that the model does not have, or no number
        classes = len(signature.classes)
        answers = estimator.answers(iter([lesson.row]), classes=classes)
        score.add(lesson.position, pupil.outcome.rows(_shaped(answers, classes))[0], truth)
        if learns:
            taught = estimator.classes[signature.classes.index(truth)] if classes else truth
            estimator.learner.learn_one(lesson.row, taught)
            pupil.learnt += 1

    def _guard(self, pupil: _Pupil, score: Prequential, *, held: bool) -> bool:
        """Whether learning is held from here; the alias moves back when it begins to be."""
        declared = self._declaration
        value = score.value() if score.is_full else None
        if value is None or declared.limit is None:
            return held
        is_worse = score.is_worse(value, declared.limit)
        told = f"{score.metric.name} over the last {score.rows} labels is {value:.4g}, the limit {declared.limit:.4g}"
        if held and not is_worse:
            self._ledger.write(RESUMED, pupil.position, f"{told}.", value=value)
            return False
        if not held and is_worse:
            good = self._last_good(pupil, score)
            reason = f"{told}; back to {good.ref}, which learns again once the metric is within its limit."
            self._ledger.write(HELD, pupil.position, reason, value=value, version=good.version)
            if good.id != pupil.version.id:
                self._registry.point(good.name, good.version, declared.alias, reason=reason)
            self._pupil = None  # what was learnt since then is forgotten
            return True
        return held

    def _last_good(self, pupil: _Pupil, score: Prequential) -> ModelVersionRecord:
        """The newest snapshot that was good, and had learnt nothing from where answers began to be worse."""
        version, turned = pupil.version, score.turned()
        while True:
            snapshot = Snapshot.of(version, self._stores.artifacts)
            is_before = turned is None or snapshot.position <= turned
            if snapshot.parent is None or (is_before and snapshot.is_good):
                return version
            version = self._stores.models.get_version(version.name, snapshot.parent)

    def _keep(self, pupil: _Pupil, score: Prequential, now: datetime, *, held: bool) -> None:
        """Keep what was learnt, when there is enough of it or it is old enough."""
        declared = self._declaration
        if not pupil.learnt:
            pupil.kept_at = now
        is_due = pupil.learnt >= declared.snapshot_labels or now - pupil.kept_at >= declared.snapshot_after
        if held or not pupil.learnt or not is_due:
            return
        value = score.value()
        snapshot = Snapshot(
            position=pupil.position,
            parent=pupil.version.version,
            learnt=pupil.learnt,
            metric=score.metric.name,
            value=value,
            is_good=not score.is_worse(value, declared.limit),
            window=score.to_json(),
        )
        artifacts = self._stores.artifacts
        version = save(pupil.model, snapshot, pupil.version, registry=self._registry, artifacts=artifacts)
        reason = f"Learnt {pupil.learnt} labels online ('{declared.name}')."
        self._registry.point(version.name, version.version, declared.alias, reason=reason)
        pupil.version, pupil.learnt, pupil.kept_at = version, 0, now

    def _status(self, pupil: _Pupil, score: Prequential, *, met: int) -> OnlineStatus:
        latest = self._ledger.latest()
        return OnlineStatus(
            name=self._declaration.name,
            version=pupil.version.ref,
            learnt=pupil.learnt,
            met=met,
            metric=score.metric.name,
            value=score.value(),
            window=score.rows,
            is_held=latest.is_held,
            reason=latest.reason,
        )


def _shaped(answers: Sequence[Any], classes: int) -> Any:
    import numpy as np

    return np.asarray(answers, dtype=np.float64).reshape((len(answers), classes) if classes else -1)
