"""A stock MLflow SQLite file, read only."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from millwright.core.errors import NotFoundError, StorageError
from millwright.core.records.run_input import DatasetInput
from millwright.registry.exchange.content import Artifact, Experiment, Model, Point, Run, Version, value_of
from millwright.registry.exchange.folder import ArtifactFolder
from millwright.registry.exchange.report import not_carried
from millwright.registry.exchange.sqlite_logged_model import SqliteLoggedModels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAGE = 500
_NEEDED = {"experiments", "runs", "params", "tags", "metrics", "experiment_tags"}
_NOT_CARRIED = {
    "trace_info": "traces",
    "evaluation_datasets": "evaluation datasets",
    "scorers": "scorers",
    "users": "users",
}


class SqlitePlace:
    """Reads an MLflow store from its file; a server may go on writing to it meanwhile.

    The file is not trusted: it is opened read only, without the functions that a hostile schema could call, and what it
    holds is data, never a path outside the artifacts' folder.

    Args:
        path: The file.
        artifacts: The folder that `mlflow-artifacts:/` stands for; None leaves artifacts out.

    Raises:
        NotFoundError: There is no such file.
        StorageError: It is no SQLite file, or not one of MLflow's.
    """

    def __init__(self, path: Path, artifacts: Path | None = None) -> None:
        self.name = str(path)
        if not path.is_file():
            raise NotFoundError(f"There is no file {path}.", hint="Name an MLflow database, such as mlflow.db.")
        self._files = ArtifactFolder(artifacts)
        self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        # Text that is not UTF-8 would end the reading of everything.
        self._connection.text_factory = lambda data: data.decode("utf-8", "replace")
        self._connection.row_factory = sqlite3.Row
        self._tables = self._read_tables()
        self.logged_models = SqliteLoggedModels(self._rows, self._tables, self._files)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def iter_experiments(self) -> Iterator[Experiment]:
        """See `Source.iter_experiments`."""
        tags = self._grouped("experiment_tags", "experiment_id")
        for row in self._rows("SELECT * FROM experiments ORDER BY experiment_id"):
            created = _number(row["creation_time"])
            yield Experiment(
                id=str(row["experiment_id"]),
                name=_text(row["name"]),
                created_ms=created,
                updated_ms=_number(row["last_update_time"]) or created,
                deleted=row["lifecycle_stage"] == "deleted",
                tags=tags.get(str(row["experiment_id"]), {}),
            )

    def iter_runs(self, experiment_id: str) -> Iterator[Run]:
        """See `Source.iter_runs`."""
        query = "SELECT run_uuid FROM runs WHERE CAST(experiment_id AS TEXT) = ? ORDER BY start_time, run_uuid"
        ids = [_text(row[0]) for row in self._rows(query, experiment_id)]
        for at in range(0, len(ids), _PAGE):
            yield from self._page(ids[at : at + _PAGE])

    def iter_points(self, run: Run) -> Iterator[Point]:
        """See `Source.iter_points`."""
        query = (
            "SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp"
        )
        for key, value, timestamp, step, is_nan in self._rows(query, run.id):
            yield Point(_text(key), value_of(float(value), is_nan=bool(is_nan)), _number(timestamp), _number(step))

    def list_files(self, run: Run) -> list[Artifact]:
        """See `Source.list_files`."""
        return self._files.list_files(run.artifact_uri)

    def read_file(self, run: Run, path: str) -> Iterator[bytes]:
        """See `Source.read_file`."""
        return self._files.read_file(run.artifact_uri, path)

    def iter_models(self) -> Iterator[Model]:
        """See `Source.iter_models`."""
        if "registered_models" not in self._tables:
            return
        tags = self._grouped("registered_model_tags", "name")
        aliases: defaultdict[str, dict[str, int]] = defaultdict(dict)
        if "registered_model_aliases" in self._tables:
            for row in self._rows("SELECT name, alias, version FROM registered_model_aliases"):
                aliases[_text(row[0])][_text(row[1])] = _number(row[2])
        for row in self._rows("SELECT * FROM registered_models ORDER BY name"):
            name, created = _text(row["name"]), _number(row["creation_time"])
            yield Model(
                name=name,
                created_ms=created,
                updated_ms=_number(row["last_updated_time"]) or created,
                description=_text(row["description"]),
                tags=tags.get(name, {}),
                aliases=aliases.get(name, {}),
            )

    def iter_versions(self, name: str) -> Iterator[Version]:
        """See `Source.iter_versions`; deleted ones, which MLflow keeps in a stage of its own, are left out."""
        tags: defaultdict[int, dict[str, str]] = defaultdict(dict)
        for row in self._rows("SELECT version, key, value FROM model_version_tags WHERE name = ?", name):
            tags[_number(row[0])][_text(row[1])] = _text(row[2])
        query = (
            "SELECT * FROM model_versions WHERE name = ? AND COALESCE(current_stage, '') <> 'Deleted_Internal' "
            "ORDER BY version"
        )
        for row in self._rows(query, name):
            created = _number(row["creation_time"])
            yield Version(
                name=name,
                version=_number(row["version"]),
                created_ms=created,
                updated_ms=_number(row["last_updated_time"]) or created,
                source=_text(row["source"]),
                run_id=_text(row["run_id"]),
                run_link=_text(_maybe(row, "run_link")),
                description=_text(row["description"]),
                user=_text(row["user_id"]),
                stage=_text(row["current_stage"]) or "None",
                status=_text(row["status"]) or "READY",
                status_message=_text(row["status_message"]),
                tags=tags.get(_number(row["version"]), {}),
            )

    def left_out(self) -> list[str]:
        """See `Source.left_out`."""
        found = []
        for table, what in _NOT_CARRIED.items():
            number = next(self._rows(f"SELECT COUNT(*) FROM {table}"))[0] if table in self._tables else 0  # noqa: S608 - a constant
            if number:
                found.append(not_carried(number, what))
        return found

    def _page(self, ids: list[str]) -> Iterator[Run]:
        params, tags = (self._grouped(table, "run_uuid", ids) for table in ("params", "tags"))
        inputs = self._inputs(ids)
        marks = ",".join("?" * len(ids))
        query = f"SELECT * FROM runs WHERE run_uuid IN ({marks})"  # noqa: S608 - marks only
        found = {_text(row["run_uuid"]): row for row in self._rows(query, *ids)}
        for run_id in ids:
            row = found[run_id]
            own = tags.get(run_id, {})
            yield Run(
                id=run_id,
                experiment_id=str(row["experiment_id"]),
                name=_text(row["name"]) or own.get("mlflow.runName", ""),
                status=_text(row["status"]) or "RUNNING",
                start_ms=_number(row["start_time"]),
                end_ms=None if row["end_time"] is None else _number(row["end_time"]),
                user=_text(row["user_id"]),
                deleted=row["lifecycle_stage"] == "deleted",
                artifact_uri=_text(row["artifact_uri"]),
                params=params.get(run_id, {}),
                tags=own,
                inputs=tuple(inputs.get(run_id, ())),
            )

    def _inputs(self, ids: list[str]) -> dict[str, list[DatasetInput]]:
        if not {"inputs", "datasets", "input_tags"} <= self._tables:
            return {}
        marks = ",".join("?" * len(ids))
        query = (
            "SELECT i.input_uuid, i.destination_id, d.* FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id "  # noqa: S608 - marks only
            f"WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id IN ({marks}) "
            "ORDER BY i.rowid"
        )
        rows = list(self._rows(query, *ids))
        tags = self._grouped("input_tags", "input_uuid", [_text(row["input_uuid"]) for row in rows], key="name")
        found: defaultdict[str, list[DatasetInput]] = defaultdict(list)
        for row in rows:
            found[_text(row["destination_id"])].append(
                DatasetInput(
                    name=_text(row["name"]),
                    digest=_text(row["digest"]),
                    source_type=_text(row["dataset_source_type"]),
                    source=_text(row["dataset_source"]),
                    schema=None if row["dataset_schema"] is None else _text(row["dataset_schema"]),
                    profile=None if row["dataset_profile"] is None else _text(row["dataset_profile"]),
                    tags=tags.get(_text(row["input_uuid"]), {}),
                )
            )
        return found

    def _grouped(
        self, table: str, owner: str, ids: list[str] | None = None, key: str = "key"
    ) -> dict[str, dict[str, str]]:
        """Key and value of a table's rows, by owner. All names are of this module."""
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        if table not in self._tables:
            return found
        for at in range(0, 1 if ids is None else len(ids), _PAGE):
            page = () if ids is None else ids[at : at + _PAGE]
            where = "" if ids is None else f" WHERE {owner} IN ({','.join('?' * len(page))})"
            for who, name, value in self._rows(f"SELECT {owner}, {key}, value FROM {table}{where}", *page):  # noqa: S608
                found[str(who)][_text(name)] = _text(value)
        return found

    def _read_tables(self) -> set[str]:
        for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
            self._connection.execute(f"PRAGMA {pragma}")
        tables = {_text(row[0]) for row in self._rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables >= _NEEDED:
            raise StorageError(
                f"Expected {self.name} to be an MLflow database, found no table {min(_NEEDED - tables)}.",
                hint="Name the file of --backend-store-uri, such as mlflow.db.",
            )
        return tables

    def _rows(self, query: str, *values: Any) -> Iterator[sqlite3.Row]:
        try:
            yield from self._connection.execute(query, values)
        except sqlite3.Error as error:
            raise StorageError(
                f"Cannot read {self.name} as an MLflow database: {error}.",
                hint="Name the file of --backend-store-uri, or import from the server's URL.",
            ) from error


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def _number(value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError, OverflowError) as error:
        raise StorageError(
            f"Expected a whole number in the MLflow database, found {value!r}.", hint="The file is damaged."
        ) from error


def _maybe(row: sqlite3.Row, name: str) -> Any:
    return row[name] if name in row.keys() else None  # noqa: SIM118 - a row is no mapping
