"""All edits, by what they are about."""

from __future__ import annotations

from benchmarks.fingerprint.beyond import BEYOND
from benchmarks.fingerprint.harmless import HARMLESS
from benchmarks.fingerprint.meaningful import CLASSES, FUNCTIONS, HELPERS, IN_THE_STEP, PACKAGES, VALUES
from benchmarks.fingerprint.refactored import REFACTORED

GROUPS = {
    "harmless edits that ran again": HARMLESS,
    "missed, in the step itself": IN_THE_STEP,
    "missed, constants": VALUES,
    "missed, helpers and imports": HELPERS,
    "missed, decorators, closures, partials, tables": FUNCTIONS,
    "missed, classes": CLASSES,
    "missed, versions of packages": PACKAGES,
    "refactorings that ran again (allowed)": REFACTORED,
    "missed, beyond the source (documented)": BEYOND,
}
EDITS = tuple(edit for group in GROUPS.values() for edit in group)
