"""Bringing databases up to date, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import math
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from millwright.core.errors import InvalidInputError, StorageError, StoreVersionError
from millwright.core.ids import ExperimentId, RunId, TraceId
from millwright.core.records.audit import NodeKind
from millwright.core.records.dataset import DatasetOperation, DatasetState, DatasetTagRecord
from millwright.core.records.feature import FeatureKind, MaterializationState
from millwright.core.records.queue import RequestState
from millwright.core.records.run import MetricPoint, RunStatus
from millwright.core.records.search import Comparison, Field, Kind, Query
from millwright.storage.backends.sql import revision
from millwright.storage.backends.sql.column import METADATA
from millwright.storage.backends.sql.database import connect
from millwright.storage.catalog import open_stores
from millwright.testing import sample
from millwright.testing.contracts import contract
from millwright.testing.features import definition, materialization
from millwright.testing.queue import request
from millwright.testing.rollouts import rollout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.backends.sql.database import Database
    from millwright.testing.opener import StoreOpener


@dataclass(frozen=True)
class DatabaseOpener:
    url: str

    @contextmanager
    def __call__(self) -> Iterator[Database]:
        database = connect(self.url)
        yield database
        database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
        return
    import psycopg

    url = request.getfixturevalue("postgres_url")
    name = f"millwright_test_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{url.rpartition('/')[0]}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


BRING_UP_TO_DATE = """
import sys
from millwright.storage.backends.sql import database, revision
revision.bring_up_to_date(database.connect(sys.argv[1]))
"""


def test_new_database_is_brought_up_to_date_by_several_processes_at_once(new_url: str) -> None:
    command = [sys.executable, "-c", BRING_UP_TO_DATE, new_url]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate()[1] for process in processes] == [b""] * 3
    with DatabaseOpener(new_url)() as database, database.read() as connection:
        assert revision.stored_revision(connection) == revision.HEAD


def test_migrations_make_the_columns_and_indexes_that_the_stores_use(new_url: str) -> None:
    with DatabaseOpener(new_url)() as database:
        revision.declare_all()
        with database.write() as connection:
            revision.migrate(connection)
        with database.read() as connection:
            migrated, rows = described(sa.inspect(connection)), first_rows(connection)
        with database.write() as connection:
            for table in (*METADATA.sorted_tables[::-1], sa.table(revision.VERSION_TABLE)):
                connection.exec_driver_sql(f"DROP TABLE {table.name}")
        revision.bring_up_to_date(database)
        with database.read() as connection:
            assert migrated == described(sa.inspect(connection))
            assert rows == first_rows(connection)
            assert revision.stored_revision(connection) == revision.HEAD


def described(inspector: Any) -> dict[str, Any]:
    return {
        table: (
            sorted(
                (c["name"], str(c["type"]), str(c.get("identity")), c["nullable"]) for c in inspector.get_columns(table)
            ),
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted((i["name"], i["column_names"]) for i in inspector.get_indexes(table)),
            sorted((u["name"], u["column_names"]) for u in inspector.get_unique_constraints(table)),
            sorted((f["name"], f["constrained_columns"]) for f in inspector.get_foreign_keys(table)),
        )
        for table in inspector.get_table_names()
        if table != revision.VERSION_TABLE
    }


def first_rows(connection: Any) -> dict[str, list[Any]]:
    """What is in every table from the beginning, but for moments."""
    return {
        table.name: rows
        for table in METADATA.sorted_tables
        if (rows := connection.execute(sa.select(*(c for c in table.c if not c.name.endswith("_at")))).all())
    }


def restored(url: str, stored: str = "0001") -> Database:
    """A database of an older revision, with some rows in every family, as the Millwright of then wrote it."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    script = (Path(__file__).parent / "fixtures" / f"{stored}.{kind}.sql").read_text(encoding="utf-8")
    if kind == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(script)
    else:
        import psycopg

        with psycopg.connect(url) as connection:
            connection.execute(script.encode())
    return connect(url)


