from __future__ import annotations

from datetime import UTC, datetime

from millwright.core.ids import Digest, ModelVersionId
from millwright.core.records.model import MODEL_VERSION_TRANSITIONS, ModelVersionRecord, ModelVersionState


def test_every_state_has_its_row_and_never_follows_itself():
    assert set(MODEL_VERSION_TRANSITIONS) == set(ModelVersionState)
    assert all(state not in following for state, following in MODEL_VERSION_TRANSITIONS.items())


def test_a_final_state_can_be_reached_from_every_state():
    final = {state for state, following in MODEL_VERSION_TRANSITIONS.items() if not following}
    reached = set(final)
    while True:
        more = {state for state, following in MODEL_VERSION_TRANSITIONS.items() if following & reached} | reached
        if more == reached:
            break
        reached = more
    assert final
    assert reached == set(ModelVersionState)


def test_version_is_written_as_people_do():
    record = ModelVersionRecord(
        id=ModelVersionId("a"),
        name="delay",
        version=3,
        state=ModelVersionState.CANDIDATE,
        package=Digest("0" * 64),
        size_bytes=1,
        flavor="sklearn",
        signature={},
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        created_by="ann",
    )
    assert record.ref == "delay@3"
