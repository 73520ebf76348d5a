"""Concept drift: the same inputs have other outcomes than they used to, and errors rise while they are watched.

| module     | holds                                                                       |
|------------|-----------------------------------------------------------------------------|
| `settings` | which detector, with which parameters                                       |
| `detector` | the detectors, of River                                                     |
| `change`   | where in a series of numbers their mean changed                             |
| `watch`    | a stream of errors under watch; what it knows can be stored and gone on with |
| `window`   | the errors of one window, after those of the reference and of earlier windows |

Path: `ConceptWatch.feed` → a detector's `update` → `change_point` when it says so.
"""

from __future__ import annotations

from millwright.monitoring.concept.settings import ConceptSettings
from millwright.monitoring.concept.watch import ConceptDrift, ConceptWatch, ErrorPoint
from millwright.monitoring.concept.window import ConceptReport, ErrorWindow, go_on, watch_window

__all__ = [
    "ConceptDrift",
    "ConceptReport",
    "ConceptSettings",
    "ConceptWatch",
    "ErrorPoint",
    "ErrorWindow",
    "go_on",
    "watch_window",
]