def test_records_of_the_first_version_are_all_there_after_the_migration(new_url: str) -> None:
    restored(new_url).close()
    stores = open_stores(records_url=new_url, artifacts_url="memory://a", predictions_url="memory://b")
    first, second, child = (RunId(f"0190aa00000070008000000000000{number:03d}") for number in range(3))
    assert [each.name for each in stores.experiments.list()] == ["Default", "Zeitpläne", "empty"]
    assert stores.experiments.create(replace(sample.experiment("new"), id=ExperimentId(""))).id == "3"
    run = stores.runs.get_run(first)
    assert (run.status, run.ended_at, run.params["lang"]) == (RunStatus.FINISHED, sample.moment(60), "x" * 100)
    assert (run.metrics["loss"], run.latest["loss"].step) == (-math.inf, 3)
    assert math.isnan(run.metrics["acc"])
    assert [(each.key, each.count, each.minimum, each.maximum) for each in stores.metrics.summaries(second)] == [
        ("acc", 1, None, None),
        ("loss", 4, -math.inf, 3.0),
    ]
    values = [value for value, _, _ in stores.metrics.history_raw(first, "loss").items]
    assert [str(value) for value in values] == ["3.0", "nan", "1.0", "-inf"]
    assert stores.runs.get_run(child).parent_id == first
    lang = Comparison(field=Field(kind=Kind.PARAM, key="lang"), op="=", value="x" * 100)
    found = stores.runs.search(Query(where=lang), experiment_ids=[run.experiment_id])
    assert [each.id for each in found.items] == [child, second, first]
    stores.runs.append_metrics(child, [MetricPoint(key="loss", value=1.0, step=0, at=sample.NOON)])
    assert stores.runs.list_runs(limit=1)[0].metrics == {"loss": 1.0}
    stores.runs.create_run(sample.run(run.experiment_id))
    assert stores.datasets.get_version("schedules").version == 1
    assert stores.models.get_version("delay", 1).version == 1
    assert len(stores.audit.list()) == 1
    stores.close()


@pytest.mark.parametrize("stored", ["0008", "0009", "0010"])
def test_records_of_an_older_revision_are_all_there_as_they_were(new_url: str, stored: str) -> None:
    with closing(restored(new_url, stored)) as database:
        with database.read() as connection:
            before = every_row(connection, sa.inspect(connection))
        revision.bring_up_to_date(database)
        with database.read() as connection:
            assert revision.stored_revision(connection) == revision.HEAD
            after = every_row(connection, sa.inspect(connection), like=before)
    assert sum(map(len, before.values())) > 40
    assert after == before


def every_row(connection: Any, inspector: Any, *, like: dict[str, list[Any]] | None = None) -> dict[str, list[Any]]:
    """The rows of every table with their columns' names; of those tables and columns alone that were there before."""
    rows: dict[str, list[Any]] = {}
    for table in sorted(like if like is not None else inspector.get_table_names()):
        if table == revision.VERSION_TABLE:
            continue
        found = connection.execute(sa.text(f"SELECT * FROM {table}")).mappings().all()  # noqa: S608 - our own tables
        kept = set(like[table][0]) if like and like[table] else None
        each = [{key: row[key] for key in row if kept is None or key in kept} for row in found]
        rows[table] = sorted(each, key=repr)
    return rows


def test_records_of_revision_0008_are_read_by_the_stores(new_url: str) -> None:
    restored(new_url, "0008").close()
    stores = open_stores(records_url=new_url, artifacts_url="memory://a", predictions_url="memory://b")
    latest, first = stores.datasets.list_versions("schedules")
    assert (latest.version, latest.details, latest.produced_by) == (2, {"reasons": {"x": 3}}, None)
    assert (first.details, first.columns) == (sample.JSON, sample.dataset_version().columns)
    for record in (latest, first):
        assert (record.operation, record.parent) == (DatasetOperation.OVERWRITE, None)
        assert (record.state, record.profile, record.contract) == (DatasetState.AVAILABLE, None, None)
    assert stores.datasets.list_tags() == stores.datasets.list_cursors() == stores.datasets.list_erasures() == []
    stores.datasets.set_tag(DatasetTagRecord(dataset="größe", tag="x", version=1, at=sample.NOON, actor="ada"))
    assert stores.datasets.create_version(sample.dataset_version()).version == 3
    [trained] = stores.lineage.downstream(NodeKind.DATASET, "schedules@1")
    assert (trained.target_id, trained.relation) == ("delay@1", "trained_on")
    assert stores.models.get_version("delay", 1).datasets == ("schedules@3", "größe@1")
    run = stores.runs.list_runs(limit=1)[0]
    assert (run.params["größe"], run.tags["team"], run.metrics["loss"]) == ("三", "🏗️", -math.inf)
    assert stores.traces.list_spans(TraceId("t"))[0].content == '{"x":1}'
    assert [each.name for each in stores.accounts.list_users()] == ["ada"]
    assert len(stores.audit.list()) == len(stores.monitors.list_alerts()) == 1
    stores.close()


