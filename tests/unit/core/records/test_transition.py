"""The tables of legal transitions beside each state enum."""

from __future__ import annotations

import pytest

from millwright.core.records.model import MODEL_VERSION_TRANSITIONS, ModelVersionState
from millwright.core.records.monitor import ALERT_TRANSITIONS, AlertState
from millwright.core.records.pipeline import PIPELINE_RUN_TRANSITIONS, PipelineRunStatus
from millwright.core.records.run import RUN_TRANSITIONS, RunStatus

TABLES = [
    (RunStatus, RUN_TRANSITIONS),
    (PipelineRunStatus, PIPELINE_RUN_TRANSITIONS),
    (ModelVersionState, MODEL_VERSION_TRANSITIONS),
    (AlertState, ALERT_TRANSITIONS),
]


@pytest.mark.parametrize(("states", "table"), TABLES)
def test_every_state_has_its_row_and_never_follows_itself(states, table):
    assert set(table) == set(states)
    assert all(state not in following for state, following in table.items())


@pytest.mark.parametrize(("states", "table"), TABLES)
def test_every_table_has_a_final_state(states, table):
    assert any(not following for following in table.values())
