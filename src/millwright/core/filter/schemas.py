"""The fields of each family, with every name that MLflow's clients give them."""

from __future__ import annotations

from millwright.core.filter.schema import FilterSchema
from millwright.core.filter.trace_schema import NAME_TAG, RUN_METADATA, TraceSchema
from millwright.core.records.search import Kind


def _names(*names: str, **aliases: str) -> dict[str, str]:
    return {name: name for name in names} | aliases


RUNS = FilterSchema(
    what="runs",
    texts=_names("run_id", "run_name", "status", "user_id", "artifact_uri", "experiment_id")
    | dict.fromkeys(("run name", "Run name", "Run Name"), "run_name"),
    numbers=_names("start_time", "end_time", created="start_time", Created="start_time"),
    kinds=frozenset({Kind.METRIC, Kind.PARAM, Kind.TAG, Kind.DATASET}),
    listed=frozenset({"run_id"}),
)
EXPERIMENTS = FilterSchema(
    what="experiments",
    texts=_names("name", "experiment_id", "lifecycle_stage"),
    numbers=_names("creation_time", "last_update_time"),
    listed=frozenset({"experiment_id"}),
    entities={"experiment": Kind.ATTRIBUTE, "experiments": Kind.ATTRIBUTE},
)
REGISTERED_MODELS = FilterSchema(
    what="registered models",
    texts=_names("name"),
    numbers=_names("creation_timestamp", "last_updated_timestamp", timestamp="last_updated_timestamp"),
)
MODEL_VERSIONS = FilterSchema(
    what="model versions",
    texts=_names("name", "run_id", "source_path", "source", "model_id"),
    numbers=_names("version_number", "creation_timestamp", "last_updated_timestamp"),
    listed=frozenset({"run_id", "name"}),
)
LOGGED_MODELS = FilterSchema(
    what="logged models",
    texts=_names(
        *("model_id", "experiment_id", "name", "artifact_location", "status", "lifecycle_stage", "model_type"),
        *("source_run_id", "status_message"),
    ),
    numbers=_names(
        "creation_timestamp_ms",
        "last_updated_timestamp_ms",
        creation_timestamp="creation_timestamp_ms",
        creation_time="creation_timestamp_ms",
        last_updated_timestamp="last_updated_timestamp_ms",
    ),
    kinds=frozenset({Kind.METRIC, Kind.PARAM, Kind.TAG}),
    listed=frozenset({"model_id", "experiment_id", "name", "status", "model_type", "source_run_id"}),
)
TRACES = TraceSchema(
    what="traces",
    texts=_names(
        *("request_id", "experiment_id", "status", "client_request_id", "request", "response", "prompt"),
        name=NAME_TAG,
        run_id=RUN_METADATA,
        text="content",
        trace_id="request_id",
        id="request_id",
        state="status",
    ),
    numbers=_names(
        "timestamp_ms",
        "execution_time_ms",
        "end_time_ms",
        timestamp="timestamp_ms",
        request_time="timestamp_ms",
        execution_time="execution_time_ms",
        execution_duration="execution_time_ms",
        end_time="end_time_ms",
    ),
    entities={"trace": Kind.ATTRIBUTE, "traces": Kind.ATTRIBUTE},
)
EVALUATION_DATASETS = FilterSchema(
    what="evaluation datasets",
    texts=_names("name", "created_by", "last_updated_by"),
    numbers=_names("created_time", "last_update_time"),
    listed=frozenset({"name"}),
)
