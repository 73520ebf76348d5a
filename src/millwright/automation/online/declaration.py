"""Which model learns online, and what guards it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from millwright.core.errors import InvalidInputError


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlineLearning:
    """A model that learns from an endpoint's labels.

    Attributes:
        name: Unique in the project.
        endpoint: Whose predictions and labels it learns from.
        model: The registered model; the version behind `alias` goes on learning, a model of River.
        alias: Follows the snapshots; serve `MODEL@ALIAS` to answer with what was learnt.
        snapshot_labels: A snapshot after so many labels, ≥ 1.
        snapshot_after: A snapshot when the oldest label that none holds is so old.
        window: Labels over which the guard's metric is taken, ≥ 10.
        metric: The guard's metric (`evaluation.metrics`); "" for accuracy, and the mean absolute error of numbers.
        limit: The worst value that is fine; None guards nothing.
        settle: Labels younger than this wait for those that were recorded before them and are still being written.

    Raises:
        InvalidInputError: A number outside its range.
    """

    name: str
    endpoint: str
    model: str
    alias: str = "online"
    snapshot_labels: int = 1_000
    snapshot_after: timedelta = timedelta(hours=1)
    window: int = 500
    metric: str = ""
    limit: float | None = None
    settle: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        for value, least, what in (
            (self.snapshot_labels, 1, "labels between snapshots"),
            (self.window, 10, "labels in the window"),
        ):
            if value < least:
                raise InvalidInputError(
                    f"Online learning '{self.name}': expected at least {least} {what}, found {value}."
                )

    @property
    def subject(self) -> str:
        """What it is filed under in the audit log, and its lease."""
        return f"online:{self.name}"
