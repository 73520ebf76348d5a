from __future__ import annotations

from datetime import UTC, datetime

from millwright.core.ids import Digest
from millwright.core.records.dataset import ColumnSchema, DatasetKind, DatasetVersionRecord


def test_version_is_written_as_people_do():
    record = DatasetVersionRecord(
        dataset="schedules",
        version=3,
        kind=DatasetKind.SOURCE,
        digest=Digest("0" * 64),
        table_uri="/tables/schedules",
        table_version=2,
        rows=1,
        columns=(ColumnSchema(name="a", dtype="Int64"),),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert record.ref == "schedules@3"
