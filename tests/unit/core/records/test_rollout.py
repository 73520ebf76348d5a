from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.core.records.rollout import OPEN_ROLLOUTS, ROLLOUT_TRANSITIONS, RolloutState
from millwright.testing.rollouts import rollout


@pytest.mark.parametrize("state", RolloutState)
def test_only_open_rollouts_go_on(state):
    assert replace(rollout(), state=state).is_open is (state in OPEN_ROLLOUTS)
    assert bool(ROLLOUT_TRANSITIONS[state]) is (state in OPEN_ROLLOUTS)
    assert state not in ROLLOUT_TRANSITIONS[state]


def test_first_arm_is_the_primary():
    record = rollout()
    assert (record.primary.name, [arm.name for arm in record.tried]) == ("primary", ["canary"])
