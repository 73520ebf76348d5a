"""A run that is being written."""

from __future__ import annotations

import json
import math
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

from millwright.core.errors import InvalidInputError
from millwright.core.records.run import MetricPoint, RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from types import TracebackType

    from millwright.core.clock import Clock
    from millwright.core.ids import ExperimentId, RunId
    from millwright.storage.base import RunStore

MAX_KEY_LENGTH = 250


class Run:
    """One run, open for writing; each call is durable when it returns.

    As a context manager it ends with the context: failed when that raises, killed on Ctrl-C, finished otherwise.
    Thread-safe as far as its store is.

    Args:
        run_id: The run.
        experiment_id: The experiment it belongs to.
        store: Where runs are kept.
        clock: The time.
    """

    def __init__(self, run_id: RunId, experiment_id: ExperimentId, *, store: RunStore, clock: Clock) -> None:
        self._id = run_id
        self._experiment_id = experiment_id
        self._store = store
        self._clock = clock
        self._ended = False

    @property
    def id(self) -> RunId:
        """The run's id."""
        return self._id

    @property
    def experiment_id(self) -> ExperimentId:
        """The experiment's id."""
        return self._experiment_id

    def log_metric(self, key: str, value: float, step: int = 0) -> None:
        """One value of one metric; see `log_metrics`."""
        self.log_metrics({key: value}, step)

    def log_metrics(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Values of several metrics, as one change.

        Args:
            metrics: Numbers by name; NaN and infinities are kept as they are. An empty mapping does nothing.
            step: The position on the training axis, ≥ 0.

        Raises:
            InvalidInputError: A name is empty or too long, a value is no number, or the step is negative.
            NotFoundError: The run is not in the store any more.
        """
        points = metric_points(metrics, step, self._clock.now())
        if points:
            self._store.append_metrics(self._id, points)

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Parameters; each can be written once, and again with the same value.

        Args:
            params: Values by name; texts as they are, lists and dictionaries as JSON, anything else as `str` gives it.

        Raises:
            ConflictError: One was written with another value.
            InvalidInputError: A name is empty or too long.
            NotFoundError: The run is not in the store any more.
        """
        self._store.put_params(self._id, texts(params, "parameter"))

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Tags, replacing those of the same name.

        Raises:
            InvalidInputError: A name is empty or too long.
            NotFoundError: The run is not in the store any more.
        """
        self._store.put_tags(self._id, texts(tags, "tag"))

    def finish(self, status: RunStatus = RunStatus.FINISHED) -> None:
        """End the run; nothing happens when this object ended it before.

        Raises:
            StateTransitionError: Somebody else ended it.
            NotFoundError: The run is not in the store any more.
        """
        if not self._ended:
            self._store.finish_run(self._id, status, self._clock.now())
            self._ended = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.finish(RunStatus.KILLED if issubclass(kind, KeyboardInterrupt) else RunStatus.FAILED)


def metric_points(metrics: Mapping[str, float], step: int, at: datetime) -> list[MetricPoint]:
    """Values of one step as points.

    Args:
        metrics: Numbers by name; NaN and infinities are kept as they are.
        step: The position on the training axis, ≥ 0.
        at: When they were measured.

    Raises:
        InvalidInputError: A name is empty or too long, a value is no number, or the step is negative.
    """
    if isinstance(step, bool) or not isinstance(step, int) or step < 0:
        raise InvalidInputError(f"Expected a step that is a whole number from 0, found {step!r}.")
    return [
        MetricPoint(key=_key(key, "metric"), value=_number(key, value), step=step, at=at)
        for key, value in metrics.items()
    ]


def texts(values: Mapping[str, Any], what: str) -> dict[str, str]:
    """Values as text, by name.

    Args:
        values: Anything by name.
        what: What they are, for messages.

    Raises:
        InvalidInputError: A name is empty or too long.
    """
    return {_key(key, what): _text(value) for key, value in values.items()}


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _key(key: str, what: str) -> str:
    if not isinstance(key, str) or not key.strip() or len(key) > MAX_KEY_LENGTH:
        raise InvalidInputError(f"Expected a {what}'s name of 1 to {MAX_KEY_LENGTH} characters, found {key!r:.80}.")
    return key


def _number(key: str, value: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"Metric '{key}': expected a number, found {value!r:.80}.") from error
    return math.nan if math.isnan(number) else number
