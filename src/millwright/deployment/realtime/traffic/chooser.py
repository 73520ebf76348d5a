"""Divides requests among arms by weight: by the caller's routing key, by the request's id, or as a header says."""

from __future__ import annotations

from hashlib import blake2b
from math import inf, log
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError, closest
from millwright.deployment.realtime.arm import Arm

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUTING_KEY = b"x-routing-key"
MODEL_VERSION = b"x-model-version"
ARM = b"x-arm"
_READ = frozenset((ROUTING_KEY, MODEL_VERSION, ARM))
_BYTES = 8  # of the hash, for each arm
_ONE = 2.0 ** (8 * _BYTES)
_MOST_ARMS = 64 // _BYTES  # of BLAKE2b, which gives 64 bytes


class WeightedChooser:
    """Gives each request an arm, in proportion to the arms' weights.

    A key's arm follows from the key, the salt and the weights alone: it is the same in every process, on every
    machine and after each restart. Weighted rendezvous hashing: of the scores `-weight / log(hash of key and arm)` the
    largest wins, so that a change of weights moves keys only to arms whose weight has grown beside the other's; for
    two arms, and for one weight that changes, no division moves fewer. Source: Schindelhauer and Schomaker, "Weighted
    distributed hash tables" (SPAA 2005), logarithmic method.

    Args:
        arms: At least one arm with its weight, 0 or more, at least one of them above 0; their order and number is that
            of the rollout, also where a weight is 0.
        salt: Divides the keys of different rollouts differently.
    """

    __slots__ = ("_named", "_places", "_salt", "_size", "_versions", "arms")

    def __init__(self, arms: Sequence[tuple[Arm, float]], salt: str) -> None:
        self.arms = tuple(arm for arm, _ in arms)
        self._places = tuple(
            (slice(_BYTES * place, _BYTES * (place + 1)), -weight, arm)
            for place, (arm, weight) in enumerate(arms)
            if weight > 0
        )
        if not self._places or len(arms) > _MOST_ARMS:
            raise ValueError(f"Expected 1 to {_MOST_ARMS} arms, one with a weight above 0, found {len(arms)}.")
        self._size = _BYTES * len(arms)
        self._salt = blake2b(salt.encode(), digest_size=16).digest()
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
        digest = blake2b(key, digest_size=self._size, key=self._salt).digest()
        best, chosen = -inf, self._places[0][2]
        for place, negative, arm in self._places:
            # Between 0 and 1, and neither of them.
            score = negative / log((int.from_bytes(digest[place], "big") + 0.5) / _ONE)
            if score > best:
                best, chosen = score, arm
        return chosen


def _found(arms: dict[str, Arm], name: str, what: str) -> Arm:
    arm = arms.get(name)
    if arm is None:
        known = list(arms)
        raise NotFoundError(
            f"Expected {what} that answers here, found '{name[:100]}'.",
            hint=closest(name, known) or f"There are {', '.join(known)}; leave the header out to be given one.",
            details={"found": name[:100], "served": known},
        )
    return arm
