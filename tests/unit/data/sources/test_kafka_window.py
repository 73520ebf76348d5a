from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.sources.kafka_window import find_window
from millwright.data.sources.request import PLAIN, SourceOptions

pytest.importorskip("confluent_kafka", reason="needs confluent-kafka: pip install 'millwright[kafka]'")


class Topic:
    """What a consumer is asked here, of a topic with an index of times: one message a second, its offset the time."""

    def __init__(self, bounds: list[tuple[int, int]]) -> None:
        self.bounds = bounds

    def get_watermark_offsets(self, place: Any, timeout: float) -> tuple[int, int]:
        assert timeout > 0
        return self.bounds[place.partition]

    def offsets_for_times(self, places: list[Any], timeout: float) -> list[Any]:
        from confluent_kafka import TopicPartition

        assert timeout > 0
        return [
            TopicPartition(place.topic, place.partition, max(self.bounds[place.partition][0], -(-place.offset // 1000)))
            for place in places
        ]


def window(bounds: list[tuple[int, int]], options: SourceOptions = PLAIN, resume: dict[int, int] | None = None) -> Any:
    return find_window(Topic(bounds), "t", list(range(len(bounds))), options, resume or {})


def test_partition_with_nothing_to_read_is_remembered_and_not_read() -> None:
    found = window([(0, 3), (5, 5)])
    assert found.ranges == {0: (0, 3)}
    assert found.until == {0: 3, 1: 5}


def test_times_are_those_of_the_index() -> None:
    options = SourceOptions(start="1970-01-01T00:00:02", end="1970-01-01T00:00:04.500Z")
    assert window([(0, 9), (3, 9)], options).ranges == {0: (2, 5), 1: (3, 5)}


def test_offsets_outside_of_what_is_there_are_brought_inside() -> None:
    assert window([(2, 5)], SourceOptions(start="0", end="99")).ranges == {0: (2, 5)}
    assert window([(2, 5)], SourceOptions(start="9")).until == {0: 5}


def test_named_start_goes_over_where_the_last_read_stopped() -> None:
    assert window([(0, 5)], resume={0: 4}).ranges == {0: (4, 5)}
    assert window([(0, 5)], SourceOptions(start="earliest"), {0: 4}).ranges == {0: (0, 5)}


@pytest.mark.parametrize(("offset", "message"), [(1, "its first is 2 now"), (6, "its next is 5")])
def test_messages_that_are_gone_are_an_error(offset: int, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        window([(2, 5)], resume={0: offset})


@given(st.lists(st.integers(0, 20), min_size=1, max_size=5), st.integers(1, 60))
def test_number_is_shared_evenly_and_used_up(sizes: list[int], most: int) -> None:
    found = window([(0, size) for size in sizes], SourceOptions(most=most))
    taken = {number: found.until[number] for number in range(len(sizes))}
    assert sum(taken.values()) == min(most, sum(sizes))
    cut = [taken[number] for number, size in enumerate(sizes) if taken[number] < size]
    if cut:  # nobody who could have taken more stands back by more than one
        assert max(taken.values()) - min(cut) <= 1
