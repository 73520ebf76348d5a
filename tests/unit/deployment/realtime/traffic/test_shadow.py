from __future__ import annotations

import threading
from typing import Any

import pytest

from millwright.core.clock import SystemClock
from millwright.core.ids import new_ids
from millwright.deployment.realtime.arm import Arm
from millwright.deployment.realtime.log_writer import LogOptions, PredictionLogWriter
from millwright.deployment.realtime.prediction import Prediction
from millwright.deployment.realtime.traffic.shadow import ShadowMirror
from tiny.rollout_world import wait_for


class Gated:
    """A predictor that waits until it may go on, and fails where a row says so."""

    def __init__(self, signature) -> None:
        self.signature = signature
        self.engine = "stub"
        self.may = threading.Event()

    def predict_rows(self, rows):
        self.may.wait(30)
        if any(row["days"] == -1 for row in rows):
            raise RuntimeError("a bug")
        return [{"prediction": "v1", "probability": row["days"]} for row in rows]


@pytest.fixture
def served(make_served):
    return make_served(1)


@pytest.fixture
def gated(make_served, signature):
    shadow = make_served(2)
    shadow.predictor = Gated(signature)
    return shadow


@pytest.fixture
def make(gated, sink):
    made = []

    def mirror(**options: Any) -> ShadowMirror:
        log = PredictionLogWriter(sink, LogOptions(flush_s=0.01))
        log.start()
        made.append(ShadowMirror("site", {"shadow": gated}, log=log, clock=SystemClock(), **{"share": 100} | options))
        return made[-1]

    yield mirror
    gated.predictor.may.set()
    for each in made:
        each.close(30)


def offer(mirror, served, *days: float, request_id="r") -> list[str]:
    rows = [{"days": value} for value in days]
    outputs = [{"prediction": "v1", "probability": 0.25} for _ in days]
    ids = new_ids(len(rows))
    mirror.offer(Arm(served), request_id, rows, Prediction(served, outputs, ids))
    return ids


def test_shadow_is_compared_and_logged_with_the_answered_id_as_key(make, served, gated, sink):
    mirror = make()
    ids = offer(mirror, served, 0.5, 0.75)
    gated.predictor.may.set()
    wait_for(lambda: len(sink.records) == 2)
    found = mirror.counts()["shadow"]
    assert (found.compared, found.agreed, found.numeric, found.difference) == (2, 2, 2, 0.75)
    assert [record.key for record in sink.records] == ids
    assert {(r.endpoint, r.version, r.request_id) for r in sink.records} == {("site.shadow", 2, "r")}
    assert not set(ids) & {record.id for record in sink.records}


def test_offering_never_waits_and_what_is_too_much_is_shed(make, served, gated):
    mirror = make(max_rows=10)
    for _ in range(30):
        offer(mirror, served, 0.5)
    assert mirror.counts()["shadow"].shed == 20
    gated.predictor.may.set()
    wait_for(lambda: mirror.counts()["shadow"].compared == 10)
    offer(mirror, served, 0.5)
    wait_for(lambda: mirror.counts()["shadow"].compared == 11)


def test_one_request_larger_than_the_queue_is_still_shown(make, served, gated):
    mirror = make(max_rows=2)
    gated.predictor.may.set()
    offer(mirror, served, *[0.5] * 5)
    wait_for(lambda: mirror.counts()["shadow"].compared == 5)


def test_rows_that_the_shadow_fails_at_are_counted_and_the_rest_goes_on(make, served, gated, sink):
    mirror = make()
    gated.predictor.may.set()
    offer(mirror, served, -1, 0.5)
    offer(mirror, served, 0.5)
    wait_for(lambda: mirror.counts()["shadow"].compared == 1)
    assert mirror.counts()["shadow"].failed == 2
    wait_for(lambda: len(sink.records) == 1)


def test_share_of_the_requests_is_shown(make, served, gated):
    mirror = make(share=25)
    gated.predictor.may.set()
    for _ in range(100):
        offer(mirror, served, 0.5)
    wait_for(lambda: mirror.counts()["shadow"].compared == 25)


def test_what_waits_is_predicted_before_it_ends(make, served, gated, sink):
    mirror = make()
    for _ in range(20):
        offer(mirror, served, 0.5)
    gated.predictor.may.set()
    mirror.close(30)
    assert mirror.counts()["shadow"].compared == 20
    assert len(sink.records) == 20


def test_end_does_not_wait_longer_than_it_may(make, served, gated):
    mirror = make()
    offer(mirror, served, 0.5)
    mirror.close(0.0)
    assert mirror.counts()["shadow"].compared == 0
