from __future__ import annotations

from millwright.core.records.pipeline import PIPELINE_RUN_TRANSITIONS, PipelineRunStatus


def test_every_state_has_its_row_and_never_follows_itself():
    assert set(PIPELINE_RUN_TRANSITIONS) == set(PipelineRunStatus)
    assert all(state not in following for state, following in PIPELINE_RUN_TRANSITIONS.items())


def test_a_final_state_can_be_reached_from_every_state():
    final = {state for state, following in PIPELINE_RUN_TRANSITIONS.items() if not following}
    reached = set(final)
    while True:
        more = {state for state, following in PIPELINE_RUN_TRANSITIONS.items() if following & reached} | reached
        if more == reached:
            break
        reached = more
    assert final
    assert reached == set(PipelineRunStatus)
