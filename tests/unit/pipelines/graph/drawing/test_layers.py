from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given

from millwright.pipelines.graph.drawing.layers import arranged
from unit.pipelines.graph.drawing.conftest import drawing, drawings

if TYPE_CHECKING:
    from millwright.pipelines.graph.drawing import Sketch


def test_row_is_the_longest_way_from_a_beginning() -> None:
    layout = arranged(drawing(4, (0, 1), (1, 2), (0, 3), (2, 3)))
    assert [spot.row for spot in layout.spots[:4]] == [0, 1, 2, 3]


def test_beginning_stands_just_above_the_first_that_needs_it() -> None:
    layout = arranged(drawing(4, (0, 1), (1, 3), (2, 3)))
    assert layout.spots[2].row == 1


def test_lines_of_one_shape_share_their_bends() -> None:
    layout = arranged(drawing(5, (0, 1), (1, 2), (2, 3), (0, 3), (3, 4), (0, 4)))
    assert len(layout.spots) == 5 + 3
    assert layout.routes[5][:-1] == [*layout.routes[3][:-1], layout.routes[5][-2]]


def test_dashed_lines_have_bends_of_their_own() -> None:
    layout = arranged(drawing(4, (0, 1), (1, 2), (0, 2), (2, 3), dashed=((0, 3),)))
    assert not set(layout.routes[2][1:-1]) & set(layout.routes[4][1:-1])


def test_order_takes_crossings_away() -> None:
    layout = arranged(drawing(6, (0, 5), (1, 4), (2, 3)))
    upper, lower = layout.rows
    assert [layout.routes[line][1] for line in range(3)] == [5, 4, 3]
    assert [5 - spot for spot in upper] == lower


def test_nothing_is_arranged_to_nothing() -> None:
    assert arranged(drawing(0)).rows == []


@given(drawings())
def test_every_line_goes_down_row_by_row(drawn: Sketch) -> None:
    layout = arranged(drawn)
    names = [shape.key for shape in drawn.shapes]
    for line, route in zip(drawn.lines, layout.routes, strict=True):
        assert (names[route[0]], names[route[-1]]) == (line.source, line.target)
        assert all(layout.spots[low].row == layout.spots[high].row + 1 for high, low in pairwise(route))
        assert all(layout.spots[spot].shape < 0 for spot in route[1:-1])
    assert sorted(spot for row in layout.rows for spot in row) == list(range(len(layout.spots)))
