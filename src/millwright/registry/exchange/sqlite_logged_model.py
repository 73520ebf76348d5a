"""Logged models of a stock MLflow SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.registry.exchange.content import Point, value_of
from millwright.registry.exchange.logged_model import LoggedModel, ModelPoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.registry.exchange.content import Artifact
    from millwright.registry.exchange.folder import ArtifactFolder

_PARAMS = "SELECT param_key, param_value FROM logged_model_params WHERE model_id = ?"
_TAGS = "SELECT tag_key, tag_value FROM logged_model_tags WHERE model_id = ?"
_POINTS = (
    "SELECT metric_name, metric_value, metric_timestamp_ms, metric_step, run_id, dataset_name, dataset_digest "
    "FROM logged_model_metrics WHERE model_id = ?"
)


class SqliteLoggedModels:
    """Reads them; see `LoggedModelReader`.

    Args:
        rows: Asks the database.
        tables: Those that it has; old ones have none for logged models.
        files: The artifacts.
    """

    def __init__(self, rows: Callable[..., Iterator[Any]], tables: set[str], files: ArtifactFolder) -> None:
        self._rows = rows
        self._tables = tables
        self._files = files

    def iter_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """See `LoggedModelReader.iter_models`."""
        if not {"logged_models", "logged_model_params", "logged_model_tags"} <= self._tables:
            return
        query = "SELECT * FROM logged_models WHERE CAST(experiment_id AS TEXT) = ? ORDER BY creation_timestamp_ms"
        for row in list(self._rows(query, experiment_id)):
            model_id = str(row["model_id"])
            yield LoggedModel(
                id=model_id,
                experiment_id=experiment_id,
                name=str(row["name"]),
                artifact_uri=str(row["artifact_location"]),
                created_ms=int(row["creation_timestamp_ms"]),
                updated_ms=int(row["last_updated_timestamp_ms"]),
                status=int(row["status"]),
                status_message=row["status_message"],
                model_type=row["model_type"],
                source_run_id=str(row["source_run_id"] or ""),
                deleted=row["lifecycle_stage"] == "deleted",
                params=self._pairs(_PARAMS, model_id),
                tags=self._pairs(_TAGS, model_id),
                outputs=self._outputs(model_id),
                points=tuple(self._points(model_id)),
            )

    def list_files(self, model: LoggedModel) -> list[Artifact]:
        """See `LoggedModelReader.list_files`."""
        return self._files.list_files(model.artifact_uri)

    def read_file(self, model: LoggedModel, path: str) -> Iterator[bytes]:
        """See `LoggedModelReader.read_file`."""
        return self._files.read_file(model.artifact_uri, path)

    def _outputs(self, model_id: str) -> dict[str, int]:
        query = (
            "SELECT source_id, step FROM inputs WHERE source_type = 'RUN_OUTPUT' AND destination_type = 'MODEL_OUTPUT' "
            "AND destination_id = ?"
        )
        return {str(run_id): int(step) for run_id, step in self._rows(query, model_id)}

    def _points(self, model_id: str) -> Iterator[ModelPoint]:
        if "logged_model_metrics" not in self._tables:
            return
        for key, value, timestamp, step, run_id, name, digest in self._rows(_POINTS, model_id):
            point = Point(str(key), value_of(float(value or 0)), int(timestamp), int(step))
            measured_on = {"dataset_name": str(name or ""), "dataset_digest": str(digest or "")}
            yield ModelPoint(run_id=str(run_id), point=point, **measured_on)

    def _pairs(self, query: str, model_id: str) -> dict[str, str]:
        return {str(key): str(value) for key, value in self._rows(query, model_id)}
