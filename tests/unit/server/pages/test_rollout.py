from __future__ import annotations

import re
import shutil

import pytest
from litestar.testing import TestClient

from millwright.core.records.rollout import CanaryLimits, RolloutEvidence
from millwright.deployment.traffic.control import RolloutControl, RolloutPlan
from millwright.deployment.traffic.latency import LATENCY_BUCKETS
from millwright.deployment.traffic.strategy import AB, Canary, Shadow
from millwright.deployment.traffic.tally import Comparison, Tally
from millwright.registry.draft import VersionDraft
from millwright.server.app import build_app
from millwright.server.service import services_of
from millwright.testing.rollouts import rollout
from millwright.workspace.workspace import Workspace
from tiny.project import MODEL
from unit.server.conftest import HOST, Control
from unit.server.pages.test_init import EVIL, TAGS, Found


def counted(answered: int, *, failed: int = 0, bucket: int = 20, value: float = 0.5) -> Tally:
    tally = Tally(answered=answered, failed=failed, seconds=answered * 0.004)
    tally.latencies = [0] * LATENCY_BUCKETS
    tally.latencies[bucket] = answered
    tally.add_outputs([{"probability": value + number % 100 / 1e4} for number in range(answered)])
    return tally


@pytest.fixture
def two_versions(watched_once, tmp_path):
    """The application over a copy of the watched project, with a version 2 beside the champion."""
    shutil.copytree(watched_once, tmp_path / "project")
    with Workspace.open(tmp_path / "project") as workspace:
        first = workspace.registry.resolve(f"{MODEL}@1")
        draft = VersionDraft(
            name=MODEL,
            package=workspace.stores.artifacts.put(b"another package"),
            size_bytes=15,
            flavor=first.flavor,
            signature=dict(first.signature),
        )
        version = workspace.registry.register(draft)
        workspace.registry.approve(MODEL, version.version, reason="a test")
        with TestClient(build_app(services_of(workspace)), base_url=HOST) as client:
            yield Control(client, workspace, "none")


@pytest.fixture
def tell(two_versions):
    """Writes what was counted in a rollout's present step."""

    def write(record, **arms: Tally) -> None:
        two_versions.workspace.stores.rollouts.put_evidence(
            [
                RolloutEvidence(
                    rollout_id=record.id,
                    step=record.step,
                    arm=name,
                    process="p",
                    updated_at=two_versions.workspace.clock.now(),
                    counts=tally.to_json(),
                )
                for name, tally in arms.items()
            ]
        )

    return write


@pytest.fixture
def rollouts(two_versions):
    workspace = two_versions.workspace
    return RolloutControl(stores=workspace.stores, registry=workspace.registry, clock=workspace.clock, actor="user:ada")


def begin(control, strategy):
    return control.start(RolloutPlan(model="late-visit", versions=[2], strategy=strategy))


def test_workspace_without_rollouts_says_so(empty):
    assert "No version has shared an endpoint yet." in empty.page("/rollouts")


def test_canary_shows_arms_tests_and_decisions(two_versions, rollouts, tell):
    record = begin(rollouts, Canary("10m", limits=CanaryLimits(min_requests=100)))
    tell(record, primary=counted(900), canary=counted(200, failed=100, bucket=40))
    listed = two_versions.page("/rollouts")
    assert "late-visit canary running primary late-visit@1, 90 % canary late-visit@2, 10 % 1 of 3" in listed
    page = two_versions.page(f"/rollouts/{record.id}")
    assert "primary late-visit@1 90 % 900 0 0 0.00%" in page
    assert "canary late-visit@2 10 % 200 100 0 50.00%" in page
    assert "Evidence, step 1 of 3" in page
    assert "canary: worse than its limits." in page
    assert re.search(
        r"Errors 0\.00% 50\.00% \+50\.00%, at most \+5\d\.\d+% \(95 %\) \+2\.00% Fisher's exact \S+ worse", page
    )
    assert re.search(r"Latency \(p95\) 1\.92 ms 73\.5 ms .* times as long on average 2 times Binomial; .* worse", page)
    assert re.search(r"Predictions \S \S PSI \d\.\d+ PSI 0\.25 Kolmogorov-Smirnov, 200 rows", page)
    assert "start" in page
    assert "user:ada canary begun by hand" in page


def test_decisions_of_a_rollout_are_listed_with_who_made_them(two_versions, rollouts, tell):
    record = begin(rollouts, Canary("10m", limits=CanaryLimits(min_requests=100)))
    tell(record, primary=counted(900), canary=counted(600))
    alone = rollouts.by_itself(record)
    record = alone.note(record, reason="7 of 200.", evidence={"look": 1, "outcome": "open"})
    page = two_versions.page(f"/rollouts/{record.id}")
    assert "canary: within its limits. 600 requests show it to be within the limits" in page
    assert f"wait {record.decision.at:%Y-%m-%d} " in page
    assert f"automation:rollout/…{record.id[-8:]} 7 of 200." in page
    record = alone.roll_back(record, reason="too slow", evidence={"step": 0, "look": 2, "outcome": "bad"})
    page = two_versions.page(f"/rollouts/{record.id}")
    assert "rolled_back" in page
    assert f"automation:rollout/…{record.id[-8:]} too slow canary 10 %, primary 90 % look 2 · outcome bad" in page
    assert f"/rollouts/{record.id}" in two_versions.get("/endpoints/late-visit").text


def test_arms_without_requests_have_no_evidence_yet(two_versions, rollouts):
    record = begin(rollouts, AB())
    page = two_versions.page(f"/rollouts/{record.id}")
    assert "challenger: not shown yet. 0 of at least 200 requests to each arm." in page
    assert "Nothing is decided by these figures" in page
    assert re.search(r"champion late-visit@1 50 % 0 0 0 \S \S \S challenger", page)


def test_shadow_shows_what_it_has_compared(two_versions, rollouts, tell):
    record = begin(rollouts, Shadow())
    compared = Comparison(compared=200, agreed=150, numeric=200, difference=4.0, absolute=8.0, failed=3, shed=7)
    tell(record, shadow=Tally(shadow=compared))
    page = two_versions.page(f"/rollouts/{record.id}")
    assert "shadow late-visit@2 100 % 200 75.00% 0.020 3 7" in page
    assert "Evidence" not in page


def test_unknown_rollout_is_not_found(empty):
    assert empty.get("/rollouts/nothing", accept="text/html").status_code == 404


def test_markup_in_rollouts_stays_text(two_versions, rollouts):
    record = begin(rollouts, AB())
    two_versions.workspace.stores.rollouts.create(rollout(endpoint=EVIL, model=EVIL, alias=EVIL, created_by=EVIL))
    record = rollouts.pause(record, reason=EVIL)
    for path in ("/rollouts", f"/rollouts/{record.id}"):
        answer = two_versions.get(path, accept="text/html")
        found = Found()
        found.feed(answer.text)
        assert found.tags <= TAGS
        assert all(link.startswith("/") and not link.startswith("//") for link in found.links)
        assert "&lt;script&gt;alert(1)" in answer.text
