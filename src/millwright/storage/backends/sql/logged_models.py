"""Logged models in SQL."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, ConflictError, NotFoundError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.logged_model import LoggedModelRecord, LoggedModelStatus
from millwright.core.records.search import Page
from millwright.storage.backends.sql.logged_model_search import next_token, offset_of, search_statement
from millwright.storage.backends.sql.logged_model_table import LOGGED_MODEL_PARAMS, LOGGED_MODEL_TAGS, LOGGED_MODELS
from millwright.storage.backends.sql.run_table import LOGGED_MODEL_METRICS
from millwright.storage.base.logged_models import LoggedModelStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from millwright.core.records.logged_model import LoggedModelQuery
    from millwright.storage.backends.sql.database import Database

_MODELS = LOGGED_MODELS.c
_IDS_IN_ONE_STATEMENT = 500


class SqlLoggedModelStore(LoggedModelStore):
    """See `LoggedModelStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(LOGGED_MODELS)
        self._create = insert.on_conflict_do_nothing(index_elements=["id"]).returning(_MODELS.id)
        tags = database.insert(LOGGED_MODEL_TAGS)
        self._put_tags = tags.on_conflict_do_update(
            index_elements=["model_id", "key"], set_={"value": tags.excluded.value}
        )

    def create(self, record: LoggedModelRecord) -> None:
        """See `LoggedModelStore.create`."""
        with self._database.write() as connection:
            if connection.execute(self._create, _row(record)).first() is None:
                raise AlreadyExistsError(f"The logged model '{record.id}' exists already.", hint="Use a new id.")
            for table, pairs in ((LOGGED_MODEL_PARAMS, record.params), (LOGGED_MODEL_TAGS, record.tags)):
                if pairs:
                    connection.execute(sa.insert(table), _pairs(record.id, pairs))

    def get(self, model_id: str, *, deleted: bool = False) -> LoggedModelRecord:
        """See `LoggedModelStore.get`."""
        statement = sa.select(LOGGED_MODELS).where(_MODELS.id == model_id)
        if not deleted:
            statement = statement.where(_MODELS.lifecycle == Lifecycle.ACTIVE.value)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
            if row is None:
                raise _no_model(model_id)
            return _records(connection, [row])[0]

    def set_status(
        self, model_id: str, status: LoggedModelStatus, at: datetime, *, message: str | None = None
    ) -> LoggedModelRecord:
        """See `LoggedModelStore.set_status`."""
        values: dict[str, Any] = {"status": status.value, "updated_at": at}
        self._update(model_id, values if message is None else {**values, "status_message": message})
        return self.get(model_id, deleted=True)

    def set_lifecycle(self, model_id: str, lifecycle: Lifecycle, at: datetime) -> None:
        """See `LoggedModelStore.set_lifecycle`."""
        self._update(model_id, {"lifecycle": lifecycle.value, "updated_at": at})

    def put_params(self, model_id: str, params: Mapping[str, str]) -> None:
        """See `LoggedModelStore.put_params`."""
        with self._database.write() as connection:
            self._lock(connection, model_id)
            rows = connection.execute(sa.select(LOGGED_MODEL_PARAMS).where(LOGGED_MODEL_PARAMS.c.model_id == model_id))
            stored = {row.key: row.value for row in rows}
            for key, value in params.items():
                if stored.get(key, value) != value:
                    raise ConflictError(
                        f"The parameter '{key}' of the logged model '{model_id}' is '{stored[key]}' and cannot become "
                        f"'{value}'.",
                        hint="Parameters are written once; use a tag.",
                    )
            new = {key: value for key, value in params.items() if key not in stored}
            if new:
                connection.execute(sa.insert(LOGGED_MODEL_PARAMS), _pairs(model_id, new))

    def put_tags(self, model_id: str, tags: Mapping[str, str]) -> None:
        """See `LoggedModelStore.put_tags`."""
        with self._database.write() as connection:
            self._lock(connection, model_id)
            if tags:
                connection.execute(self._put_tags, _pairs(model_id, tags))

    def delete_tag(self, model_id: str, key: str) -> None:
        """See `LoggedModelStore.delete_tag`."""
        tags = LOGGED_MODEL_TAGS.c
        statement = sa.delete(LOGGED_MODEL_TAGS).where(tags.model_id == model_id, tags.key == key).returning(tags.key)
        with self._database.write() as connection:
            self._lock(connection, model_id)
            if connection.execute(statement).first() is None:
                raise NotFoundError(f"No tag with key {key!r} found for model with ID {model_id!r}.")

    def search(self, query: LoggedModelQuery) -> Page[LoggedModelRecord]:
        """See `LoggedModelStore.search`."""
        offset = offset_of(query)
        statement = search_statement(query, is_sqlite=self._database.is_sqlite)
        with self._database.read() as connection:
            rows = connection.execute(statement.limit(query.limit + 1).offset(offset)).all()
            records = _records(connection, rows[: query.limit])
        token = next_token(query, offset + query.limit) if len(rows) > query.limit else None
        return Page(items=tuple(records), next_token=token)

    def list_deleted(self, before: datetime) -> list[str]:
        """See `LoggedModelStore.list_deleted`."""
        deleted = sa.and_(_MODELS.lifecycle == Lifecycle.DELETED.value, _MODELS.updated_at < before)
        with self._database.read() as connection:
            return list(connection.execute(sa.select(_MODELS.id).where(deleted).order_by(_MODELS.seq)).scalars())

    def list_ids(self, experiment_id: ExperimentId) -> list[str]:
        """See `LoggedModelStore.list_ids`."""
        statement = sa.select(_MODELS.id).where(_MODELS.experiment_id == experiment_id).order_by(_MODELS.seq)
        with self._database.read() as connection:
            return list(connection.execute(statement).scalars())

    def purge(self, model_id: str) -> None:
        """See `LoggedModelStore.purge`."""
        with self._database.write() as connection:
            for table in (LOGGED_MODEL_METRICS, LOGGED_MODEL_PARAMS, LOGGED_MODEL_TAGS):
                connection.execute(sa.delete(table).where(table.c.model_id == model_id))
            connection.execute(sa.delete(LOGGED_MODELS).where(_MODELS.id == model_id))

    def _update(self, model_id: str, values: dict[str, Any]) -> None:
        statement = sa.update(LOGGED_MODELS).where(_MODELS.id == model_id).values(values).returning(_MODELS.id)
        with self._database.write() as connection:
            if connection.execute(statement).first() is None:
                raise _no_model(model_id)

    @staticmethod
    def _lock(connection: Connection, model_id: str) -> None:
        # On PostgreSQL; SQLite's transaction is exclusive already.
        if connection.execute(sa.select(_MODELS.id).where(_MODELS.id == model_id).with_for_update()).first() is None:
            raise _no_model(model_id)


def _row(record: LoggedModelRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "experiment_id": record.experiment_id,
        "name": record.name,
        "status": record.status.value,
        "status_message": record.status_message,
        "model_type": record.model_type,
        "source_run_id": record.source_run_id,
        "artifact_location": record.artifact_location,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "lifecycle": record.lifecycle.value,
    }


def _pairs(model_id: str, pairs: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"model_id": model_id, "key": key, "value": pairs[key]} for key in sorted(pairs)]


def _records(connection: Connection, rows: Sequence[Row[Any]]) -> list[LoggedModelRecord]:
    pairs: tuple[defaultdict[str, dict[str, str]], ...] = (defaultdict(dict), defaultdict(dict))
    for start in range(0, len(rows), _IDS_IN_ONE_STATEMENT):
        ids = [row.id for row in rows[start : start + _IDS_IN_ONE_STATEMENT]]
        for found, table in zip(pairs, (LOGGED_MODEL_PARAMS, LOGGED_MODEL_TAGS), strict=True):
            statement = sa.select(table).where(table.c.model_id.in_(ids)).order_by(table.c.model_id, table.c.key)
            for pair in connection.execute(statement):
                found[pair.model_id][pair.key] = pair.value
    params, tags = pairs
    return [
        LoggedModelRecord(
            id=row.id,
            experiment_id=ExperimentId(row.experiment_id),
            name=row.name,
            artifact_location=row.artifact_location,
            created_at=row.created_at,
            updated_at=row.updated_at,
            status=LoggedModelStatus(row.status),
            status_message=row.status_message,
            model_type=row.model_type,
            source_run_id=None if row.source_run_id is None else RunId(row.source_run_id),
            lifecycle=Lifecycle(row.lifecycle),
            params=params[row.id],
            tags=tags[row.id],
        )
        for row in rows
    ]


def _no_model(model_id: str) -> NotFoundError:
    return NotFoundError(f"Logged model with ID '{model_id}' not found.")
