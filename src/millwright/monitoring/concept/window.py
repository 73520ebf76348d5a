"""The errors of a window, after those of the reference: a check goes on where the checks before it have come to.

What is stored between two checks is a watch that has seen everything up to the beginning of the window, and the
window's own errors. The next check first gives the watch those of them that its window does not hold any more, then the
window's errors as they are known now. So each error is seen once, in the order of time, however windows lie; labels
that come late count as long as their rows are in a window; and what lies in the window is told by each check of it. A
stream that is checked in many small windows shows the same drifts as in one.

Where a window begins earlier than what the watch has seen, the rows it has seen are left out.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.core.ids import PredictionId
from millwright.evaluation.metrics.sample import Floats
from millwright.monitoring.concept.detector import DETECTORS
from millwright.monitoring.concept.settings import ConceptSettings
from millwright.monitoring.concept.watch import ConceptDrift, ConceptWatch, ErrorPoint

FORMAT = 1
_BEFORE = 1_000  # errors of the reference that a stream is watched after
_WIDE = 0.99  # the quantile of absolute errors that counts as 1
_MOST = 20_000  # errors of a window that are looked at: each takes a detector some microseconds
_SEED = 20_261_122  # fixed, so that a report can be computed again


@dataclass(frozen=True, kw_only=True, slots=True)
class ConceptReport:
    """Concept drift in a window.

    Attributes:
        detector: Which one looked.
        rows: Labelled rows of the window that it saw: every second, third, … of a window of more than 20,000.
        drifts: What it found, oldest first. Of numbers, errors are given as shares of `scale`.
        scale: The absolute error that counts as 1; 1 of classes.
        note: Why nothing was looked for; else empty.
    """

    detector: str
    rows: int
    drifts: tuple[ConceptDrift, ...] = ()
    scale: float = 1.0
    note: str = ""

    @property
    def worse(self) -> tuple[ConceptDrift, ...]:
        """Those by which errors rose."""
        return tuple(drift for drift in self.drifts if drift.worse)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ErrorWindow:
    """The errors of a window's labelled rows.

    Attributes:
        errors: (m,) those of classes 0 or 1.
        at: When they were answered, m moments, in any order.
        ids: Which predictions they are.
        reference: (r,) errors on rows that the model was not fitted to; may be empty: then only a change within the
            stream is seen.
        is_class: Whether errors are 0 and 1.
        start: The window's first moment; that of its first labelled row when None.
    """

    errors: Floats
    at: pl.Series
    ids: pl.Series
    reference: Floats
    is_class: bool
    start: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Stream:
    """A watch up to the beginning of a window, and that window's errors."""

    watch: ConceptWatch
    scale: float
    points: Sequence[ErrorPoint] = ()


def go_on(
    stored: bytes | None, window: ErrorWindow, settings: ConceptSettings | None = None
) -> tuple[ConceptReport | None, bytes | None]:
    """Watch a window's errors after those of the stream before it.

    Args:
        stored: What the check before this one has given; None for a stream that begins, after up to 1,000 errors of the
            reference, drawn. What cannot be read, or belongs to other settings, counts as none.
        window: The errors.
        settings: How to look.

    Returns:
        What was found: None when it is switched off, or labels are few; with a note where it cannot be looked for. And
        what the next check is to be given; at most some 2 MB, mostly some 10 kB.
    """
    chosen = settings or ConceptSettings()
    if not chosen.enabled:
        return None, None
    if DETECTORS[chosen.detector].binary and not window.is_class:
        note = f"The detector '{chosen.detector}' takes right and wrong answers, not errors of numbers: use adwin."
        return (ConceptReport(detector=chosen.detector, rows=0, note=note) if _suffice(window, chosen) else None), None
    try:
        stream = _read(stored, chosen) or _begin(window, chosen)
    except MissingExtraError as error:
        note = f"Concept drift is not looked for: {error}"
        return (ConceptReport(detector=chosen.detector, rows=0, note=note) if _suffice(window, chosen) else None), None
    points = _points(window, stream.scale)
    start = window.start or (points[0].at if points else None)
    if start is None:
        return None, stored
    watch = stream.watch
    watch.feed(point for point in stream.points if point.at is not None and point.at < start)
    known = watch.last_at
    points = [point for point in points if known is None or (point.at is not None and point.at > known)]
    left = _write(watch, stream.scale, points)
    # By chance a change is told to be some rows of the reference early: then it is the window's first row.
    drifts = [
        replace(drift, changed=points[0]) if drift.changed.prediction_id is None else drift
        for drift in watch.feed(points)
    ]
    if watch.labelled < chosen.min_labels:
        return None, left
    report = ConceptReport(detector=chosen.detector, rows=len(points), drifts=tuple(drifts), scale=stream.scale)
    return report, left


