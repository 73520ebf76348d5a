"""Brings what this process has counted of a rollout's arms into the store, where all processes' counts meet."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Protocol

from millwright.core.errors import MillwrightError
from millwright.core.process import current_owner
from millwright.core.records.rollout import RolloutEvidence
from millwright.deployment.traffic.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.clock import Clock
    from millwright.core.records.rollout import RolloutRecord
    from millwright.deployment.realtime.arm import Arm
    from millwright.deployment.realtime.traffic.samples import OutputSamples
    from millwright.deployment.realtime.traffic_stats import ArmTotals
    from millwright.deployment.traffic.tally import Comparison
    from millwright.storage.base.rollouts import RolloutStore

logger = logging.getLogger(__name__)

# A request may still be in flight when its line-up has been replaced: so long it is counted on, and not for ever, since
# that holds models that answer nobody any more.
_COUNTED_ON = timedelta(minutes=2)
_numbers = count(1)


class Measurement(Protocol):
    """What one line-up has counted."""

    def evidence(self, clock: Clock) -> list[RolloutEvidence]:
        """Totals so far; those that have not changed since the last call are left out."""
        ...

    def totals(self) -> ArmTotals:
        """The same, all of them at this moment, without what was predicted."""
        ...


class ArmMeasurement:
    """Counts of arms that answer requests.

    Args:
        record: The rollout as it was when the line-up was made.
        arms: Counted by the application.
        samples: What they predicted.
    """

    def __init__(self, record: RolloutRecord, arms: Sequence[Arm], samples: OutputSamples) -> None:
        self._record = record
        self._process = f"{current_owner()}/{next(_numbers)}"
        self._samples = samples
        self._tallies = {arm: Tally() for arm in arms}

    def evidence(self, clock: Clock) -> list[RolloutEvidence]:
        """See `Measurement`."""
        outputs = self._samples.take()
        found = []
        for arm, tally in self._tallies.items():
            if arm in outputs:
                tally.add_outputs(outputs[arm])
            elif arm.answered == tally.answered:
                continue
            tally.answered, tally.failed, tally.refused = arm.answered, arm.failed, arm.refused
            tally.seconds, tally.latencies = arm.seconds, list(arm.latencies)
            found.append(_evidence(self._record, arm.name, self._process, tally, clock))
        return found

    def totals(self) -> ArmTotals:
        """See `Measurement`."""
        return {
            (arm.name, arm.served.version): Tally(
                answered=arm.answered,
                failed=arm.failed,
                refused=arm.refused,
                seconds=arm.seconds,
                latencies=list(arm.latencies),
            )
            for arm in self._tallies
        }


class ShadowMeasurement:
    """Counts of shadows.

    Args:
        record: The rollout as it was when the line-up was made.
        counts: Asked for the comparisons so far, by arm.
    """

    def __init__(self, record: RolloutRecord, counts: _Counts) -> None:
        self._record = record
        self._process = f"{current_owner()}/{next(_numbers)}"
        self._counts = counts
        self._told: Mapping[str, Comparison] = {}

    def evidence(self, clock: Clock) -> list[RolloutEvidence]:
        """See `Measurement`."""
        counts, told = self._counts.counts(), self._told
        self._told = counts
        return [
            _evidence(self._record, name, self._process, Tally(shadow=each), clock)
            for name, each in counts.items()
            if each != told.get(name)
        ]

    def totals(self) -> ArmTotals:
        """See `Measurement`."""
        counts = self._counts.counts()
        return {
            (arm.name, arm.version): Tally(shadow=counts[arm.name]) for arm in self._record.tried if arm.name in counts
        }


class _Counts(Protocol):
    def counts(self) -> Mapping[str, Comparison]: ...


@dataclass(slots=True)
class _Counted:
    """A line-up's measurement, and since when the line-up is no longer the present one."""

    measurement: Measurement
    until: datetime | None = None


class EvidenceWriter:
    """Writes the counts of a slot's line-ups, the present one's and those just before it.

    Args:
        store: Where they go.
        clock: Tells the time.
    """

    def __init__(self, store: RolloutStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        # Replaced as one, since metrics read it from another thread: what earlier line-ups have counted, and those that
        # may still count.
        self._counted: tuple[ArmTotals, tuple[_Counted, ...]] = ({}, ())
        self._unwritten: dict[tuple[str, int, str, str], RolloutEvidence] = {}

    def add(self, measurement: Measurement | None) -> None:
        """Count a new line-up, too; None for one that is not measured."""
        past, present = self._counted
        for each in present:
            each.until = each.until or self._clock.now()
        self._counted = past, present if measurement is None else (*present, _Counted(measurement))

    def write(self) -> None:
        """Write what has changed; what a store that is away does not take is written the next time."""
        for counted in self._counted[1]:
            for each in counted.measurement.evidence(self._clock):
                self._unwritten[each.rollout_id, each.step, each.arm, each.process] = each
        self._let_go()
        if not self._unwritten:
            return
        try:
            self._store.put_evidence(list(self._unwritten.values()))
        except MillwrightError as error:
            logger.warning("Counts of a rollout could not be written: %s", error)
        else:
            self._unwritten.clear()

    def totals(self) -> ArmTotals:
        """What arms have answered since the process began, by arm and version; from any thread."""
        past, present = self._counted
        return _sum([past, *(each.measurement.totals() for each in present)])

    def _let_go(self) -> None:
        """Forget line-ups that were replaced long ago, but not what they have counted."""
        past, present = self._counted
        before = self._clock.now() - _COUNTED_ON
        old = [each for each in present if each.until is not None and each.until < before]
        if old:
            rest = tuple(each for each in present if each not in old)
            self._counted = _sum([past, *(each.measurement.totals() for each in old)]), rest


def _sum(parts: Sequence[ArmTotals]) -> ArmTotals:
    found: dict[tuple[str, int], Tally] = {}
    for part in parts:
        for key, tally in part.items():
            found[key] = found[key].merged(tally) if key in found else tally
    return found


def _evidence(record: RolloutRecord, arm: str, process: str, tally: Tally, clock: Clock) -> RolloutEvidence:
    return RolloutEvidence(
        rollout_id=record.id,
        step=record.step,
        arm=arm,
        process=process,
        updated_at=clock.now(),
        counts=tally.to_json(),
    )
