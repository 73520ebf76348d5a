"""How lines run between two rows of boxes of characters: down from a box, along a track, down to the next boxes.

The lines that leave one shape share a track (a net). Two nets may share a track where they are apart. Where one net
comes down in the column in which another one arrives, the first has the upper track: else they would run into one
another.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_APART = 1  # columns between nets on one track


@dataclass(slots=True)
class Net:
    """Lines that leave one shape.

    Attributes:
        start: The column that they leave in.
        ends: The columns that they arrive in.
        is_dashed: Whether only the order is meant.
        track: The row of the channel that they run along; -1 when they go straight down.
    """

    start: int
    is_dashed: bool = False
    ends: list[int] = field(default_factory=list)
    track: int = -1

    @property
    def is_straight(self) -> bool:
        """Whether there is no way to the side."""
        return all(end == self.start for end in self.ends)

    @property
    def span(self) -> tuple[int, int]:
        """From the leftmost column to the rightmost."""
        return min(self.start, *self.ends), max(self.start, *self.ends)


def assign_tracks(nets: list[Net]) -> int:
    """Give each net its track.

    Returns:
        How many tracks there are.
    """
    waiting = [net for net in nets if not net.is_straight]
    # A straight net takes its column on every track; who crosses it just crosses.
    later = {
        index: {other for other in range(len(waiting)) if _above(net, waiting[other])}
        for index, net in enumerate(waiting)
    }
    first = [0] * len(waiting)
    tracks: list[list[Net]] = []
    left = set(range(len(waiting)))
    while left:
        free = [index for index in left if not any(index in later[other] for other in left if other != index)]
        # Two that come down on one another's ends are not to be told apart: any of them goes first.
        index = min(free or left, key=lambda each: waiting[each].span)
        left.discard(index)
        net = waiting[index]
        net.track = next(
            (number for number in range(first[index], len(tracks)) if not any(_touch(net, o) for o in tracks[number])),
            max(first[index], len(tracks)),
        )
        while len(tracks) <= net.track:
            tracks.append([])
        tracks[net.track].append(net)
        for other in later[index]:
            first[other] = max(first[other], net.track + 1)
    return len(tracks)


def _above(net: Net, other: Net) -> bool:
    """Whether a net must have the upper track of the two."""
    return net is not other and net.start in other.ends


def _touch(net: Net, other: Net) -> bool:
    left, right = net.span
    other_left, other_right = other.span
    return left <= other_right + _APART and other_left <= right + _APART
