"""Known drifts in real data: is the right column named, of the right kind, and nothing where nothing was changed?

Of each subject the rows are parted anew for every twenty windows, a model is registered on one part, and windows are
drawn from another; into each window at most one drift is put. `DRIFT_RESAMPLES` says how many windows nothing is put
into (200), `DRIFT_WINDOWS` how many each drift (20). An alert of any kind in an undrifted window counts as false. The
interval is exact (Clopper and Pearson, 1934), of windows as if each were independent; those of one part are not quite.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.drifts.measurements import MEASUREMENTS
from benchmarks.drifts.schedules import SCHEDULES, SOURCE
from benchmarks.drifts.trial import Trial, names_it
from benchmarks.result import Share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.drifts.subject import Subject

_PER_PART = 20
_MOST_FALSE = 0.02  # of the windows into which nothing was put


def run() -> list[Share]:
    """Check all windows of all subjects."""
    subjects = [MEASUREMENTS]
    if SOURCE.is_file():
        subjects.append(SCHEDULES)
    else:
        print(f"  no schedules: there is no file {SOURCE}")
    return [row for subject in subjects for row in _rows(subject)]


def _rows(subject: Subject) -> Iterator[Share]:
    resamples, windows = int(os.environ.get("DRIFT_RESAMPLES", "200")), int(os.environ.get("DRIFT_WINDOWS", "20"))
    trials = [Trial(subject, seed) for seed in range(max(1, -(-resamples // _PER_PART)))]
    for name, drift in subject.drifts.items():
        found = [trials[number % len(trials)].check(number, drift) for number in range(windows)]
        others = Counter(finding.kind.value for each in found for finding in each if finding.kind is not drift.kind)
        hits = sum(names_it(each, drift) for each in found)
        named = f"{drift.kind.value}, {drift.column}" if drift.column else drift.kind.value
        yield _told(
            Share(work=f"{subject.name}: {name}, named as {named}", hits=hits, trials=windows, also=_said(others))
        )
    found = [trials[number % len(trials)].check(1_000 + number) for number in range(resamples)]
    kinds = Counter(finding.kind.value for each in found for finding in each)
    yield _told(
        Share(
            work=f"{subject.name}: an alert where nothing was changed",
            hits=sum(bool(each) for each in found),
            trials=resamples,
            also=_said(kinds),
            bar=_MOST_FALSE,
        )
    )


def _said(kinds: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())


def _told(row: Share) -> Share:
    print(f"  {row.row()}", flush=True)
    return row
