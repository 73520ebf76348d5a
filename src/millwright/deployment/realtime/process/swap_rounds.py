"""The parent's part in a hot swap: all workers load and try a version, and switch together or not at all.

The two phases of a two-phase commit (Gray, "Notes on Data Base Operating Systems", 1978, section 5.8.3.3), with the
parent as coordinator: the workers vote, and the word of the parent, given once, decides. It is in memory only, as the
workers end with the parent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

logger = logging.getLogger(__name__)

# From the word to the switch, and from one switch to the next: in this time the word reaches all workers, so that they
# switch at one moment.
SWITCH_S = 0.05
# A refused version is tried again after this time, since the reason may have been a store that was away.
RETRY_S = 30.0

Tell = Callable[[int, dict[str, Any]], None]


@dataclass(slots=True)
class _Round:
    """A version that is being tried.

    Attributes:
        number: Tells rounds apart.
        ref: The version, as `name@3`.
        give_up_at: When it has taken too long.
        missing: Workers that have not voted.
        died: Workers that ended before they had.
    """

    number: int
    ref: str
    give_up_at: float
    missing: set[int]
    died: int = 0


@dataclass(slots=True)
class _Refusal:
    ref: str
    reason: str
    until: float


class SwapRounds:
    """Keeps which version of each endpoint answers, and moves all workers to another one.

    Members are named by a number of their own. A member that has joined votes in each round; one that is gone is not
    waited for. Each change and each vote is to be told; times are seconds of a clock that never goes back.

    Args:
        tell: Says something to a member.
        prepare_s: How long the members may take to load and try a version, in seconds.

    Attributes:
        committed: The version that answers, by endpoint; empty before the first member has joined.
        swapped: Rounds that ended with a switch.
        refused: Rounds that ended since a member could not serve the version.
        given_up: Rounds that took too long.
    """

    def __init__(self, tell: Tell, prepare_s: float) -> None:
        self._tell = tell
        self._prepare_s = prepare_s
        self._members: dict[int, int] = {}
        self._rounds: dict[str, _Round] = {}
        self._refusals: dict[str, _Refusal] = {}
        self._count = 0
        self._switch_at = 0.0
        self.committed: dict[str, str] = {}
        self.swapped = self.refused = self.given_up = 0

    def join(self, member: int, versions: dict[str, str], place: int = 0) -> None:
        """A member has loaded some versions and asks whether they are those that answer.

        What the first member brings is what answers. One that brings something else loads again and asks again.

        Args:
            member: Who.
            versions: By endpoint, as `name@3`.
            place: Where the others look whether it has come as far as they have.
        """
        if set(self.committed) != set(versions):
            self.committed = dict(versions)
        self._tell(member, {"welcome": self.committed})
        if member in self._members:
            return
        self._members[member] = place
        for endpoint, found in self._rounds.items():
            found.missing.add(member)
            self._tell(member, {"prepare": endpoint, "round": found.number, "ref": found.ref})

    def propose(self, member: int, endpoint: str, ref: str, now: float) -> None:
        """A member has seen that an endpoint's alias names another version than the one that answers."""
        if endpoint in self._rounds or member not in self._members:
            return  # it has been told to prepare for that one
        refusal = self._refusals.get(endpoint)
        if refusal is not None and refusal.ref == ref and now < refusal.until:
            self._tell(member, _no(endpoint, 0, refusal.ref, refusal.reason))
            return
        self._count += 1
        self._rounds[endpoint] = _Round(self._count, ref, now + self._prepare_s, set(self._members))
        for each in self._members:
            self._tell(each, {"prepare": endpoint, "round": self._count, "ref": ref})

    def vote(self, member: int, endpoint: str, number: int, error: str, now: float) -> None:
        """A member has loaded and tried a round's version.

        Args:
            member: Who.
            endpoint: Whose version.
            number: The round's.
            error: Why it cannot serve the version; empty when it can.
            now: The time.
        """
        found = self._rounds.get(endpoint)
        if found is None or found.number != number:
            return
        if error:
            self.refused += 1
            logger.error("%s is refused in all workers: %s", found.ref, error)
            self._end(endpoint, found, error, now)
            return
        found.missing.discard(member)
        self._decide(endpoint, found, now)

    def leave(self, member: int, now: float) -> None:
        """A member is gone: the others go on, unless it looks as if the version had ended it."""
        self._members.pop(member, None)
        for endpoint, found in list(self._rounds.items()):
            found.died += member in found.missing
            found.missing.discard(member)
            if found.died and (found.died > 1 or not self._members):
                self.refused += 1
                reason = f"{found.died} workers ended while they tried it"
                logger.error("%s is refused in all workers: %s", found.ref, reason)
                self._end(endpoint, found, reason, now)
            else:
                self._decide(endpoint, found, now)

    def look(self, now: float) -> None:
        """Give up what takes too long; called some times a second."""
        for endpoint, found in list(self._rounds.items()):
            if now >= found.give_up_at:
                self.given_up += 1
                late = f"{len(found.missing)} of {len(self._members)} workers"
                reason = f"{late} had not loaded and tried it after {self._prepare_s:g} s (serve.swap_seconds)"
                logger.error("%s is given up, %s goes on: %s", found.ref, self.committed.get(endpoint), reason)
                self._end(endpoint, found, reason, now)

    def _decide(self, endpoint: str, found: _Round, now: float) -> None:
        if found.missing:
            return
        del self._rounds[endpoint]
        if not self._members:
            return  # nobody is left: who comes next begins with what answered before
        before, self.committed[endpoint] = self.committed.get(endpoint), found.ref
        self._refusals.pop(endpoint, None)
        self.swapped += 1
        word: dict[str, Any] = {"verdict": endpoint, "round": found.number, "ref": found.ref, "is_commit": True}
        # One endpoint after the other: to hold a process for two at once would make each wait for the other.
        self._switch_at = max(now, self._switch_at) + SWITCH_S
        word |= {"at": self._switch_at, "places": list(self._members.values())}
        for each in self._members:
            self._tell(each, word)
        logger.info("%s takes over from %s in %d workers", found.ref, before, len(self._members))

    def _end(self, endpoint: str, found: _Round, reason: str, now: float) -> None:
        del self._rounds[endpoint]
        self._refusals[endpoint] = _Refusal(found.ref, reason, now + RETRY_S)
        for each in self._members:
            self._tell(each, _no(endpoint, found.number, found.ref, reason))


def _no(endpoint: str, number: int, ref: str, reason: str) -> dict[str, Any]:
    return {"verdict": endpoint, "round": number, "ref": ref, "is_commit": False, "reason": reason}
