from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.core.errors import StorageError
from millwright.core.process import current_owner
from millwright.deployment.realtime.arm import Arm
from millwright.deployment.realtime.prediction import Prediction
from millwright.deployment.realtime.traffic.evidence import ArmMeasurement, EvidenceWriter, ShadowMeasurement
from millwright.deployment.realtime.traffic.samples import OutputSamples
from millwright.deployment.traffic.decider import tallies
from millwright.deployment.traffic.tally import Comparison
from millwright.testing.rollouts import rollout


class Away:
    """A store that is away as long as it is told so."""

    def __init__(self, store) -> None:
        self.store = store
        self.away = True

    def put_evidence(self, evidence) -> None:
        if self.away:
            raise StorageError("The store is away.")
        self.store.put_evidence(evidence)


@pytest.fixture
def record(world):
    made = rollout()
    world.stores.rollouts.create(made)
    return made


def answer(arm: Arm, samples: OutputSamples, *statuses: int) -> None:
    for status in statuses:
        arm.count(status, 0.002)
        if status == 200:
            outputs = [{"prediction": 1.0}]
            samples.offer(arm, "r", outputs, Prediction(arm.served, outputs, ["id"]))


def test_counts_of_several_line_ups_add_up_in_the_store(world, record, make_served):
    store = world.stores.rollouts
    writer = EvidenceWriter(store, world.clock)
    for _ in range(2):
        arms, samples = [Arm(make_served(1), "primary"), Arm(make_served(2), "canary")], OutputSamples()
        writer.add(ArmMeasurement(record, arms, samples))
        answer(arms[0], samples, 200, 200, 422)
        answer(arms[1], samples, 200, 500)
        writer.write()
        answer(arms[1], samples, 200)
        writer.write()
    found = tallies(store, record, step=0)
    assert (found["primary"].answered, found["primary"].refused, found["primary"].sampled) == (6, 2, 4)
    assert (found["canary"].answered, found["canary"].failed, found["canary"].sampled) == (6, 2, 4)
    assert sum(found["canary"].latencies) == 6
    evidence = store.list_evidence(record.id)
    assert len(evidence) == 4
    assert {each.process.partition("/")[0] for each in evidence} == {current_owner()}


def test_what_has_not_changed_is_not_written_again(world, record, make_served):
    writer, samples = EvidenceWriter(world.stores.rollouts, world.clock), OutputSamples()
    arms = [Arm(make_served(1), "primary"), Arm(make_served(2), "canary")]
    measurement = ArmMeasurement(record, arms, samples)
    writer.add(measurement)
    answer(arms[0], samples, 200)
    assert [each.arm for each in measurement.evidence(world.clock)] == ["primary"]
    assert measurement.evidence(world.clock) == []


def test_counts_wait_for_a_store_that_is_away(world, record, make_served, caplog):
    away = Away(world.stores.rollouts)
    writer, samples, arm = EvidenceWriter(away, world.clock), OutputSamples(), Arm(make_served(1), "primary")
    writer.add(ArmMeasurement(record, [arm], samples))
    answer(arm, samples, 200)
    writer.write()
    assert "could not be written" in caplog.text
    away.away = False
    writer.write()
    assert tallies(world.stores.rollouts, record)["primary"].answered == 1


def test_shadows_counts_are_written_when_they_change(world, record):
    class Counts:
        found = Comparison(compared=3)

        def counts(self) -> dict[str, Comparison]:
            return {"canary": self.found}

    counts = Counts()
    measurement = ShadowMeasurement(record, counts)
    assert [each.counts["shadow"]["compared"] for each in measurement.evidence(world.clock)] == [3]
    assert measurement.evidence(world.clock) == []
    counts.found = Comparison(compared=4)
    assert len(measurement.evidence(world.clock)) == 1


def test_totals_go_on_over_line_ups_and_let_go_of_old_ones(world, record, make_served):
    writer = EvidenceWriter(world.stores.rollouts, world.clock)
    arms, samples = [Arm(make_served(1), "primary"), Arm(make_served(2), "canary")], OutputSamples()
    writer.add(ArmMeasurement(record, arms, samples))
    answer(arms[1], samples, 200, 500)
    assert writer.totals()["canary", 2].answered == 2  # at once, before anything is written
    writer.add(None)
    answer(arms[1], samples, 422)  # was in flight
    world.clock.advance(timedelta(minutes=3))
    writer.write()
    answer(arms[1], samples, 200)  # longer than any request may take
    found = writer.totals()["canary", 2]
    assert (found.answered, found.failed, found.refused) == (3, 1, 1)
    later = Arm(make_served(2), "canary")
    writer.add(ArmMeasurement(record, [later], samples))
    answer(later, samples, 200)
    assert writer.totals()["canary", 2].answered == 4
    assert tallies(world.stores.rollouts, record)["canary"].answered == 3


def test_totals_of_shadows_are_what_they_have_compared(world, record):
    class Counts:
        def counts(self) -> dict[str, Comparison]:
            return {"canary": Comparison(compared=3, agreed=2)}

    writer = EvidenceWriter(world.stores.rollouts, world.clock)
    writer.add(ShadowMeasurement(record, Counts()))
    [(key, tally)] = writer.totals().items()
    assert (key, tally.shadow) == (("canary", 2), Comparison(compared=3, agreed=2))
