"""The errors of one window, after those that the version made when it was evaluated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import MissingExtraError
from millwright.monitoring.concept.detector import DETECTORS
from millwright.monitoring.concept.settings import ConceptSettings
from millwright.monitoring.concept.watch import ConceptDrift, ConceptWatch, ErrorPoint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.core.ids import PredictionId
    from millwright.evaluation.metrics.sample import Floats

_BEFORE = 1_000  # errors of the reference that a window is watched after
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
    chosen = settings or ConceptSettings()
    if not chosen.enabled or errors.size < chosen.min_labels:
        return None
    if DETECTORS[chosen.detector].binary and not is_class:
        note = f"The detector '{chosen.detector}' takes right and wrong answers, not errors of numbers: use adwin."
        return ConceptReport(detector=chosen.detector, rows=0, note=note)
    known = reference_errors if reference_errors.size else errors
    scale = 1.0 if is_class else float(np.quantile(known, _WIDE)) or 1.0
    before = np.random.default_rng(_SEED).permutation(reference_errors)[:_BEFORE]
    at, names = rows
    order = sorted(range(errors.size), key=lambda number: (at[number], names[number]))[:: -(-errors.size // _MOST)]
    try:
        watch = ConceptWatch(chosen)
    except MissingExtraError as error:
        return ConceptReport(detector=chosen.detector, rows=0, note=f"Concept drift is not looked for: {error}")
    watch.feed(ErrorPoint(value=min(float(value) / scale, 1.0)) for value in before)
    points = [ErrorPoint(value=min(float(errors[n]) / scale, 1.0), at=at[n], prediction_id=names[n]) for n in order]
    # By chance the change is told to be some rows of the reference early: then it is the window's first row.
    drifts = [
        replace(drift, changed=points[0]) if drift.changed.prediction_id is None else drift
        for drift in watch.feed(points)
    ]
    return ConceptReport(detector=chosen.detector, rows=len(points), drifts=tuple(drifts), scale=scale)
