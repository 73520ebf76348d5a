"""The network of a project's activities: every project has the same, of as many zones as it has."""

from __future__ import annotations

from dataclasses import dataclass

from millwright.demo.programme.trade import TRADES, Trade

MOST_ZONES = 3


@dataclass(frozen=True, slots=True)
class Node:
    """An activity of the network.

    Attributes:
        trade: What is done.
        zone: Where, from 0; 0 for a trade that is not zoned.
        predecessors: Positions in NETWORK of what must be finished before, all smaller than this node's own.
    """

    trade: Trade
    zone: int
    predecessors: tuple[int, ...]


def _network() -> tuple[Node, ...]:
    nodes: list[Node] = []
    places: dict[tuple[str, int], int] = {}
    for trade in TRADES:
        for zone in range(MOST_ZONES if trade.zoned else 1):
            before = [
                place
                for (code, other), place in places.items()
                if code in trade.after and (other == zone or not trade.zoned or (other == 0 and not _zoned(code)))
            ]
            if zone:  # the crew comes from the zone before
                before.append(places[trade.code, zone - 1])
            places[trade.code, zone] = len(nodes)
            nodes.append(Node(trade, zone, tuple(before)))
    return tuple(nodes)


def _zoned(code: str) -> bool:
    return next(trade.zoned for trade in TRADES if trade.code == code)


NETWORK = _network()
