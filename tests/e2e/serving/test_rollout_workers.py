"""A rollout on `mw serve --workers 2`: what both workers answered is counted once, and one of them decides."""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import polars as pl
import psutil
import pytest

from e2e.workplace import PATIENCE_S, Workplace
from millwright.core.records.rollout import CanaryLimits, RolloutState
from millwright.deployment.traffic.control import RolloutControl, RolloutPlan
from millwright.deployment.traffic.decider import tallies
from millwright.deployment.traffic.strategy import Canary, Split
from millwright.models.adoption import adopt
from millwright.registry.packaged import register_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from millwright.core.records.rollout import RolloutRecord
    from millwright.deployment.traffic.strategy import Strategy
    from millwright.workspace.workspace import Workspace

pytestmark = pytest.mark.slow

# Wide limits: the two versions are nearly one model, and what is tested is who counts and who decides.
LIMITS = CanaryLimits(min_requests=50, max_error_increase=0.2, max_slowdown=50.0, latency_floor_s=0.5, max_shift=None)


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """Versions 1 and 2 of `visit`, nearly the same, of which the first is champion."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    random = np.random.default_rng(0)
    rows = pl.DataFrame({"load": random.normal(size=200), "days": random.integers(1, 9, 200)})
    late = np.where(rows["load"].to_numpy() > 0, "yes", "no")
    place = Workplace(tmp_path)
    with place.open() as workspace:
        for strength in (1.0, 0.9):
            fitted = make_pipeline(LogisticRegression(C=strength)).fit(rows.to_numpy(), late)
            model = adopt(fitted, rows, target="late")
            register_model(model, "visit", sample=rows, registry=workspace.registry, stores=workspace.stores)
        workspace.registry.promote("visit", 1, reason="the first", force=True)
    place.mw("models", "approve", "visit@2", "--reason", "nearly the same")
    return place


def begin(workspace: Workspace, strategy: Strategy) -> RolloutRecord:
    control = RolloutControl(
        stores=workspace.stores, registry=workspace.registry, clock=workspace.clock, actor="user:ada"
    )
    return control.start(RolloutPlan(model="visit", versions=[2], strategy=strategy))


@contextmanager
def serving(workplace: Workplace) -> Iterator[tuple[str, Callable[[], list[int]]]]:
    """The server's URL, and what gives the process ids of its workers; it must end well."""
    process = workplace.start("serve", "visit@champion", "--port", "0", "--workers", "2")
    try:
        assert process.stdout is not None
        found = re.search(r"http://[\w.]+:\d+", process.stdout.readline())
        assert found is not None, process.communicate(timeout=PATIENCE_S)
        url, parent = found.group(), psutil.Process(process.pid)
        until(lambda: "millwright_workers 2" in httpx.get(f"{url}/metrics", timeout=20).text)
        yield url, lambda: sorted(child.pid for child in parent.children())
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, errors


