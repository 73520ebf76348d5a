from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from millwright.pipelines.graph.drawing.layers import arranged
from millwright.pipelines.graph.drawing.place import placed
from unit.pipelines.graph.drawing.conftest import drawing, drawings

if TYPE_CHECKING:
    from millwright.pipelines.graph.drawing import Sketch


def test_chain_is_straight() -> None:
    layout = arranged(drawing(3, (0, 1), (1, 2)))
    assert placed(layout, [10.0, 30.0, 20.0], 5.0) == pytest.approx([15.0, 15.0, 15.0])


def test_one_above_two_stands_in_their_middle() -> None:
    layout = arranged(drawing(3, (0, 1), (0, 2)))
    found = placed(layout, [10.0, 10.0, 10.0], 6.0)
    assert found[0] == pytest.approx((found[1] + found[2]) / 2)
    assert abs(found[1] - found[2]) == pytest.approx(16.0)


@given(drawings())
def test_neighbours_do_not_overlap(drawn: Sketch) -> None:
    layout = arranged(drawn)
    widths = [float(5 + 3 * (spot % 4)) for spot in range(len(layout.spots))]
    found = placed(layout, widths, 4.0)
    assert min(place - widths[spot] / 2 for spot, place in enumerate(found)) == pytest.approx(0.0, abs=1e-6)
    for row in layout.rows:
        for left, right in pairwise(row):
            assert found[right] - found[left] >= (widths[left] + widths[right]) / 2 + 4.0 - 1e-6
