from __future__ import annotations

import numpy as np
import pytest

from millwright.demo.programme import regime
from millwright.demo.programme.network import NETWORK
from millwright.demo.programme.plan import Plan, contractor_names, draw_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw_plan(np.random.default_rng(3), scale=0.3)


def test_plan_starts_nothing_before_what_it_waits_for_is_finished(plan: Plan) -> None:
    end = plan.start + plan.duration
    for place, node in enumerate(NETWORK):
        for before in node.predecessors:
            both = plan.exists[place] & plan.exists[before]
            assert (plan.start[place] >= end[before] + plan.lag[place])[both].all()


def test_plan_leaves_no_slack_on_the_longest_path(plan: Plan) -> None:
    end = np.where(plan.exists, plan.start + plan.duration, 0)
    last = end.argmax(axis=0)
    assert (plan.slack[last, np.arange(last.size)] == 0).all()
    # Someone without slack begins at once, in every project: the path reaches back to the first day.
    critical = plan.exists & (plan.slack == 0) & (plan.start == plan.begin)
    assert critical.any(axis=0).all()


def test_plan_stays_in_time_when_an_activity_uses_its_slack_up(plan: Plan) -> None:
    finish = np.where(plan.exists, plan.start + plan.duration, 0).max(axis=0)
    place = next(place for place, node in enumerate(NETWORK) if node.trade.code == "LAN")
    assert (plan.start[place] + plan.duration[place] + plan.slack[place] == finish).all()  # nothing follows it


def test_projects_of_the_first_period_have_no_new_region_and_no_new_contractor(plan: Plan) -> None:
    early = plan.begin < (regime.FIRST_SNAPSHOT - regime.ORIGIN).days
    new = np.arange(len(contractor_names())) % len(regime.TREES) >= len(regime.TREES) - regime.NEW_PER_GUILD
    islands = regime.REGIONS.index("Islands")
    assert not new[plan.contractor[:, early]].any()
    assert not (plan.region[early] == islands).any()
    assert new[plan.contractor[:, ~early]].mean() == pytest.approx(regime.AFTER.new_contractor_share, abs=0.1)
    assert (plan.region[~early] == islands).any()


def test_zones_of_a_trade_share_their_contractor(plan: Plan) -> None:
    for code in {node.trade.code for node in NETWORK}:
        chosen = plan.contractor[[place for place, node in enumerate(NETWORK) if node.trade.code == code]]
        assert (chosen == chosen[0]).all()


def test_contractor_works_in_its_own_guild(plan: Plan) -> None:
    guilds = np.array([[node.trade.guild] for node in NETWORK])
    assert (plan.contractor // len(regime.TREES) == guilds).all()


def test_contractor_names_are_unique_and_few_enough_for_a_category() -> None:
    names = contractor_names()
    assert len(set(names)) == len(names) <= 50


@pytest.mark.parametrize("world", [regime.BEFORE, regime.AFTER])
def test_shares_of_a_regime_add_up_to_one(world: regime.Regime) -> None:
    assert sum(world.region_shares) == pytest.approx(1.0)
    assert sum(world.type_shares) == pytest.approx(1.0)
    assert sum(world.permit_shares) == pytest.approx(1.0)
    assert len(world.region_shares) == len(regime.REGIONS)
    assert len(world.type_shares) == len(regime.PROJECT_TYPES)