def watch_window(
    reference_errors: Floats,
    errors: Floats,
    rows: tuple[Sequence[datetime], Sequence[PredictionId]],
    settings: ConceptSettings | None = None,
    *,
    is_class: bool,
) -> ConceptReport | None:
    """Watch a window's errors, after up to 1,000 of the reference's, drawn.

    Args:
        reference_errors: (r,) errors on rows that the model was not fitted to (`row_loss.RowLosses.errors`); may be
            empty: then only a change within the window is seen.
        errors: (m,) those of the window's labelled rows.
        rows: When they were answered, and which predictions they are; m each, in any order.
        settings: How to look.
        is_class: Whether errors are 0 and 1.

    Returns:
        None when it is switched off or labels are few; a report with a note where it cannot be looked for.
    """
    at = pl.Series([moment.astimezone(UTC) for moment in rows[0]], dtype=pl.Datetime("us", "UTC"))
    names = pl.Series(rows[1], dtype=pl.String)
    window = ErrorWindow(errors=errors, at=at, ids=names, reference=reference_errors, is_class=is_class)
    return go_on(None, window, settings)[0]


def _suffice(window: ErrorWindow, settings: ConceptSettings) -> bool:
    return window.errors.size >= settings.min_labels


def _begin(window: ErrorWindow, settings: ConceptSettings) -> _Stream:
    known = window.reference if window.reference.size else window.errors
    scale = 1.0 if window.is_class or not known.size else float(np.quantile(known, _WIDE)) or 1.0
    before = np.random.default_rng(_SEED).permutation(window.reference)[:_BEFORE]
    watch = ConceptWatch(settings)
    watch.feed(ErrorPoint(value=min(float(value) / scale, 1.0)) for value in before)
    return _Stream(watch, scale)


def _points(window: ErrorWindow, scale: float) -> list[ErrorPoint]:
    """In the order of time: every second, third, … of more than 20,000."""
    order = pl.DataFrame({"at": window.at, "id": window.ids}).select(pl.arg_sort_by("at", "id")).to_series()
    order = order.gather_every(-(-window.errors.size // _MOST) or 1)
    values = np.minimum(window.errors[order.to_numpy()] / scale, 1.0)
    told = zip(values.tolist(), window.at.gather(order), window.ids.gather(order), strict=True)
    return [ErrorPoint(value=value, at=at, prediction_id=name) for value, at, name in told]


def _write(watch: ConceptWatch, scale: float, points: Sequence[ErrorPoint]) -> bytes:
    state = {
        "format": FORMAT,
        "watch": watch.to_json(),
        "scale": scale,
        "values": [point.value for point in points],
        "at": [point.at.astimezone(UTC).isoformat() for point in points if point.at is not None],
        "ids": [point.prediction_id for point in points],
    }
    return zlib.compress(json.dumps(state, separators=(",", ":")).encode())


def _read(stored: bytes | None, settings: ConceptSettings) -> _Stream | None:
    """None where there is nothing to go on with."""
    if stored is None:
        return None
    try:
        state: dict[str, Any] = json.loads(zlib.decompress(stored))
        if state["format"] != FORMAT:
            return None
        watch = ConceptWatch.from_json(state["watch"])
        points = [
            ErrorPoint(value=value, at=datetime.fromisoformat(at), prediction_id=PredictionId(name))
            for value, at, name in zip(state["values"], state["at"], state["ids"], strict=True)
        ]
        scale = float(state["scale"])
    except (InvalidInputError, KeyError, TypeError, ValueError, zlib.error):
        return None
    return _Stream(watch, scale, points) if watch.settings == settings else None
