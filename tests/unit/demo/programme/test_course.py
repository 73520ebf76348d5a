from __future__ import annotations

import numpy as np
import pytest

from millwright.demo.programme.course import Course, run
from millwright.demo.programme.network import NETWORK
from millwright.demo.programme.plan import Plan, draw_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw_plan(np.random.default_rng(3), scale=0.3)


@pytest.fixture(scope="module")
def course(plan: Plan) -> Course:
    return run(np.random.default_rng(4), plan)


def test_activity_starts_after_all_that_it_waits_for_has_ended(plan: Plan, course: Course) -> None:
    for place, node in enumerate(NETWORK):
        for before in node.predecessors:
            both = plan.exists[place] & plan.exists[before]
            assert (course.start[place] > course.end[before])[both].all()


def test_activity_lasts_a_day_or_more_and_costs_something(course: Course) -> None:
    assert (course.end > course.start).all()
    assert (course.cost > 0).all()


def test_predecessor_delay_is_that_of_the_worst_one(plan: Plan, course: Course) -> None:
    place = len(NETWORK) - 1
    before = list(NETWORK[place].predecessors)
    delays = np.where(plan.exists[before], (course.end - course.planned_end)[before], -(10**6)).max(axis=0)
    assert (course.predecessor_delay[place] == delays).all()
    assert (course.predecessors[place] == plan.exists[before].sum(axis=0)).all()


def test_first_activity_has_no_predecessor_and_no_delay_of_one(course: Course) -> None:
    assert (course.predecessors[0] == 0).all()
    assert (course.predecessor_delay[0] == 0).all()


def test_plan_is_revised_for_delays_but_never_moved_forward(plan: Plan, course: Course) -> None:
    assert (course.planned_start >= plan.start).all()
    assert (course.planned_end - course.planned_start == plan.duration).all()
    assert (course.planned_start > plan.start)[plan.exists].mean() > 0.2


def test_delays_are_passed_on_along_the_network(plan: Plan, course: Course) -> None:
    place = next(place for place, node in enumerate(NETWORK) if node.trade.code == "EXC")
    late = course.predecessor_delay[place] > 15
    slips = course.start[place] - plan.start[place]
    assert slips[late].mean() > slips[~late].mean() + 10
