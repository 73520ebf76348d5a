from __future__ import annotations

import pytest

from millwright.core.records.monitor import ALERT_TRANSITIONS, AlertState, DriftRecord


def test_every_state_has_its_row_and_never_follows_itself():
    assert set(ALERT_TRANSITIONS) == set(AlertState)
    assert all(state not in following for state, following in ALERT_TRANSITIONS.items())


def test_a_final_state_can_be_reached_from_every_state():
    final = {state for state, following in ALERT_TRANSITIONS.items() if not following}
    reached = set(final)
    while True:
        more = {state for state, following in ALERT_TRANSITIONS.items() if following & reached} | reached
        if more == reached:
            break
        reached = more
    assert final
    assert reached == set(AlertState)


@pytest.mark.parametrize(
    ("scores", "p_value", "test"),
    [
        ({"psi": 0.1, "kolmogorov_smirnov": 0.2}, 0.01, "kolmogorov_smirnov"),
        ({"psi": 0.1, "chi_square": 9.0}, 0.01, "chi_square"),
        ({"mean_shift": 0.1, "mmd": 0.2}, 0.01, "mmd"),
        ({"psi": 0.1, "chi_square": 9.0}, None, ""),
        ({"psi": 0.1}, 0.01, ""),
    ],
)
def test_drift_names_the_test_that_its_p_value_is_of(scores, p_value, test):
    record = DriftRecord(
        column="load",
        kind="numeric",
        scores=scores,
        p_value=p_value,
        statistic="psi",
        threshold=0.2,
        drifted=False,
        reference_rows=10,
        current_rows=10,
    )
    assert record.test == test
