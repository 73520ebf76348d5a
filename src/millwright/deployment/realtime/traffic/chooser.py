"""Divides requests among arms by weight: by the caller's routing key, by the request's id, or as a header says."""

from __future__ import annotations

from math import inf, log
from typing import TYPE_CHECKING
from zlib import crc32

from millwright.core.errors import NotFoundError, closest
from millwright.deployment.realtime.arm import Arm

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUTING_KEY = b"x-routing-key"
MODEL_VERSION = b"x-model-version"
ARM = b"x-arm"
_READ = frozenset((ROUTING_KEY, MODEL_VERSION, ARM))
_MOST_ARMS = 8
_TWO = 2
_MASK = 0xFFFF_FFFF
_ONE = 2.0**32


class WeightedChooser:
    """Gives each request an arm, in proportion to the arms' weights.

    A key's arm follows from the key, the salt and the weights alone: it is the same in every process, on every
    machine and after each restart. The key's CRC-32 is mixed to a point between 0 and 1. Two arms divide that range.
    More use weighted rendezvous hashing (Schindelhauer and Schomaker, "Weighted distributed hash tables", SPAA 2005,
    logarithmic method): of the scores `-weight / log(point of key and arm)` the largest wins. Either way a change of
    weights moves keys only to arms whose weight has grown beside another's; for two arms, and for one weight that
    changes, no division moves fewer.

    Args:
        arms: At least one arm with its weight, 0 or more, at least one of them above 0; their order and number is that
            of the rollout, also where a weight is 0.
        salt: Divides the keys of different rollouts differently.
    """

    __slots__ = ("_cut", "_first", "_named", "_places", "_salt", "_second", "_versions", "arms")

    def __init__(self, arms: Sequence[tuple[Arm, float]], salt: str) -> None:
        self.arms = tuple(arm for arm, _ in arms)
        weights = [weight for _, weight in arms]
        if not 0 < len(arms) <= _MOST_ARMS or max(weights) <= 0:
            raise ValueError(f"Expected 1 to {_MOST_ARMS} arms, one with a weight above 0, found {len(arms)}.")
        self._salt = crc32(salt.encode())
        self._first, self._second = self.arms[0], self.arms[-1]
        # Of two arms: the point from which on it is the second one.
        self._cut = weights[0] / sum(weights) * _ONE if len(arms) <= _TWO else -1.0
        self._places = tuple(
            (_mixed(self._salt + place + 1), -weight, arm) for place, (arm, weight) in enumerate(arms) if weight > 0
        )
        # What a caller asks for by name is not drawn by chance, and so no evidence: it is counted apart.
        self._named = {arm.name: Arm(arm.served, arm.name) for arm in self.arms}
        self._versions: dict[str, Arm] = {}
        for arm in self._named.values():
            self._versions.setdefault(str(arm.served.version), arm)

    def choose(self, headers: Sequence[tuple[bytes, bytes]], request_id: str) -> Arm:
        """The arm of a request.

        Args:
            headers: `X-Arm` and `X-Model-Version` (`3`, or `name@3` as answers have it) name an arm; requests with
                the same `X-Routing-Key` get the same one; the first of these headers counts.
            request_id: Decides where there is none of them.

        Raises:
            NotFoundError: No such arm or version.
        """
        for name, value in headers:
            if name in _READ and value:
                if name == ROUTING_KEY:
                    return self.arm_of(value)
                if name == ARM:
                    return _found(self._named, value.decode("latin-1"), "an arm")
                return _found(self._versions, value.decode("latin-1").rpartition("@")[2], "a version")
        return self.arm_of(request_id.encode())

    def arm_of(self, key: bytes) -> Arm:
        """The arm of a routing key."""
        point = _mixed(crc32(key) ^ self._salt)
        cut = self._cut
        if cut >= 0:
            return self._first if point < cut else self._second
        best, chosen = -inf, self._first
        for seed, negative, arm in self._places:
            # Between 0 and 1, and neither of them.
            score = negative / log((_mixed(point ^ seed) + 0.5) / _ONE)
            if score > best:
                best, chosen = score, arm
        return chosen


def _mixed(number: int) -> int:
    """32 bits of which each depends on every one of `number`'s lowest 32: the last step of MurmurHash3."""
    number &= _MASK
    number = (number ^ number >> 16) * 0x85EBCA6B & _MASK
    number = (number ^ number >> 13) * 0xC2B2AE35 & _MASK
    return number ^ number >> 16


def _found(arms: dict[str, Arm], name: str, what: str) -> Arm:
    arm = arms.get(name)
    if arm is None:
        known = list(arms)
        raise NotFoundError(
            f"Expected {what} that answers here, found '{name[:100]}'.",
            hint=closest(name, known),
            details={"found": name[:100], "served": known},
        )
    return arm
