"""Which shape stands in which row, and in which order there: layers after Sugiyama, Tagawa and Toda (1981).

A row is the longest way from a beginning. Lines that pass a row have a bend in it; the lines that leave one shape share
their bends, so that a value that many steps read is one line that branches. The order in the rows follows the
barycentre of what stands above and below, in sweeps, and the order with the fewest crossings is kept.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.pipelines.graph.drawing.sketch import Sketch

_SWEEPS = 12
_WORTH_COUNTING = 20_000  # lines between rows up to which crossings are counted: beyond, nobody sees them


@dataclass(slots=True)
class Spot:
    """A place in a row: a shape, or the bend of a line that passes.

    Attributes:
        shape: The shape's number in the sketch; -1 for a bend.
        above: The spots of the row above that lines come from.
        below: The spots of the row below that lines go to.
    """

    row: int
    shape: int = -1
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """Spots in rows.

    Attributes:
        spots: The shapes' spots have the shapes' numbers; bends come behind them.
        rows: The numbers of the spots of each row, from left to right.
        routes: For each line of the sketch the spots that it goes through, from above.
    """

    spots: list[Spot]
    rows: list[list[int]]
    routes: list[list[int]]


def arranged(drawn: Sketch) -> Layout:
    """Rows and their order."""
    number = {shape.key: index for index, shape in enumerate(drawn.shapes)}
    ends = [(number[line.source], number[line.target]) for line in drawn.lines]
    row_of = _rows(len(number), ends)
    spots = [Spot(row) for row in row_of]
    for index, spot in enumerate(spots):
        spot.shape = index
    bends: dict[tuple[int, bool, int], int] = {}
    routes = []
    for line, (source, target) in zip(drawn.lines, ends, strict=True):
        route = [source]
        for row in range(row_of[source] + 1, row_of[target]):
            key = (source, line.is_dashed, row)
            if key not in bends:
                bends[key] = len(spots)
                spots.append(Spot(row))
            route.append(bends[key])
        route.append(target)
        routes.append(route)
        for upper, lower in pairwise(route):
            if lower not in spots[upper].below:
                spots[upper].below.append(lower)
                spots[lower].above.append(upper)
    rows: list[list[int]] = [[] for _ in range(max(row_of, default=-1) + 1)]
    for index, spot in enumerate(spots):
        rows[spot.row].append(index)
    return Layout(spots, _ordered(spots, rows), routes)


def _rows(count: int, ends: Sequence[tuple[int, int]]) -> list[int]:
    """The row of each shape; a beginning stands just above the first that needs it. Shapes come in order."""
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for source, target in ends:
        above[target].append(source)
        below[source].append(target)
    found = [0] * count
    for index in range(count):
        found[index] = max((found[each] + 1 for each in above[index]), default=0)
    for index in range(count):
        if not above[index] and below[index]:
            found[index] = min(found[each] for each in below[index]) - 1
    return found


def _ordered(spots: list[Spot], rows: list[list[int]]) -> list[list[int]]:
    counted = sum(len(spot.below) for spot in spots) <= _WORTH_COUNTING
    best, fewest = rows, _crossings(spots, rows) if counted else 0
    current = rows
    for sweep in range(_SWEEPS if counted else 2):
        current = _swept(spots, current, downwards=sweep % 2 == 0)
        crossings = _crossings(spots, current) if counted else -1
        if crossings < fewest:
            best, fewest = current, crossings
        if fewest == 0:
            break
    return best


def _swept(spots: list[Spot], rows: list[list[int]], *, downwards: bool) -> list[list[int]]:
    """Each row ordered by where its neighbours stand; spots without any stay where they are."""
    swept = list(rows)
    place = {spot: index for row in rows for index, spot in enumerate(row)}
    for number in range(len(rows)) if downwards else reversed(range(len(rows))):
        weights = {}
        for spot in swept[number]:
            near = spots[spot].above if downwards else spots[spot].below
            weights[spot] = sum(place[each] for each in near) / len(near) if near else place[spot]
        swept[number] = sorted(swept[number], key=lambda spot: (weights[spot], place[spot]))
        place.update((spot, index) for index, spot in enumerate(swept[number]))
    return swept


def _crossings(spots: list[Spot], rows: list[list[int]]) -> int:
    total = 0
    for row, after in pairwise(rows):
        place = {spot: index for index, spot in enumerate(after)}
        seen: list[int] = []
        for spot in row:
            targets = sorted(place[each] for each in spots[spot].below)
            total += sum(len(seen) - bisect_right(seen, target) for target in targets)
            for target in targets:
                insort(seen, target)
    return total
