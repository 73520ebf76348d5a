from __future__ import annotations

import math
from dataclasses import replace

from millwright.registry.exchange.content import DONE_TAG, ORIGIN_TAG, Point, Run, points_digest, run_digest, value_of

RUN = Run(id="a", experiment_id="1", name="n", status="FINISHED", start_ms=1, tags={"k": "v"})


def test_digest_of_points_does_not_depend_on_their_order_and_counts_equal_ones_once():
    points = [Point("a", 0.1, 1, 0), Point("a", math.nan, 1, 0), Point("b", math.inf, 1, 0), Point("a", -0.0, 1, 0)]
    count, digest = points_digest(points)
    assert count == 4
    assert points_digest(reversed(points)) == (4, digest)
    assert points_digest([*points, *points]) == (4, digest)
    assert points_digest(points[1:])[1] != digest
    assert points_digest([points[0]._replace(step=1), *points[1:]])[1] != digest


def test_digest_of_a_run_is_the_same_at_another_place():
    digest = run_digest(RUN, "p", {"f": "1"})
    moved = replace(RUN, id="b", experiment_id="9", artifact_uri="x", tags={"k": "v", ORIGIN_TAG: "a", DONE_TAG: "d"})
    assert run_digest(moved, "p", {"f": "1"}) == digest
    for other in (replace(RUN, name="m"), replace(RUN, tags={}), replace(RUN, deleted=True), replace(RUN, end_ms=1)):
        assert run_digest(other, "p", {"f": "1"}) != digest
    assert run_digest(RUN, "q", {"f": "1"}) != digest
    assert run_digest(RUN, "p", {"f": "2"}) != digest


def test_value_is_what_was_logged():
    assert math.isnan(value_of(0.0, is_nan=True))
    assert value_of(1.7976931348623157e308) == math.inf
    assert value_of(-1.7976931348623157e308) == -math.inf
    assert value_of(1.5) == 1.5
