"""Drifts of known kinds in real data are named, and nothing else; at length: `benchmarks.monitoring.drifts`."""

from __future__ import annotations

import pytest
from benchmarks.monitoring.drifts import DRIFTS, Trial, names_it


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial()


@pytest.mark.parametrize("name", list(DRIFTS))
def test_check_names_the_column_and_the_kind_of_a_known_drift(trial: Trial, name: str):
    assert names_it(trial.check(0, DRIFTS[name]), DRIFTS[name])


def test_check_finds_nothing_in_windows_that_did_not_change(trial: Trial):
    assert [trial.check(number) for number in range(2)] == [[], []]
