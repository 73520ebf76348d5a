"""Follows an endpoint's rollout beside its alias: loads the arms, divides requests, counts, takes part in deciding."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.clock import Clock
from millwright.core.errors import (
    IntegrityError,
    InvalidInputError,
    MillwrightError,
    ServiceUnavailableError,
    StorageError,
)
from millwright.core.records.model import ModelVersionRecord
from millwright.core.records.rollout import RolloutKind
from millwright.deployment.realtime.arm import PRIMARY, Arm, LineUp
from millwright.deployment.realtime.log_writer import PredictionLogWriter
from millwright.deployment.realtime.served_model import ServedModel
from millwright.deployment.realtime.traffic.chooser import WeightedChooser
from millwright.deployment.realtime.traffic.evidence import ArmMeasurement, EvidenceWriter, ShadowMeasurement
from millwright.deployment.realtime.traffic.samples import OutputSamples
from millwright.deployment.realtime.traffic.shadow import ShadowMirror
from millwright.deployment.traffic.control import RolloutControl
from millwright.deployment.traffic.decider import Decider
from millwright.storage.base.rollouts import RolloutStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.ids import ModelVersionId
    from millwright.core.records.rollout import RolloutRecord
    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.deployment.realtime.watcher import SelectorWatcher

logger = logging.getLogger(__name__)

_FAREWELL_S = 5.0  # for what waits for a shadow when the server ends


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowerParts:
    """What a follower works with.

    Attributes:
        rollouts: Where rollouts and evidence are.
        control: Takes back a rollout whose version cannot be served.
        decider: Decides by evidence, if no other process does.
        get_version: Finds a version by the model's name and its number.
        load: Loads, tries and warms up a version.
        make_log: Makes a log for a shadow's predictions, started; None when they are not logged.
        clock: Tells the time.
    """

    rollouts: RolloutStore
    control: RolloutControl
    decider: Decider
    get_version: Callable[[str, int], ModelVersionRecord]
    load: Callable[[ModelVersionRecord], ServedModel]
    make_log: Callable[[], PredictionLogWriter | None]
    clock: Clock


class RolloutFollower:
    """Keeps a slot's line-up as the endpoint's rollout and its alias say, without a failed or mixed request.

    A version that fails to load or to answer its example rows never gets into the line-up: its rollout is taken back,
    and the primary goes on. Whatever the stores say, serving goes on with what there is.

    Args:
        slot: Holds the line-up.
        parts: What it works with.
    """

    def __init__(self, slot: ModelSlot, parts: FollowerParts) -> None:
        self._slot = slot
        self._parts = parts
        self._evidence = EvidenceWriter(parts.rollouts, parts.clock)
        slot.traffic.totals = self._evidence.totals
        self._primary: ServedModel = slot.current
        self._loaded: dict[ModelVersionId, ServedModel] = {}
        self._shadow: ShadowMirror | None = None
        self._record: RolloutRecord | None = None
        # What the line-up in the slot was made for.
        self._made: object = (None, self._primary.record.id)
        # What is wrong, as far as it was told at the look before and at this one.
        self._told: set[str] = set()
        self._troubles: set[str] = set()

    def begin(self) -> None:
        """Before the first request: load what the rollout asks for."""
        self._read()
        self._install(self._record)

    def look(self, watcher: SelectorWatcher) -> None:
        """Look once at the rollout and at the alias, in this order.

        A promotion ends the one and moves the other as one change: who has seen the end sees the move afterwards.
        """
        self._told, self._troubles = self._troubles, set()
        self._read()
        watcher.look()
        try:
            self._follow()
        except Exception as error:  # noqa: BLE001 - serving goes on with what there is
            self._tell_once(f"The rollout of '{self._slot.endpoint}' cannot be followed: {error}", error)

    def load(self, record: ModelVersionRecord) -> ServedModel:
        """A version for the primary arm: one that is loaded already as another arm is not loaded again."""
        return self._loaded.get(record.id) or self._parts.load(record)

    def take_over(self, served: ServedModel) -> None:
        """Another version is the primary from now on."""
        self._primary = served
        self._install(self._record)

    def close(self) -> None:
        """The server has ended: write what was counted, and let another process decide."""
        if self._shadow is not None:
            self._shadow.close(_FAREWELL_S)
        self._evidence.write()
        if self._record is not None:
            try:
                self._parts.decider.leave(self._record)
            except MillwrightError as error:
                logger.warning("The right to decide on a rollout could not be given back: %s", error)

    def _read(self) -> None:
        try:
            self._record = self._parts.rollouts.find_open(self._slot.endpoint)
        except Exception as error:  # noqa: BLE001 - what was read last goes on
            self._tell_once(f"The rollout of '{self._slot.endpoint}' cannot be looked up: {error}")

    def _follow(self) -> None:
        self._install(self._record)
        self._evidence.write()
        self._slot.traffic.rollout = self._record
        if self._record is not None:
            decided = self._parts.decider.look(self._record)
            if not decided.is_open and decided.id == self._record.id:
                return  # the next look takes it out, together with what the alias says
            self._record = self._slot.traffic.rollout = decided

    def _install(self, record: RolloutRecord | None) -> None:
        """Make the line-up that the rollout asks for, unless it is in the slot already."""
        if record is not None and record.model != self._primary.name:
            record = None
        wanted = (record and (record.id, record.step, record.arms), self._primary.record.id)
        if wanted == self._made:
            return
        before, shadow = {*self._loaded.values(), self._slot.current}, self._shadow
        try:
            served = self._load_arms(record) if record is not None else {}
        except (StorageError, ServiceUnavailableError) as error:
            self._tell_once(f"The versions of a rollout of '{self._slot.endpoint}' cannot be loaded yet: {error}")
            if self._primary is self._slot.current:
                return
            served, wanted = None, (None, self._primary.record.id)  # the next look tries again
        if served is None:
            record, served = None, {}
        self._shadow = None
        self._slot.lineup = self._line_up(record, served)
        self._made = wanted
        self._loaded = {each.record.id: each for each in (self._primary, *served.values())}
        if shadow is not None:
            shadow.close(0.0)
        for each in before - set(self._loaded.values()):
            if each.batcher is not None:
                each.batcher.close()

    def _load_arms(self, record: RolloutRecord) -> dict[str, ServedModel] | None:
        """The versions that are tried, by arm; None when one cannot be served, which takes the rollout back.

        Raises:
            StorageError, ServiceUnavailableError: A store is away: tried again at the next look.
        """
        found = {}
        for arm in record.tried:
            if arm.version == self._primary.version:
                found[arm.name] = self._primary
                continue
            try:
                version = self._parts.get_version(record.model, arm.version)
                found[arm.name] = self._loaded.get(version.id) or self._parts.load(version)
                if record.kind is not RolloutKind.SHADOW:
                    _check_inputs(self._primary, found[arm.name])
            except (StorageError, ServiceUnavailableError):
                raise
            except Exception as error:
                reason = f"{record.model}@{arm.version} cannot be served: {error}"
                logger.error(  # noqa: TRY400 - tracebacks are for bugs
                    "The rollout of '%s' is taken back, %s goes on: %s",
                    record.endpoint,
                    self._primary.ref,
                    reason,
                    exc_info=not isinstance(error, MillwrightError),
                )
                # What fails its self-test is bad; what a server cannot load may be for another one to serve.
                is_bad = isinstance(error, IntegrityError) and record.kind is RolloutKind.CANARY
                self._take_back(record, reason, reject=is_bad)
                return None
        return found

    def _take_back(self, record: RolloutRecord, reason: str, *, reject: bool) -> None:
        try:
            self._parts.control.by_itself(record).roll_back(
                record, reason=reason, evidence={"self_test": reason}, reject=reject
            )
        except MillwrightError as error:  # another process was faster, or a person
            logger.info("The rollout of '%s' was changed meanwhile: %s", record.endpoint, error)
        self._record = None

    def _line_up(self, record: RolloutRecord | None, served: Mapping[str, ServedModel]) -> LineUp:
        if record is None:
            self._evidence.add(None)
            return LineUp(Arm(self._primary))
        if record.kind is RolloutKind.SHADOW:
            share = record.tried[0].weight
            log = self._parts.make_log()
            self._shadow = ShadowMirror(self._slot.endpoint, served, share=share, log=log, clock=self._parts.clock)
            self._evidence.add(ShadowMeasurement(record, self._shadow))
            return LineUp(Arm(self._primary), mirror=self._shadow)
        models = {record.primary.name: self._primary, **served}
        measured = [(Arm(models[arm.name], arm.name), arm.weight) for arm in record.arms]
        chooser, samples = WeightedChooser(measured, record.id), OutputSamples()
        self._evidence.add(ArmMeasurement(record, chooser.arms, samples))
        # What is asked for by the path's version, or read by GET, is counted apart: it is not drawn by chance.
        others = tuple(Arm(models[arm.name], arm.name) for arm in record.tried)
        return LineUp(Arm(self._primary, PRIMARY), others, chooser=chooser, mirror=samples)

    def _tell_once(self, trouble: str, error: Exception | None = None) -> None:
        if trouble not in self._told | self._troubles:
            logger.warning("%s", trouble, exc_info=error is not None and not isinstance(error, MillwrightError))
        self._troubles.add(trouble)


def _check_inputs(primary: ServedModel, other: ServedModel) -> None:
    """Refuse a version that would refuse what the primary takes: callers do not choose who answers them.

    Raises:
        InvalidInputError: It needs a column that the primary does not ask for.
    """
    asked = {column.name for column in primary.signature.inputs if column.required}
    needed = [column.name for column in other.signature.inputs if column.required and column.name not in asked]
    if needed:
        raise InvalidInputError(
            f"Expected {other.ref} to take what {primary.ref} takes, found that it needs {', '.join(needed)} besides.",
            hint="Serve it at an endpoint of its own.",
        )
