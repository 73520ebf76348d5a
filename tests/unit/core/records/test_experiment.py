from __future__ import annotations

from datetime import UTC, datetime

from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import DEFAULT_EXPERIMENT, ExperimentRecord, Lifecycle


def test_new_experiment_is_active_and_has_no_place_of_its_own() -> None:
    record = ExperimentRecord(id=ExperimentId(""), name="a", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert (record.lifecycle, record.artifact_location, record.updated_at) == (Lifecycle.ACTIVE, "", None)
    assert DEFAULT_EXPERIMENT == "0"
