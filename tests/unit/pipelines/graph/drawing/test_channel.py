from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from millwright.pipelines.graph.drawing.channel import Net, assign_tracks


def test_straight_lines_need_no_track() -> None:
    net = Net(3, ends=[3])
    assert assign_tracks([net]) == 0
    assert net.track == -1


def test_lines_that_are_apart_share_a_track() -> None:
    nets = [Net(0, ends=[4]), Net(10, ends=[7, 14])]
    assert assign_tracks(nets) == 1


def test_lines_that_would_touch_do_not_share_a_track() -> None:
    nets = [Net(0, ends=[5]), Net(6, ends=[9])]
    assert assign_tracks(nets) == 2


def test_line_comes_down_before_another_one_arrives_in_its_column() -> None:
    upper, lower = Net(8, ends=[2]), Net(0, ends=[8])
    assert assign_tracks([lower, upper]) == 2
    assert upper.track < lower.track


def test_lines_that_arrive_on_one_anothers_columns_end_all_the_same() -> None:
    assert assign_tracks([Net(0, ends=[8]), Net(8, ends=[0])]) == 2


nets = st.lists(st.integers(0, 60), min_size=3, max_size=24, unique=True).map(
    lambda columns: [Net(columns[at], ends=columns[at + 1 : at + 3]) for at in range(0, len(columns) - 2, 3)]
)


@given(nets)
def test_no_two_lines_run_over_one_another(found: list[Net]) -> None:
    count = assign_tracks(found)
    assert {net.track for net in found} == set(range(count))
    for net in found:
        for other in found:
            if other is not net and other.track == net.track:
                assert net.span[1] + 1 < other.span[0] or other.span[1] + 1 < net.span[0]
