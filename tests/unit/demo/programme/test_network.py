from __future__ import annotations

from millwright.demo.programme.network import MOST_ZONES, NETWORK
from millwright.demo.programme.trade import TRADES


def test_network_has_a_node_per_trade_and_zone() -> None:
    expected = {(trade.code, zone) for trade in TRADES for zone in range(MOST_ZONES if trade.zoned else 1)}
    assert {(node.trade.code, node.zone) for node in NETWORK} == expected
    assert len(NETWORK) == len(expected)


def test_network_is_in_topological_order() -> None:
    assert all(before < place for place, node in enumerate(NETWORK) for before in node.predecessors)


def test_node_in_a_zone_follows_its_trades_of_that_zone_and_its_own_crew() -> None:
    names = {(node.trade.code, node.zone): node for node in NETWORK}
    found = {(NETWORK[place].trade.code, NETWORK[place].zone) for place in names["MEC", 1].predecessors}
    assert found == {("STR", 1), ("ROO", 0), ("MEC", 0)}


def test_node_of_the_whole_project_follows_every_zone() -> None:
    commissioning = NETWORK[-1]
    found = [(NETWORK[place].trade.code, NETWORK[place].zone) for place in commissioning.predecessors]
    assert sorted(found) == [(code, zone) for code in ("INT", "MEC") for zone in range(MOST_ZONES)]
