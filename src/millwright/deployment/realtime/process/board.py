"""A few numbers of each worker in memory that all processes of a server share: no message, no lock, no system call."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from itertools import starmap
from struct import Struct

PLACES = 256  # also for those that leave while others have come already
_ROW = Struct("=qqqddd")
_HELD = Struct("=q")
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Standing:
    """How a worker stands. All zero for a place that nobody has.

    Attributes:
        accepts: 1 while it takes connections.
        connections: Open ones.
        answered: Requests answered since it started.
        seconds: The time that they took in the worker, in all.
        in_flight: Requests that are answered or wait at present, on the average of the last moment.
        latency_s: Their time from the last byte's arrival to the answer, likewise, in seconds.
    """

    accepts: int = 0
    connections: int = 0
    answered: int = 0
    seconds: float = 0.0
    in_flight: float = 0.0
    latency_s: float = 0.0


class Board:
    """The shared memory; to be made before workers are forked.

    Each worker writes its own row only. A reader may see a row half old and half new: the numbers are no contract.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, PLACES * _ROW.size)
        self._held = mmap.mmap(-1, PLACES * _HELD.size)
        for place in range(PLACES):
            self.hold(place, _NOBODY)

    def write(self, place: int, standing: Standing) -> None:
        """Tell how the worker at a place stands."""
        _ROW.pack_into(
            self._memory,
            place * _ROW.size,
            standing.accepts,
            standing.connections,
            standing.answered,
            standing.seconds,
            standing.in_flight,
            standing.latency_s,
        )

    def clear(self, place: int) -> None:
        """Nobody has this place any more."""
        self.write(place, Standing())
        self.hold(place, _NOBODY)

    def hold(self, place: int, number: int) -> None:
        """The worker at a place answers nothing until it has switched, in the swap of this number; 0 before any."""
        _HELD.pack_into(self._held, place * _HELD.size, number)

    def is_nobody(self, place: int) -> bool:
        """Whether no worker at a place has answered or switched yet."""
        return bool(_HELD.unpack_from(self._held, place * _HELD.size)[0] == _NOBODY)

    def is_held(self, place: int, number: int) -> bool:
        """Whether the worker at a place has come so far, or is gone."""
        (found,) = _HELD.unpack_from(self._held, place * _HELD.size)
        return bool(found == _NOBODY or found >= number)

    def read(self, place: int) -> Standing:
        """How the worker at a place stands."""
        return Standing(*_ROW.unpack_from(self._memory, place * _ROW.size))

    def all(self) -> list[Standing]:
        """How all stand, by place."""
        return list(starmap(Standing, _ROW.iter_unpack(self._memory)))

    def fewest(self, but: int) -> int | None:
        """The fewest connections that a worker has which takes more.

        Args:
            but: A place that is passed over: one's own.

        Returns:
            None when no other takes any.
        """
        found = [row[1] for place, row in enumerate(_ROW.iter_unpack(self._memory)) if row[0] and place != but]
        return min(found, default=None)
