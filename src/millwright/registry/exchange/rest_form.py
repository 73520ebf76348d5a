"""MLflow's JSON to what is carried, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from millwright.core.errors import InvalidInputError
from millwright.core.records.file import check_file_path
from millwright.core.records.run_input import DatasetInput
from millwright.registry.exchange.content import Experiment, Model, Point, Run, Version, value_of
from millwright.registry.exchange.place import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def experiment_of(shown: Mapping[str, Any]) -> Experiment:
    """An experiment."""
    created = int(shown.get("creation_time", 0))
    return Experiment(
        id=str(shown["experiment_id"]),
        name=str(shown["name"]),
        created_ms=created,
        updated_ms=int(shown.get("last_update_time", created)),
        deleted=shown.get("lifecycle_stage") == "deleted",
        tags=_mapping(shown.get("tags", ())),
    )


def run_of(shown: Mapping[str, Any]) -> Run:
    """A run."""
    info, data = shown["info"], shown.get("data", {})
    end = info.get("end_time")
    return Run(
        id=str(info["run_id"]),
        experiment_id=str(info["experiment_id"]),
        name=str(info.get("run_name", "")),
        status=str(info.get("status", "RUNNING")),
        start_ms=int(info.get("start_time", 0)),
        end_ms=None if end is None else int(end),
        user=str(info.get("user_id", "")),
        deleted=info.get("lifecycle_stage") == "deleted",
        artifact_uri=str(info.get("artifact_uri", "")),
        params=_mapping(data.get("params", ())),
        tags=_mapping(data.get("tags", ())),
        inputs=tuple(input_of(each) for each in shown.get("inputs", {}).get("dataset_inputs", ())),
    )


def input_of(shown: Mapping[str, Any]) -> DatasetInput:
    """A dataset that a run read."""
    dataset = shown["dataset"]
    return DatasetInput(
        name=dataset["name"],
        digest=dataset["digest"],
        source_type=dataset.get("source_type", ""),
        source=dataset.get("source", ""),
        schema=dataset.get("schema"),
        profile=dataset.get("profile"),
        tags=_mapping(shown.get("tags", ())),
    )


def input_body(given: DatasetInput) -> dict[str, Any]:
    """What `runs/log-inputs` takes."""
    dataset = {"name": given.name, "digest": given.digest, "source_type": given.source_type, "source": given.source}
    more = {"schema": given.schema, "profile": given.profile}
    return {
        "tags": pairs(given.tags),
        "dataset": dataset | {name: value for name, value in more.items() if value is not None},
    }


def point_of(shown: Mapping[str, Any]) -> Point:
    """A metric's value; it may be written as text.

    Raises:
        InvalidInputError: It is no number.
    """
    try:
        value = float(shown.get("value", 0.0))
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"Expected a number as the value of a metric, found {shown.get('value')!r}.") from error
    return Point(str(shown["key"]), value_of(value), int(shown.get("timestamp", 0)), int(shown.get("step", 0)))


def point_body(point: Point) -> dict[str, Any]:
    """What `runs/log-batch` takes."""
    value: float | str = point.value
    if not math.isfinite(point.value):
        value = "NaN" if math.isnan(point.value) else "Infinity" if point.value > 0 else "-Infinity"
    return {"key": point.key, "value": value, "timestamp": point.timestamp_ms, "step": point.step}


def model_of(shown: Mapping[str, Any]) -> Model:
    """A registered model."""
    created = int(shown.get("creation_timestamp", 0))
    return Model(
        name=str(shown["name"]),
        created_ms=created,
        updated_ms=int(shown.get("last_updated_timestamp", created)),
        description=str(shown.get("description", "")),
        tags=_mapping(shown.get("tags", ())),
        aliases={str(each["alias"]): int(each["version"]) for each in shown.get("aliases", ())},
    )


def version_of(shown: Mapping[str, Any]) -> Version:
    """A version of a registered model."""
    created = int(shown.get("creation_timestamp", 0))
    return Version(
        name=str(shown["name"]),
        version=int(shown["version"]),
        created_ms=created,
        updated_ms=int(shown.get("last_updated_timestamp", created)),
        source=str(shown.get("source", "")),
        run_id=str(shown.get("run_id", "")),
        run_link=str(shown.get("run_link", "")),
        description=str(shown.get("description", "")),
        user=str(shown.get("user_id", "")),
        stage=str(shown.get("current_stage", "None")),
        status=str(shown.get("status", "READY")),
        status_message=str(shown.get("status_message", "")),
        tags=_mapping(shown.get("tags", ())),
    )


def proxied(uri: str) -> str:
    """The path behind the server's artifact proxy that a URI of artifacts stands for.

    Raises:
        UnreachableError: It is not one that the server hands out.
    """
    parts = urlsplit(uri)
    if parts.scheme != "mlflow-artifacts":
        raise UnreachableError(f"Artifacts at {uri or 'an unknown place'} are not handed out by the server.")
    return check_file_path(unquote(parts.path).strip("/"))


def pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Keys and values as MLflow lists them."""
    return [{"key": key, "value": value} for key, value in values.items()]


def _mapping(listed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(each["key"]): str(each.get("value", "")) for each in listed}