def until(condition: Callable[[], Any]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def ask(url: str, count: int) -> Counter[str]:
    """Requests over a connection each, so that either worker may take it; how many each version answered."""
    found: Counter[str] = Counter()
    for number in range(count):
        reply = httpx.post(f"{url}/predict", json={"load": number % 7 - 3.0, "days": 3}, timeout=20)
        assert reply.status_code == 200
        found[reply.headers["x-model-version"]] += 1
    return found


def counted(workspace: Workspace, record: RolloutRecord) -> Counter[str]:
    """How many requests each version has answered, by the evidence in the store."""
    names = {arm.name: f"visit@{arm.version}" for arm in record.arms}
    found = tallies(workspace.stores.rollouts, record)
    return Counter({names[name]: tally.answered for name, tally in found.items()})


def by_process(workspace: Workspace, record: RolloutRecord) -> Counter[int]:
    """How many requests each process has answered, by the evidence in the store."""
    found: Counter[int] = Counter()
    for each in workspace.stores.rollouts.list_evidence(record.id):
        found[int(each.process.split(":")[1])] += each.counts["answered"]
    return found


def test_requests_to_all_workers_are_counted_once_and_outlive_a_worker(workplace: Workplace) -> None:
    with workplace.open() as workspace:
        record = begin(workspace, Split([60, 40]))
        with serving(workplace) as (url, pids):
            asked = ask(url, 200)
            assert set(asked) == {"visit@1", "visit@2"}
            until(lambda: counted(workspace, record).total() >= 200)
            assert counted(workspace, record) == asked
            told = workplace.mw("rollout", "status", "visit", "--json").json["step"]
            assert {name: arm["answered"] for name, arm in told.items()} == {
                arm.name: asked[f"visit@{arm.version}"] for arm in record.arms
            }
            before = by_process(workspace, record)
            assert set(before) == set(pids())

            # Everything is written: a worker that is killed now takes nothing with it.
            victim, other = pids()
            psutil.Process(victim).kill()
            until(lambda: victim not in pids() and len(pids()) == 2)
            until(lambda: "millwright_workers 2" in httpx.get(f"{url}/metrics", timeout=20).text)
            asked += ask(url, 100)
            until(lambda: counted(workspace, record).total() >= 300)
            assert counted(workspace, record) == asked
            after = by_process(workspace, record)
            assert after[victim] == before[victim]
            assert after[other] > before[other]
            assert set(after) == {victim, *pids()}

            # What a worker has not written yet dies with it, and nothing else.
            written, victim = counted(workspace, record).total(), other
            more = ask(url, 50)
            psutil.Process(victim).kill()
            until(lambda: victim not in pids() and len(pids()) == 2)
        # The server has ended, so that all others have written everything.
        found = by_process(workspace, record)
        assert written <= found.total() <= (asked + more).total()
        assert all(counted(workspace, record)[version] <= count for version, count in (asked + more).items())
        assert all(found[process] >= count for process, count in after.items())


def test_what_is_counted_when_the_server_ends_is_written(workplace: Workplace) -> None:
    with workplace.open() as workspace:
        record = begin(workspace, Split([60, 40]))
        with serving(workplace) as (url, _):
            asked = ask(url, 60)
        assert counted(workspace, record) == asked


def test_canary_is_decided_on_once_by_what_both_workers_have_counted(workplace: Workplace) -> None:
    with workplace.open() as workspace:
        record = begin(workspace, Canary("1s", at=[30, 60, 100], limits=LIMITS))
        with serving(workplace) as (url, _):
            asked: Counter[str] = Counter()

            def has_ended() -> bool:
                asked.update(ask(url, 20))
                return workspace.stores.rollouts.get(record.id).state is not RolloutState.RUNNING

            until(has_ended)
            ended = workspace.stores.rollouts.get(record.id)
            assert ended.state is RolloutState.PROMOTED, ended.decision.reason
            while_it_ran = Counter(asked)

            def all_have_switched() -> bool:
                answers = ask(url, 10)
                asked.update(answers)
                return set(answers) == {"visit@2"}

            until(all_have_switched)
        events = sorted(workspace.stores.audit.list(), key=lambda event: event.seq)
        actions = [event.action for event in events if event.action.startswith("rollout.")]
        assert actions == ["rollout.start", "rollout.advance", "rollout.promote"]
        found = counted(workspace, record)
        # A process counts for the rollout until it has seen that it ended, and then answers for the alias.
        assert while_it_ran["visit@1"] <= found["visit@1"] <= asked["visit@1"]
        assert found["visit@2"] <= asked["visit@2"]
        assert len(by_process(workspace, record)) == 2
        last = ended.decision.evidence
        step = tallies(workspace.stores.rollouts, ended, step=last["step"])
        for arm in ("primary", "canary"):
            assert LIMITS.min_requests <= last[arm]["answered"] <= step[arm].answered
