"""Drifts of known kinds in real data are named, and nothing else; at length: `python -m benchmarks drifts`."""

from __future__ import annotations

import pytest
from benchmarks.drifts import MEASUREMENTS, SCHEDULES
from benchmarks.drifts.schedules import SOURCE
from benchmarks.drifts.trial import Trial, names_it

TRIALS = {subject.name: Trial(subject) for subject in (MEASUREMENTS, SCHEDULES)}
CASES = [(name, drift) for name, trial in TRIALS.items() for drift in trial.subject.drifts]


def trial_of(name: str) -> Trial:
    if name == SCHEDULES.name and not SOURCE.is_file():
        pytest.skip(f"There is no file {SOURCE} of real schedules.")
    return TRIALS[name]


@pytest.mark.parametrize(("name", "drift"), CASES)
def test_check_names_the_column_and_the_kind_of_a_known_drift(name: str, drift: str):
    trial = trial_of(name)
    known = trial.subject.drifts[drift]
    assert names_it(trial.check(0, known), known)


@pytest.mark.parametrize("name", TRIALS)
def test_check_finds_nothing_in_windows_that_did_not_change(name: str):
    assert [trial_of(name).check(number) for number in range(2)] == [[], []]
