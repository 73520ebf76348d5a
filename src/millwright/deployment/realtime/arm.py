"""Which versions of a model answer an endpoint, and how one of them is chosen for a request."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Protocol

from millwright.deployment.traffic.latency import LATENCY_BOUNDS, LATENCY_BUCKETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.deployment.realtime.prediction import Prediction
    from millwright.deployment.realtime.served_model import ServedModel

PRIMARY = "primary"
_REFUSED = 400
_FAILED = 500


class Arm:
    """One version that answers an endpoint, with the name of its part.

    A plain slotted class, since requests look at it.

    Attributes:
        name: `primary`, or what the traffic's rules call it: `canary`, `challenger`.
        served: The version.
        answered: Requests that it answered; counted only where a line-up has several arms.
        failed: Those among them that failed by the server's or the model's fault (status ≥ 500).
        refused: Those among them that were refused (status 400 to 499).
        seconds: Their time in all.
        latencies: Those that took at most `LATENCY_BOUNDS[i]` seconds and more than the bound before.
    """

    __slots__ = ("answered", "failed", "latencies", "name", "refused", "seconds", "served")

    def __init__(self, served: ServedModel, name: str = PRIMARY) -> None:
        self.name = name
        self.served = served
        self.answered = self.failed = self.refused = 0
        self.seconds = 0.0
        self.latencies = [0] * LATENCY_BUCKETS

    def count(self, status: int, seconds: float) -> None:
        """A request has been answered with this HTTP status after so many seconds."""
        self.answered += 1
        if status >= _REFUSED:
            if status >= _FAILED:
                self.failed += 1
            else:
                self.refused += 1
        self.seconds += seconds
        self.latencies[bisect_left(LATENCY_BOUNDS, seconds)] += 1


class Chooser(Protocol):
    """Chooses the arm that answers a request; called for each, so it has to be quick."""

    def choose(self, headers: Sequence[tuple[bytes, bytes]], request_id: str) -> Arm:
        """The arm.

        Args:
            headers: Lower-case names and values as received.
            request_id: The caller's, or the server's own.

        Raises:
            NotFoundError: A header asks for an arm or version that is not there.
        """
        ...


class Mirror(Protocol):
    """Is shown what was answered, to let other versions predict the same; it answers nobody."""

    def offer(self, arm: Arm, request_id: str, rows: Sequence[Mapping[str, object]], prediction: Prediction) -> None:
        """Take checked rows and what was predicted; never blocks and never raises."""
        ...


class LineUp:
    """The arms of an endpoint at one moment: never changed, replaced as a whole.

    Args:
        primary: Answers when nothing else is said.
        others: Further arms.
        chooser: Divides requests among the arms; None when the primary takes all.
        mirror: Is shown what was answered; None for none.
    """

    __slots__ = ("arms", "by_version", "chooser", "mirror", "primary")

    def __init__(
        self,
        primary: Arm,
        others: tuple[Arm, ...] = (),
        *,
        chooser: Chooser | None = None,
        mirror: Mirror | None = None,
    ) -> None:
        self.primary = primary
        self.arms = (primary, *others)
        self.chooser = chooser
        self.mirror = mirror
        self.by_version: dict[str, Arm] = {}
        for arm in self.arms:
            self.by_version.setdefault(str(arm.served.version), arm)