def test_records_of_revision_0009_are_read_by_the_stores(new_url: str) -> None:
    restored(new_url, "0009").close()
    stores = open_stores(records_url=new_url, artifacts_url="memory://a", predictions_url="memory://b")
    latest, _, first = stores.datasets.list_versions("schedules")
    assert (latest.operation, latest.parent, latest.contract) == (DatasetOperation.MERGE, 2, "schedules@2")
    assert (latest.state, first.state) == (DatasetState.AVAILABLE, DatasetState.EXPIRED)
    assert [(tag.tag, tag.version) for tag in stores.datasets.list_tags()] == [("größe", 3)]
    assert [cursor.position for cursor in stores.datasets.list_cursors()] == [sample.JSON]
    assert [erasure.reason for erasure in stores.datasets.list_erasures()] == ["Anfrage größer"]
    assert stores.contracts.get("schedules") == replace(contract(version=2), breaking=())
    assert stores.contracts.get("schedules", 1) == contract()
    history = stores.features.get(FeatureKind.VIEW, "history")
    assert history == replace(definition(text="2"), version=2)
    assert stores.features.get(FeatureKind.ENTITY, "site").retired
    running, done = stores.features.list_materializations("history")
    assert running == materialization(1)
    assert (done.state, done.rows, done.entities) == (MaterializationState.DONE, 5, 3)
    run = stores.pipelines.list_pipeline_runs()[0]
    assert stores.pipelines.cancel_requested(run.id) is None
    assert stores.pipelines.request_cancel(run.id, by="ada", at=sample.NOON)
    assert stores.queue.list_requests() == stores.schedules.list_schedules() == stores.triggers.list_triggers() == []
    stores.queue.enqueue(request())
    stores.close()


def test_records_of_revision_0010_are_read_by_the_stores(new_url: str) -> None:
    restored(new_url, "0010").close()
    stores = open_stores(records_url=new_url, artifacts_url="memory://a", predictions_url="memory://b")
    run = stores.pipelines.list_pipeline_runs()[0]
    cancelled = stores.pipelines.cancel_requested(run.id)
    assert cancelled is not None
    states = {each.name: (each.state, each.dedup_key) for each in stores.queue.list_requests()}
    assert sorted(states.values(), key=str) == [(RequestState.QUEUED, None), (RequestState.RUNNING, "größe")]
    [nightly] = stores.schedules.list_schedules()
    assert (nightly.tz, nightly.target.params) == ("Europe/Berlin", sample.JSON)
    assert nightly.target.code is not None
    assert nightly.target.code.entrypoint == "pipeline.py:main"
    assert [each.name for each in stores.triggers.list_triggers()] == ["größe"]
    assert stores.endpoints.find("größe") == sample.endpoint("größe")
    assert stores.rollouts.list_rollouts() == []
    stores.rollouts.create(rollout(endpoint="größe"))
    stores.close()


def test_reports_and_alerts_of_revision_0014_get_their_monitor_from_the_audit_log(new_url: str) -> None:
    with closing(restored(new_url, "0010")) as database:
        with database.write() as connection:
            report = connection.execute(sa.text("SELECT id FROM monitor_reports")).scalar()
            body = json.loads(connection.execute(sa.text("SELECT body FROM alerts")).scalar() or "")
            for number, asked in enumerate(({"report_id": report}, {"report_id": body["report_id"]}), start=1000):
                details = json.dumps({**asked, "monitor": {"name": "stündlich", "digest": "x"}})
                connection.execute(
                    sa.text(
                        "INSERT INTO audit_events (seq, at, actor, action, subject, details, previous_hash, hash) "
                        "VALUES (:seq, 0, 'ada', 'monitor.check', 'endpoint:x', :details, '', '')"
                    ),
                    {"seq": number, "details": details},
                )
        revision.bring_up_to_date(database)
    stores = open_stores(records_url=new_url, artifacts_url="memory://a", predictions_url="memory://b")
    [report] = stores.monitors.list_reports()
    [alert] = stores.monitors.list_alerts()
    assert (report.monitor, alert.monitor) == ("stündlich", "stündlich")
    stores.close()


def test_store_of_a_newer_version_is_refused(new_url: str) -> None:
    with DatabaseOpener(new_url)() as database:
        revision.bring_up_to_date(database)
        version = sa.table(revision.VERSION_TABLE, sa.column("version_num"))
        with database.write() as connection:
            connection.execute(sa.update(version), {"version_num": "0999"})
        with pytest.raises(StoreVersionError, match=r"newer Millwright.*0999"):
            revision.bring_up_to_date(database)


@pytest.mark.postgres
def test_connections_that_the_server_closed_are_replaced(postgres_url: str, place: StoreOpener) -> None:
    with place() as stores:
        stores.endpoints.put(sample.endpoint())
        with DatabaseOpener(postgres_url)() as database, database.write() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert stores.endpoints.find("delay") is not None


@pytest.mark.postgres
def test_text_that_postgresql_cannot_hold_is_refused_as_bad_input(postgres_url: str) -> None:
    database = connect(postgres_url)
    statement = sa.text("SELECT :x")
    for text in ("a\0b", "\ud800"):
        with pytest.raises(InvalidInputError), database.write() as connection:
            connection.execute(statement, {"x": text})
    database.close()


@pytest.mark.postgres
def test_unknown_database_is_an_error_that_names_it(postgres_url: str) -> None:
    url = f"{postgres_url.rpartition('/')[0]}/millwright_nowhere"
    with pytest.raises(StorageError, match="millwright_nowhere"), connect(url).read():
        pass
