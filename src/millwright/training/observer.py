"""Who watches trials: each one is a run of its own in the tracking store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class TrialRun(Protocol):
    """One trial that is being recorded."""

    def log(self, metrics: Mapping[str, float]) -> None:
        """The trial's metrics, and its duration in seconds as `duration_s`."""
        ...

    def end(self, *, error: str = "") -> None:
        """The trial is over; failed when there is an error."""
        ...


class TrialObserver(Protocol):
    """Records trials as they happen."""

    def begin(self, name: str, params: Mapping[str, Any]) -> TrialRun:
        """A trial starts.

        Args:
            name: `<candidate>-<number>`, or `baseline`.
            params: The candidate's name as `candidate`, and its parameters.
        """
        ...


class UnseenTrials:
    """Records nothing."""

    def begin(self, name: str, params: Mapping[str, Any]) -> TrialRun:
        """A trial starts."""
        del name, params
        return _UnseenRun()


class _UnseenRun:
    def log(self, metrics: Mapping[str, float]) -> None:
        del metrics

    def end(self, *, error: str = "") -> None:
        del error
