"""A worker's part in a hot swap: it proposes, loads when it is called to, votes, and waits for the parent's word."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from millwright.core.line import Line

_ANSWER_S = 30.0  # for the parent to answer a proposal; it is never busy
_MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Word:
    """What became of a version that was tried.

    Attributes:
        is_commit: Whether it takes over.
        reason: Why not; empty when it does.
        at: When it takes over: seconds of `time.monotonic`, which is one clock for all processes of a machine.
        number: Of the round that it ends.
        places: Of the workers that switch.
    """

    is_commit: bool
    reason: str = ""
    at: float = 0.0
    number: int = 0
    places: tuple[int, ...] = ()


class Agreement(Protocol):
    """How those who answer one endpoint come to the same version. Called by one thread."""

    def called(self) -> str:
        """The version that is to be loaded and tried now, as `name@3`; empty when there is none."""
        ...

    def propose(self, ref: str) -> Word | str:
        """Another version should answer.

        Returns:
            The version that is to be loaded and tried now; or why there is none.
        """
        ...

    def settle(self, error: str) -> Word:
        """The version was loaded and tried; waits until all have done so.

        Args:
            error: Why it cannot be served; empty when it can.
        """
        ...

    def hold(self, word: Word) -> AbstractContextManager[None]:
        """The context in which the version takes over: nobody begins to answer a request meanwhile."""
        ...


class Alone:
    """One process: what it can serve, takes over."""

    def called(self) -> str:
        """Nobody calls."""
        return ""

    def propose(self, ref: str) -> Word | str:
        """So be it."""
        return ref

    def settle(self, error: str) -> Word:
        """As it has turned out."""
        return Word(not error, error)

    def hold(self, word: Word) -> AbstractContextManager[None]:
        """There is nobody to wait for."""
        del word
        return nullcontext()


class Ballot:
    """One endpoint's agreement in a worker.

    Args:
        line: To the parent.
        endpoint: Its name.
        wake: Called when the worker is called to try a version, in the thread that hears the parent.
        hold: See `Agreement.hold`; by default nobody is waited for.
    """

    def __init__(
        self,
        line: Line,
        endpoint: str,
        wake: Callable[[], None],
        hold: Callable[[Word], AbstractContextManager[None]] | None = None,
    ) -> None:
        self._line = line
        self._endpoint = endpoint
        self._wake = wake
        self._hold = hold
        self._news = threading.Condition()
        self._round = 0  # that this worker has to vote in
        self._ref = ""
        self._tried = 0  # the round whose version it loads: another one may begin meanwhile
        self._words: dict[int, Word] = {}
        self._is_closed = False

    def heard(self, message: dict[str, Any]) -> None:
        """The parent has said something about this endpoint: `prepare` or `verdict`."""
        with self._news:
            if "prepare" in message:
                self._round, self._ref = message["round"], message["ref"]
                self._wake()
            else:
                number = message["round"]
                self._words[number] = Word(
                    message["is_commit"],
                    message.get("reason", ""),
                    message.get("at", 0.0),
                    number,
                    tuple(message.get("places", ())),
                )
            self._news.notify_all()

    def called(self) -> str:
        """See `Agreement.called`."""
        with self._news:
            self._tried = self._round
            return self._ref

    def propose(self, ref: str) -> Word | str:
        """See `Agreement.propose`."""
        with self._news:
            if not self._ref:
                self._words.pop(0, None)
                self._line.tell(propose=self._endpoint, ref=ref)
                self._news.wait_for(lambda: self._ref or 0 in self._words or self._is_closed, _ANSWER_S)
            self._tried = self._round
            if self._ref:
                return self._ref
            return self._words.pop(0, Word(is_commit=False, reason="nobody has answered the proposal"))

    def settle(self, error: str) -> Word:
        """See `Agreement.settle`."""
        with self._news:
            number = self._tried
            if number == self._round:
                self._ref = ""
            self._words = {each: word for each, word in self._words.items() if each >= number}
            self._line.tell(vote=self._endpoint, round=number, error=error[:_MOST_REASON])
            # Without a limit of its own: the parent gives every round an end, and its own end is the worker's.
            self._news.wait_for(lambda: number in self._words or self._is_closed)
            return self._words.pop(number, Word(is_commit=False, reason="this worker ends"))

    def hold(self, word: Word) -> AbstractContextManager[None]:
        """See `Agreement.hold`."""
        return nullcontext() if self._hold is None else self._hold(word)

    def close(self) -> None:
        """The worker ends: nobody waits any more."""
        with self._news:
            self._is_closed = True
            self._news.notify_all()
