"""A stream of errors under watch.

What a watch knows is stored as the errors since its detector began, at most 5,000, with their times and prediction ids;
going on replays them into a new detector, and then finds exactly what a watch that was never stored does. River's
detectors themselves are neither portable nor safe to unpickle. When 5,000 are reached, the detector begins anew with
the later half: a rise that takes longer than some thousand labelled rows is a matter of `performance`, not of a watch.

After a drift the detector begins anew with the errors since the change: they are what is usual now.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.core.ids import PredictionId
from millwright.monitoring.concept.change import LEAST, change_point
from millwright.monitoring.concept.detector import DETECTORS, make_detector
from millwright.monitoring.concept.settings import ConceptSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST = 5_000
FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorPoint:
    """How wrong one answer was.

    Attributes:
        value: 0 or 1 of classes; of numbers the absolute error, brought to 0 to 1. Finite.
        at: When it was answered; aware. None of a row of the reference.
        prediction_id: Which prediction; None of a row of the reference.
    """

    value: float
    at: datetime | None = None
    prediction_id: PredictionId | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConceptDrift:
    """A change of the errors.

    Attributes:
        detected: The row at which the detector was sure.
        changed: The first row after the change, as far as it can be told; never later than `detected`.
        before: Mean error before the change, since the detector began.
        after: Mean error from the change to its detection.
    """

    detected: ErrorPoint
    changed: ErrorPoint
    before: float
    after: float

    @property
    def worse(self) -> bool:
        """Whether errors rose; a fall is a change as well."""
        return self.after > self.before


class ConceptWatch:
    """Watches errors in the order of time.

    One thread at a time. Memory: at most 5,000 rows.

    Args:
        settings: Which detector.

    Raises:
        MissingExtraError: River is not installed.

    Examples:
        >>> watch = ConceptWatch()
        >>> points = [ErrorPoint(value=float(number % 10 == 0)) for number in range(500)]
        >>> watch.feed(points)
        []
        >>> drifts = watch.feed([ErrorPoint(value=float(number % 2 == 0)) for number in range(200)])
        >>> [(round(drift.before, 2), drift.worse) for drift in drifts]
        [(0.1, True)]
    """

    def __init__(self, settings: ConceptSettings | None = None) -> None:
        self.settings = settings or ConceptSettings()
        self.rows = 0  # fed so far
        self.labelled = 0  # of these, those of predictions
        self._binary = DETECTORS[self.settings.detector].binary
        self._begin([])

    def feed(self, errors: Iterable[ErrorPoint]) -> list[ConceptDrift]:
        """Take the next errors.

        Args:
            errors: In the order of time; none is earlier than those fed before.

        Returns:
            The drifts found, oldest first.

        Raises:
            InvalidInputError: An error is out of order, not finite, or not 0 or 1 where the detector takes only these.
        """
        found = []
        for point in errors:
            self._check(point)
            self.rows += 1
            self.labelled += point.prediction_id is not None
            self._points.append(point)
            self._detector.update(point.value)
            if self._detector.drift_detected:
                drift, changed = self._describe()
                found.append(drift)
                self._begin(self._points[changed:])
            elif len(self._points) >= MOST:
                self._begin(self._points[MOST // 2 :])
        return found

    @property
    def last_at(self) -> datetime | None:
        """When the last prediction fed was answered; None when there was none."""
        return self._points[-1].at if self._points else None

    def to_json(self) -> dict[str, Any]:
        """What is known, as JSON values; at most some 500 kB."""
        return {
            "format": FORMAT,
            "settings": asdict(self.settings),
            "rows": self.rows,
            "labelled": self.labelled,
            "seeded": self._seeded,
            "values": [point.value for point in self._points],
            "at": [None if point.at is None else point.at.astimezone(UTC).isoformat() for point in self._points],
            "ids": [point.prediction_id for point in self._points],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ConceptWatch:
        """A watch that goes on where another was stored.

        Raises:
            InvalidInputError: Something else was given, or a newer format.
            MissingExtraError: River is not installed.
        """
        if data.get("format") != FORMAT:
            raise InvalidInputError(
                f"Expected a watch of format {FORMAT}, found {data.get('format')}.",
                hint="Use the Millwright that wrote it, or a newer one.",
            )
        try:
            watch = cls(ConceptSettings(**data["settings"]))
            points = [
                ErrorPoint(value=value, at=None if at is None else datetime.fromisoformat(at), prediction_id=name)
                for value, at, name in zip(data["values"], data["at"], data["ids"], strict=True)
            ]
            seeded, rows, labelled = int(data["seeded"]), int(data["rows"]), int(data.get("labelled", 0))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInputError(f"Expected a stored watch of errors, found something else ({error}).") from error
        watch._begin(points[:seeded])
        for point in points[seeded:]:
            watch._check(point)
            watch._points.append(point)
            watch._detector.update(point.value)
        watch.rows, watch.labelled = rows, labelled
        return watch

    def _begin(self, points: list[ErrorPoint]) -> None:
        """A new detector that knows these errors; what it says of them was said before."""
        self._detector = make_detector(self.settings.detector, self.settings.parameters)
        self._points = points
        self._seeded = len(points)
        for point in points:
            self._detector.update(point.value)

    def _check(self, point: ErrorPoint) -> None:
        if not math.isfinite(point.value) or (self._binary and point.value not in (0.0, 1.0)):
            expected = "0 or 1" if self._binary else "a finite number"
            raise InvalidInputError(
                f"Expected {expected} as an error for the detector '{self.settings.detector}', found {point.value}."
            )
        last = self._points[-1].at if self._points else None
        if point.at is not None and last is not None and point.at < last:
            raise InvalidInputError(
                f"Expected errors in the order of time, found one of {point.at.isoformat()} after {last.isoformat()}."
            )

    def _describe(self) -> tuple[ConceptDrift, int]:
        values = np.array([point.value for point in self._points])
        changed = change_point(values)
        if changed is None:  # a detector of few rows; the last ones are what is new
            changed = max(1, values.size - LEAST)
        drift = ConceptDrift(
            detected=self._points[-1],
            changed=self._points[min(changed, values.size - 1)],
            before=float(values[:changed].mean()),
            after=float(values[changed:].mean()) if changed < values.size else float(values[-1]),
        )
        return drift, changed
