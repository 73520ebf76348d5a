"""Rollouts on real servers, over real sockets."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from millwright.core.records.model import ModelVersionState
from millwright.core.records.rollout import RolloutState
from millwright.deployment.traffic.decider import tallies
from millwright.deployment.traffic.strategy import Canary, Shadow, Split
from tiny.rollout_world import LIMITS, Asker, Load, some_row, wait_for

HOLD = timedelta(minutes=10)


def scraped(url: str) -> dict[tuple[str, str], float]:
    """A server's metrics of arms, by name and arm."""
    text = httpx.get(f"{url}/metrics").text
    return {
        (sample.name, sample.labels["arm"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "arm" in sample.labels and not {"le", "kind"} & set(sample.labels)
    }


def keyed(url: str, keys: range) -> dict[int, str]:
    """Which version answers each key."""
    rng = random.Random(1)
    found = {}
    with Asker(url) as asker:
        for key in keys:
            status, version, _ = asker.ask(some_row(rng), x_routing_key=str(key))
            assert status == 200
            found[key] = version
    return found


def test_good_canary_is_advanced_and_promoted_by_itself(world):
    record = world.start(Canary(at=[50, 80, 100], limits=LIMITS), 3)
    with Load(world.serve()) as load:
        for step in (0, 1):
            wait_for(lambda: tallies(world.stores.rollouts, record, step=step)["canary"].answered > 80)  # noqa: B023
            assert world.now(record).step == step
            world.clock.advance(HOLD)
            wait_for(lambda: world.now(record).step > step)  # noqa: B023
        wait_for(lambda: world.now(record).state is RolloutState.PROMOTED)
        wait_for(lambda: load.is_answered_by("delay@3"))
    assert set(load.told) == {(200, "delay@1"), (200, "delay@3")}
    assert load.broken == []
    ended = world.now(record)
    assert (ended.decision.by, ended.decision.action) == (f"automation:rollout/{record.id}", "promote")
    assert ended.decision.evidence["canary"]["answered"] >= LIMITS.min_requests
    moved = world.stores.models.find_alias("delay", "champion")
    assert (moved.version, moved.set_by) == (3, f"automation:rollout/{record.id}")
    assert [a for a in world.audited() if a != "model.promote"] == [
        "rollout.start",
        "rollout.advance",
        "rollout.promote",
    ]


@pytest.mark.parametrize("trouble", ["fails", "slow", "shifted"])
def test_bad_canary_is_rolled_back_by_itself_without_a_failed_request_of_the_primary(world, trouble):
    limits = LIMITS
    if trouble == "fails":
        world.models.fails.add(3)
    elif trouble == "slow":
        world.models.slow[3] = 0.2
        limits = replace(LIMITS, min_requests=30, max_slowdown=2.0, latency_floor_s=0.05)
    version = 2 if trouble == "shifted" else 3
    record = world.start(Canary(at=[50, 100], limits=limits), version)
    with Load(world.serve()) as load:
        wait_for(lambda: world.now(record).state is RolloutState.ROLLED_BACK)
        wait_for(lambda: load.is_answered_by("delay@1"))
    assert load.failed("delay@1") == 0
    assert load.broken == []
    ended = world.now(record)
    expected = {"fails": "ended in an error", "slow": "ms, of the primary's", "shifted": "PSI"}[trouble]
    assert expected in ended.decision.reason
    assert ended.decision.evidence["rejected"] == [version]
    assert world.stores.models.get_version("delay", version).state is ModelVersionState.REJECTED
    assert world.stores.models.find_alias("delay", "champion").version == 1
    assert world.audited()[-2:] == ["model.reject", "rollout.roll_back"]


def test_version_that_cannot_be_loaded_is_taken_back_and_the_primary_goes_on(world):
    world.models.broken.add(3)
    url = world.serve()
    with Load(url) as load:
        record = world.start(Canary(limits=LIMITS), 3)
        wait_for(lambda: world.now(record).state is RolloutState.ROLLED_BACK)
        wait_for(lambda: load.is_answered_by("delay@1"))
    assert set(load.told) == {(200, "delay@1")}
    assert "fails its self-test" in world.now(record).decision.reason
    assert world.stores.models.get_version("delay", 3).state is ModelVersionState.REJECTED


def test_keys_keep_their_version_on_every_server_and_after_restarts(world):
    world.start(Split([70, 30]), 2)
    first, second = world.serve(), world.serve()
    found = keyed(first, range(300))
    share = Counter(found.values())["delay@2"] / 300
    assert 0.2 < share < 0.4
    keys = range(100)
    found = {key: found[key] for key in keys}
    assert keyed(second, keys) == found
    for stop in world.stops[:2]:
        stop()
    again = world.serve()
    assert keyed(again, keys) == found
    record = world.stores.rollouts.find_open("delay")
    world.control.weigh(record, [50, 50], reason="more of it")
    wait_for(lambda: keyed(again, keys) != found)
    later = keyed(again, keys)
    moved = {(found[key], later[key]) for key in later if found[key] != later[key]}
    assert moved == {("delay@1", "delay@2")}


def test_caller_may_name_an_arm_or_a_version(world):
    world.start(Split([100, 0]), 2)
    row = some_row(random.Random(1))
    with Asker(world.serve()) as asker:
        assert asker.ask(row)[:2] == (200, "delay@1")
        for header in ({"x_arm": "candidate"}, {"x_model_version": "2"}, {"x_model_version": "delay@2"}):
            assert asker.ask(row, **header)[:2] == (200, "delay@2")
        status, _, body = asker.ask(row, x_arm="candidat")
        assert (status, body["error"]["code"]) == (404, "not_found")
        assert "candidate" in body["error"]["hint"]
        status, _, body = asker.ask(row, x_model_version="9")
        assert (status, body["error"]["details"]) == (404, {"found": "9", "served": ["1", "2"]})


def test_shadow_predicts_what_was_answered_and_is_compared_and_logged(world):
    world.models.slow[2] = 0.001
    record = world.start(Shadow(), 2)
    rng, ids = random.Random(1), []
    with Asker(world.serve(log_flush_seconds=0.05)) as asker:
        for _ in range(100):
            status, version, body = asker.ask(some_row(rng))
            assert (status, version) == (200, "delay@1")
            ids.append(body["prediction_id"])
    wait_for(lambda: (found := tallies(world.stores.rollouts, record)["shadow"].shadow) and found.compared == 100)
    found = tallies(world.stores.rollouts, record)["shadow"].shadow
    assert found.agreed < 20  # it has learned the opposite
    assert (found.numeric, found.failed, found.shed) == (100, 0, 0)
    logged = wait_for(lambda: len(rows := list(world.stores.predictions.iter("delay.shadow"))) == 100 and rows)
    assert {(each.version, each.endpoint) for each in logged} == {(2, "delay.shadow")}
    assert sorted(each.key for each in logged) == sorted(ids)


def test_shadow_that_fails_answers_nothing_and_harms_nobody(world):
    world.models.fails.add(2)
    record = world.start(Shadow(), 2)
    with Load(world.serve()) as load:
        wait_for(lambda: (found := tallies(world.stores.rollouts, record)["shadow"].shadow) and found.failed > 100)
    assert set(load.told) == {(200, "delay@1")}
    assert world.now(record).state is RolloutState.RUNNING


def test_promotion_by_hand_ends_a_rollout(world):
    record = world.start(Canary(at=[20, 100], limits=LIMITS), 3)
    with Load(world.serve()) as load:
        wait_for(lambda: load.told[200, "delay@3"])
        world.workspace.registry.promote("delay", 2, reason="a quick repair")
        wait_for(lambda: world.now(record).state is RolloutState.ENDED)
        wait_for(lambda: load.is_answered_by("delay@2"))
    assert {status for status, _ in load.told} == {200}
    assert "moved to version 2" in world.now(record).decision.reason


@pytest.mark.slow
def test_canary_goes_on_after_its_server_was_killed(real_world):
    long = replace(LIMITS, min_requests=100_000)  # it would wait for ever
    record = real_world.start(Canary(1.0, at=[30, 60, 100], limits=long), 3)
    process, url = real_world.spawn()
    before = keyed(url, range(50))
    with Load(url) as load:
        wait_for(lambda: tallies(real_world.stores.rollouts, record)["canary"].answered > 100)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert {status for status, _ in load.told} == {200}
    _, url = real_world.spawn()
    assert keyed(url, range(50)) == before
    stored = real_world.now(record)
    counted = tallies(real_world.stores.rollouts, record)["canary"].answered
    real_world.stores.rollouts.update(replace(stored, limits=LIMITS))
    with Load(url) as load:
        wait_for(lambda: real_world.now(record).state is RolloutState.PROMOTED)
        wait_for(lambda: load.is_answered_by("delay@3"))
    assert {status for status, _ in load.told} == {200}
    assert real_world.stores.models.find_alias("delay", "champion").version == 3
    # What the killed server had counted still counts.
    assert tallies(real_world.stores.rollouts, record, step=0)["canary"].answered > counted > 100


@pytest.mark.slow
def test_two_servers_decide_once_by_what_both_have_counted(real_world):
    record = real_world.start(Canary(1.0, at=[50, 80, 100], limits=LIMITS), 3)
    urls = [real_world.spawn()[1] for _ in range(2)]
    with Load(urls[0]) as first, Load(urls[1]) as second:
        wait_for(lambda: real_world.now(record).state is RolloutState.PROMOTED)
        for load in (first, second):
            wait_for(lambda: load.is_answered_by("delay@3"))  # noqa: B023
    told = first.told + second.told
    assert {status for status, _ in told} == {200}
    processes = {each.process for each in real_world.stores.rollouts.list_evidence(record.id, step=0)}
    assert len({process.split("/")[0] for process in processes}) == 2
    assert [a for a in real_world.audited() if a.startswith("rollout.")] == [
        "rollout.start",
        "rollout.advance",
        "rollout.promote",
    ]


def test_arms_are_scraped_while_and_after_a_rollout(world):
    record = world.start(Split([50, 50]), 2)
    url = world.serve()
    keyed(url, range(40))
    found = scraped(url)
    assert found["millwright_arm_requests_total", "primary"] + found["millwright_arm_requests_total", "candidate"] == 40
    wait_for(lambda: scraped(url).get(("millwright_arm_weight_ratio", "candidate")) == 0.5)
    world.control.end(record, reason="enough")
    wait_for(lambda: ("millwright_arm_weight_ratio", "candidate") not in scraped(url))
    keyed(url, range(10))  # no longer divided
    assert {key: value for key, value in scraped(url).items() if "requests" in key[0]} == {
        key: value for key, value in found.items() if "requests" in key[0]
    }
