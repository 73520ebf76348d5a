from __future__ import annotations

from datetime import UTC, datetime

import pytest

from millwright.core.ids import Digest
from millwright.core.records.feature import FeatureDefinitionRecord, FeatureKind


def test_definition_is_named_with_its_version_and_stays_as_it_is():
    record = FeatureDefinitionRecord(
        kind=FeatureKind.VIEW,
        name="building_history",
        version=3,
        digest=Digest("0" * 64),
        definition={"source": "phases"},
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        actor="ada",
    )
    assert record.ref == "building_history@3"
    with pytest.raises(AttributeError):
        record.version = 4
