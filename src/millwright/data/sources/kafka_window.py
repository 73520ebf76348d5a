"""A bounded window of a Kafka topic: from which offset to which, in each partition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.data.sources.request import SourceOptions

TIMEOUT_S = 20.0
_END = -1  # what brokers answer when no message is as late as that


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What to read of a topic.

    Attributes:
        ranges: Partition → first offset, and the offset behind the last; none where there is nothing to read.
        until: Partition → the offset to go on from when all of it was read; for every partition.
    """

    ranges: Mapping[int, tuple[int, int]]
    until: Mapping[int, int]


def find_window(
    consumer: Any, topic: str, partitions: list[int], options: SourceOptions, resume: Mapping[int, int]
) -> Window:
    """Turn what was asked for into offsets; what is written to the topic later is not in them.

    A time stands for the first message with that time or a later one, as brokers index them. With `options.most`, the
    partitions share the number evenly; what one does not use goes to the others, the first ones first.

    Args:
        consumer: Of confluent_kafka.
        topic: The topic's name.
        partitions: Its partitions.
        options: `start`, `end` and `most`.
        resume: Where an earlier read stopped; used where `options.start` says nothing.

    Raises:
        InvalidInputError: A bound is no offset, time or name; or messages that were not read yet are gone.
    """
    ranges: dict[int, tuple[int, int]] = {}
    for partition in sorted(partitions):
        low, high = _watermarks(consumer, topic, partition)
        end = min(high, max(low, _offset(consumer, (topic, partition), options.end or "latest", (low, high))))
        if not options.start and partition in resume:
            start = _resumed(topic, partition, resume[partition], (low, high))
        else:
            asked = _offset(consumer, (topic, partition), options.start or "earliest", (low, high))
            start = min(high, max(low, asked))
        ranges[partition] = (start, max(start, end))
    ranges = _shortened(ranges, options.most)
    return Window(
        ranges={partition: bounds for partition, bounds in ranges.items() if bounds[0] < bounds[1]},
        until={partition: end for partition, (_, end) in ranges.items()},
    )


def _watermarks(consumer: Any, topic: str, partition: int) -> tuple[int, int]:
    from confluent_kafka import TopicPartition

    low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=TIMEOUT_S)
    return int(low), int(high)


def _resumed(topic: str, partition: int, offset: int, bounds: tuple[int, int]) -> int:
    low, high = bounds
    if low <= offset <= high:
        return offset
    found = f"its first is {low} now" if offset < low else f"its next is {high}"
    raise InvalidInputError(
        f"Expected to go on at offset {offset} of partition {partition} of '{topic}', but {found}: messages were "
        "removed before they were read, or the topic was made anew.",
        hint="To go on with what is there, say --from earliest.",
    )


def _offset(consumer: Any, place: tuple[str, int], bound: str, bounds: tuple[int, int]) -> int:
    low, high = bounds
    if bound == "earliest":
        return low
    if bound == "latest":
        return high
    if re.fullmatch(r"[0-9]+", bound):
        return int(bound)
    return _at_time(consumer, place, _milliseconds(bound), bounds)


def _milliseconds(bound: str) -> int:
    try:
        moment = datetime.fromisoformat(bound)
    except ValueError as error:
        raise InvalidInputError(
            f"Expected 'earliest', 'latest', an offset or a time, found '{bound}'.",
            hint="For example 2026-01-31T10:00:00Z.",
        ) from error
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)


def _at_time(consumer: Any, place: tuple[str, int], moment: int, bounds: tuple[int, int]) -> int:
    """The first offset with a time of `moment` (milliseconds since 1970) or later; the end when there is none."""
    from confluent_kafka import TopicPartition

    low, high = bounds
    if low == high:
        return high
    found = int(consumer.offsets_for_times([TopicPartition(*place, moment)], timeout=TIMEOUT_S)[0].offset)
    if found != _END:
        return found
    # "None" is also what a broker without an index of times says: then the last message would be late enough.
    last = next(_times(consumer, place, high - 1, high), None)
    if last is None or last[1] < moment:
        return high
    return next((offset for offset, time in _times(consumer, place, low, high) if time >= moment), high)


def _times(consumer: Any, place: tuple[str, int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The offsets and times of the messages from one offset to another."""
    from confluent_kafka import TopicPartition

    consumer.assign([TopicPartition(*place, start)])
    while True:
        message = consumer.poll(TIMEOUT_S)
        if message is None or message.error() or message.offset() >= end:
            return
        yield int(message.offset()), int(message.timestamp()[1])


def _shortened(ranges: dict[int, tuple[int, int]], most: int | None) -> dict[int, tuple[int, int]]:
    if most is None:
        return ranges
    left, shorter = most, dict(ranges)
    by_size = sorted(ranges, key=lambda partition: (ranges[partition][1] - ranges[partition][0], partition))
    for position, partition in enumerate(by_size):
        start, end = ranges[partition]
        others = len(by_size) - position
        share = -(-left // others)  # rounded up, so that a rest is not lost
        taken = min(end - start, share)
        shorter[partition] = (start, start + taken)
        left -= taken
    return shorter
