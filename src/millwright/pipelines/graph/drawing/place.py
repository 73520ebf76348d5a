"""How far from the left each spot stands: near those that it is joined with, and no two in one place.

Of a row in its order, the places nearest to the wanted ones (least squares) with the least distances between them are
an isotonic regression, which pooling adjacent violators solves exactly (Ayer and others, 1955).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.pipelines.graph.drawing.layers import Layout

_SWEEPS = 8


def placed(layout: Layout, widths: Sequence[float], gap: float) -> list[float]:
    """The middle of each spot.

    Args:
        layout: Rows and their order.
        widths: Of the spots, in the unit that the result is in.
        gap: The least distance between the edges of neighbours.

    Returns:
        One place for each spot; the left edge of the leftmost spot is at 0.
    """
    found = [0.0] * len(layout.spots)
    for row in layout.rows:
        for spot, place in zip(row, _spread([0.0] * len(row), _distances(row, widths, gap)), strict=True):
            found[spot] = place
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        for row in layout.rows if downwards else reversed(layout.rows):
            wanted = []
            for spot in row:
                one_side = layout.spots[spot].above if downwards else layout.spots[spot].below
                # The last sweeps look at both sides, and even out what the first ones pulled apart.
                near = [*layout.spots[spot].above, *layout.spots[spot].below] if sweep >= _SWEEPS - 2 else one_side
                wanted.append(sum(found[each] for each in near) / len(near) if near else found[spot])
            for spot, place in zip(row, _spread(wanted, _distances(row, widths, gap)), strict=True):
                found[spot] = place
    left = min((place - widths[spot] / 2 for spot, place in enumerate(found)), default=0.0)
    return [place - left for place in found]


def _distances(row: Sequence[int], widths: Sequence[float], gap: float) -> list[float]:
    """From the middle of each spot of a row to that of the next one, at least."""
    return [(widths[left] + widths[right]) / 2 + gap for left, right in pairwise(row)]


def _spread(wanted: Sequence[float], distances: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones whose distances are at least these."""
    offsets = [0.0]
    for distance in distances:
        offsets.append(offsets[-1] + distance)
    pools: list[tuple[float, int]] = []  # the mean of some neighbours, and how many they are
    for want, offset in zip(wanted, offsets, strict=False):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]
