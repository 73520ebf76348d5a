from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, get_type_hints

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError, StorageError
from millwright.core.ids import Digest
from millwright.core.records.audit import AuditEvent, LineageEdge
from millwright.core.records.dataset import DatasetVersionRecord
from millwright.core.records.model import AliasRecord, ApprovalRecord, ModelVersionRecord
from millwright.core.records.monitor import AlertRecord, DecisionRecord, MonitorReportRecord
from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
from millwright.core.records.prediction import EndpointRecord
from millwright.storage.backends.sql.dataset_table import DATASET_VERSIONS
from millwright.storage.backends.sql.endpoint_table import ENDPOINTS
from millwright.storage.backends.sql.history_table import AUDIT_EVENTS, LINEAGE_EDGES
from millwright.storage.backends.sql.model_table import MODEL_ALIASES, MODEL_APPROVALS, MODEL_VERSIONS
from millwright.storage.backends.sql.monitor_table import ALERTS, DECISIONS, MONITOR_REPORTS
from millwright.storage.backends.sql.pipeline_table import PIPELINE_RUNS, STEP_RUNS
from millwright.storage.backends.sql.row import RecordRow
from millwright.testing import sample

TABLES: dict[type[Any], sa.Table] = {
    DatasetVersionRecord: DATASET_VERSIONS,
    EndpointRecord: ENDPOINTS,
    AuditEvent: AUDIT_EVENTS,
    LineageEdge: LINEAGE_EDGES,
    AliasRecord: MODEL_ALIASES,
    ApprovalRecord: MODEL_APPROVALS,
    ModelVersionRecord: MODEL_VERSIONS,
    AlertRecord: ALERTS,
    DecisionRecord: DECISIONS,
    MonitorReportRecord: MONITOR_REPORTS,
    PipelineRunRecord: PIPELINE_RUNS,
    StepRunRecord: STEP_RUNS,
}
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
MOMENTS = st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - aware through timezones


@st.composite
def records(draw: st.DrawFn) -> Any:
    """A record of any type, from the types of its fields."""
    kind = draw(st.sampled_from(list(TABLES)))
    fields = {}
    for name, hint in get_type_hints(kind).items():
        if hint == Mapping[str, Any]:
            fields[name] = draw(st.dictionaries(TEXT, JSON, max_size=3))
        elif hint == Digest | None:
            fields[name] = draw(st.none() | st.from_type(Digest).filter(bool))  # no digest is empty text
        elif hint is int:
            fields[name] = draw(st.integers(0, 2**31 - 1))
        elif hint in {datetime, datetime | None}:
            fields[name] = draw(MOMENTS if hint is datetime else st.none() | MOMENTS)
        else:
            fields[name] = draw(st.from_type(hint))
    return kind(**fields)


@pytest.fixture(scope="module")
def connection() -> Any:
    engine = sa.create_engine("sqlite://")
    for table in TABLES.values():
        bare = sa.Table(table.name, sa.MetaData(), *(sa.Column(c.name, c.type) for c in table.c))
        bare.create(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=records())
def test_record_comes_back_from_its_row_as_it_was(connection: Any, record: Any) -> None:
    table = TABLES[type(record)]
    rows = RecordRow(type(record), table)
    extra = {"id_reversed": ""} if "id_reversed" in table.c else {}
    connection.execute(sa.insert(table), rows.values(record) | extra)
    found = rows.record(connection.execute(sa.select(table)).one())
    connection.execute(sa.delete(table))
    assert type(found) is type(record)
    assert written(found) == written(record)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=records())
def test_row_for_the_drivers_is_the_one_that_is_written_otherwise(connection: Any, record: Any) -> None:
    table = TABLES[type(record)]
    rows = RecordRow(type(record), table)
    names, marks = ", ".join(rows.columns), ", ".join("?" * len(rows.columns))
    insert = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names of ours
    select = f"SELECT {names} FROM {table.name}"  # noqa: S608
    driver = connection.connection.driver_connection
    driver.execute(insert, rows.bound(record))
    by_name = rows.record(connection.execute(sa.select(table)).one())
    told = driver.execute(select).fetchone()
    connection.execute(sa.delete(table))
    extra = {"id_reversed": ""} if "id_reversed" in table.c else {}
    connection.execute(sa.insert(table), rows.values(record) | extra)
    assert driver.execute(select).fetchone() == told
    connection.execute(sa.delete(table))
    assert written(rows.read(told)) == written(by_name) == written(record)


def written(record: Any) -> str:
    """All of a record as text: NaN is like NaN then, and any mapping like a dict."""
    return json.dumps(msgspec.to_builtins(record, enc_hook=dict))


def test_row_that_does_not_fit_is_an_error_that_names_the_table(connection: Any) -> None:
    values = {"name": "x", "model": "m", "updated_at": datetime(2026, 1, 1, tzinfo=UTC), "body": {"selector": 3}}
    connection.execute(sa.insert(ENDPOINTS), values)
    row = connection.execute(sa.select(ENDPOINTS)).one()
    with pytest.raises(StorageError, match=r"endpoints.*EndpointRecord.*selector"):
        RecordRow(EndpointRecord, ENDPOINTS).record(row)


def test_table_without_a_place_for_a_field_is_refused() -> None:
    with pytest.raises(TypeError, match="set_at"):
        RecordRow(AliasRecord, sa.Table("t", sa.MetaData(), sa.Column("id"), sa.Column("name")))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (MappingProxyType({"a": (1, 2)}), {"a": (1, 2)}),
        ({"a": np.float64(0.5), "b": np.int64(3), "c": np.bool_(True)}, {"a": 0.5, "b": 3, "c": True}),
        ({1: "x", "when": datetime(2026, 1, 1, tzinfo=UTC)}, {"1": "x", "when": "2026-01-01T00:00:00Z"}),
    ],
)
def test_values_that_are_nearly_json_are_kept_as_json(given: Any, kept: Any) -> None:
    row = RecordRow(EndpointRecord, ENDPOINTS).values(sample.endpoint(settings=given))
    assert row["body"]["settings"] == kept


def test_values_that_are_no_json_are_refused_with_the_name_of_the_field() -> None:
    rows = RecordRow(EndpointRecord, ENDPOINTS)
    for write in (rows.values, rows.bound):
        with pytest.raises(InvalidInputError, match=r"'settings' of a EndpointRecord.*object"):
            write(sample.endpoint(settings={"a": object()}))
