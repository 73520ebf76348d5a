from __future__ import annotations

import pytest

from millwright.core.records.rollout import CanaryLimits, RolloutArm, RolloutKind
from millwright.deployment.traffic.latency import LATENCY_BUCKETS
from millwright.deployment.traffic.tally import Comparison, Tally
from millwright.server.pages.element import Badge, Bar, Tone
from millwright.server.pages.rollout_evidence import arm_table, evidence_section
from millwright.storage.catalog import open_stores
from millwright.testing.rollouts import decision, evidence, rollout


def counted(answered: int, *, failed: int = 0, bucket: int = 20, value: float = 0.5) -> Tally:
    tally = Tally(answered=answered, failed=failed, seconds=answered * 0.004)
    tally.latencies = [0] * LATENCY_BUCKETS
    tally.latencies[bucket] = answered
    tally.add_outputs([{"probability": value + number % 100 / 1e4} for number in range(answered)])
    return tally


@pytest.fixture
def store(tmp_path):
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/records.db", artifacts_url=f"{tmp_path}/a", predictions_url=f"{tmp_path}/p"
    )
    yield stores.rollouts
    stores.close()


def tell(store, record, step: int = 0, **arms: Tally) -> None:
    store.create(record)
    store.put_evidence([evidence(record.id, step=step, arm=arm, counts=each.to_json()) for arm, each in arms.items()])


def test_arms_are_shown_with_what_they_answered():
    table = arm_table(rollout(), {"primary": counted(900), "canary": counted(100, failed=5)})
    assert [row[:1] + row[2:8] for row in table.rows] == [
        ["primary", Bar(0.9, "90 %"), 900, 0, 0, "0.00%", "1.92 ms"],
        ["canary", Bar(0.1, "10 %"), 100, 5, 0, "5.00%", "1.92 ms"],
    ]


def test_shadow_is_shown_with_what_it_compared():
    record = rollout(kind=RolloutKind.SHADOW)
    compared = Comparison(compared=10, agreed=9, failed=1, shed=2)
    table = arm_table(record, {"primary": Tally(), "canary": Tally(shadow=compared)})
    assert [row[3:] for row in table.rows] == [[None] * 5, [10, "90.00%", None, 1, 2]]


@pytest.mark.parametrize(
    ("canary", "row", "badge"),
    [
        (counted(400, failed=200), 0, Badge("worse", Tone.BAD)),
        (counted(400, failed=20), 0, Badge("worse", Tone.BAD)),
        (counted(400, failed=1), 0, Badge("within", Tone.GOOD)),
        (counted(400, bucket=30), 1, Badge("worse", Tone.BAD)),
        (counted(400, value=0.6), 2, Badge("worse", Tone.BAD)),
        (counted(400), 2, Badge("within", Tone.GOOD)),
    ],
)
def test_each_figure_says_whether_it_is_worse(store, canary, row, badge):
    record = rollout(limits=CanaryLimits(min_requests=100))
    tell(store, record, primary=counted(3000), canary=canary)
    [table] = evidence_section(record, store).tables
    assert table.rows[row][-1] == badge


def test_increase_that_chance_may_explain_is_said_to_be_that(store):
    record = rollout(limits=CanaryLimits(min_requests=20))
    tell(store, record, primary=counted(30), canary=counted(30, failed=1))
    section = evidence_section(record, store)
    assert section.tables[0].rows[0][-1] == Badge("beyond, maybe by chance", Tone.WARN)
    assert section.text[0].startswith("canary: not shown yet. Not yet shown to be within the limits: 3.33%")


def test_predictions_that_are_not_looked_at_are_left_out(store):
    record = rollout(limits=CanaryLimits(min_requests=100, max_shift=None))
    tell(store, record, primary=counted(300), canary=counted(300))
    [table] = evidence_section(record, store).tables
    assert [row[0] for row in table.rows] == ["Errors", "Latency (p95)"]


def test_ended_canary_shows_the_step_that_its_end_stands_on(store):
    record = rollout(step=2, decision=decision(action="promote", evidence={"step": 1}))
    tell(store, record, step=1, primary=counted(900), canary=counted(900))
    section = evidence_section(record, store)
    assert section.title == "Evidence, step 2 of 3"
    assert section.text == [
        "canary: within its limits. 900 requests show it to be within the limits beside 900 of the primary."
    ]


def test_each_arm_of_several_is_beside_the_first(store):
    arms = tuple(RolloutArm(name=name, version=number, weight=25.0) for number, name in enumerate("abcd", 1))
    record = rollout(kind=RolloutKind.SPLIT, arms=arms, steps=())
    tell(store, record, **{name: counted(300) for name in "abc"})
    section = evidence_section(record, store)
    assert [table.headers[1:3] for table in section.tables] == [["a", "b"], ["a", "c"]]
    assert section.text[2] == "d: not shown yet. 0 of at least 200 requests to each arm."
    assert section.text[3].startswith("Nothing is decided by these figures")
