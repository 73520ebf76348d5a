"""What runs read and made: datasets, logged models, and the older way of recording a model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.run_input import DatasetInput, ModelInput, ModelOutput
from millwright.server.mlflow.answer import Wire
from millwright.server.mlflow.check import check_experiment_id, check_length, check_text
from millwright.server.mlflow.failure import invalid, missing
from millwright.server.mlflow.pair import Pair
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, fields
from millwright.server.mlflow.permission import field as named
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.tracking.run import found, told_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.server.mlflow.call import Call

HISTORY_TAG = "mlflow.log-model.history"
MAX_EXPERIMENTS = 20
_LIMITS = {"name": 500, "digest": 36, "source": 65_535, "schema": 1_048_575, "profile": 16_777_215}
_MODEL_FIELDS = {"artifact_path", "flavors", "utc_time_created", "run_id"}


class Dataset(Struct):
    """A dataset."""

    name: str = ""
    digest: str = ""
    source_type: str = ""
    source: str = ""
    schema: str | None = None
    profile: str | None = None


class Input(Struct):
    """A dataset that was read, and what for."""

    tags: list[Pair] = field(default_factory=list)
    dataset: Dataset | None = None


class Model(Struct):
    """A logged model."""

    model_id: str = ""
    step: int = 0


class LogInputs(Struct):
    """What a run read."""

    run_id: str = ""
    datasets: list[Input] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)


class LogOutputs(Struct):
    """What a run made."""

    run_id: str = ""
    models: list[Model] = field(default_factory=list)


class LogModel(Struct):
    """A model as MLflow 1 and 2 record it."""

    run_id: str = ""
    model_json: str = ""


class SearchDatasets(Struct):
    """Of which experiments."""

    experiment_ids: list[str] = field(default_factory=list)


class Summary(Wire):
    """A dataset that runs read."""

    experiment_id: str
    name: str
    digest: str
    context: str | None = None


def log_inputs(call: Call, body: LogInputs) -> None:
    """Record what a run read."""
    datasets = [_dataset(at, each) for at, each in enumerate(body.datasets)]
    models = [ModelInput(model_id=each.model_id) for each in body.models]
    with told_of(body.run_id):
        call.stores.runs.add_inputs(RunId(body.run_id), datasets, models)


def log_outputs(call: Call, body: LogOutputs) -> None:
    """Record which models a run made."""
    if not body.models:
        raise missing("models")
    with told_of(body.run_id):
        call.stores.runs.add_outputs(
            RunId(body.run_id), [ModelOutput(model_id=each.model_id, step=each.step) for each in body.models]
        )


def log_model(call: Call, body: LogModel) -> None:
    """Record a model among the tags of a run."""
    try:
        model = json.loads(body.model_json)
    except (ValueError, RecursionError) as error:
        raise invalid(f"Malformed model info. \n {body.model_json} \n is not a valid JSON.") from error
    absent = sorted(_MODEL_FIELDS - set(model)) if isinstance(model, dict) else sorted(_MODEL_FIELDS)
    if absent:
        raise invalid(f"Model json is missing mandatory fields: {set(absent)}")
    run = found(call, body.run_id)
    try:
        kept = json.loads(run.tags.get(HISTORY_TAG, "[]"))
    except ValueError:  # somebody set the tag by hand
        kept = []
    history = kept if isinstance(kept, list) else []
    with told_of(body.run_id):
        call.stores.runs.put_tags(run.id, {HISTORY_TAG: json.dumps([*history, model])})


def search_datasets(call: Call, body: SearchDatasets) -> dict[str, Any]:
    """List the datasets that runs of experiments read."""
    if not body.experiment_ids:
        raise invalid("SearchDatasets request must specify at least one experiment_id.")
    if len(body.experiment_ids) > MAX_EXPERIMENTS:
        raise invalid(
            f"SearchDatasets request cannot specify more than {MAX_EXPERIMENTS} experiment_ids. Received "
            f"{len(body.experiment_ids)} experiment_ids."
        )
    summaries = call.stores.runs.search_datasets(
        [ExperimentId(check_experiment_id(each)) for each in body.experiment_ids]
    )
    shown = [
        Summary(experiment_id=each.experiment_id, name=each.name, digest=each.digest, context=each.context)
        for each in summaries
    ]
    return {"dataset_summaries": shown} if shown else {}


def _dataset(at: int, each: Input) -> DatasetInput:
    dataset = each.dataset
    if dataset is None:
        raise missing(f"datasets[{at}].dataset")
    for name, limit in _LIMITS.items():
        check_text(check_length(name, getattr(dataset, name) or "", limit), name)
    for name in ("name", "digest"):
        if not getattr(dataset, name):
            raise missing(f"datasets[{at}].dataset.{name}")
    for number, tag in enumerate(each.tags):
        if not tag.key:
            raise missing(f"datasets[{at}].tags[{number}].key")
        check_text(check_length("key", tag.key, 255), "key")
        check_text(check_length("value", tag.value, 500), "value")
    return DatasetInput(
        name=dataset.name,
        digest=dataset.digest,
        source_type=dataset.source_type,
        source=dataset.source,
        schema=dataset.schema,
        profile=dataset.profile,
        tags={tag.key: tag.value for tag in each.tags},
    )


def _linked(_call: Call, body: LogOutputs) -> Sequence[Resource]:
    """The run, and the logged models that it is said to have made."""
    models = sorted({each.model_id for each in body.models if each.model_id})
    return (Resource(ResourceKind.RUN, body.run_id), *(Resource(ResourceKind.LOGGED_MODEL, each) for each in models))


_WRITE = Rule(Access.WRITE, named(ResourceKind.RUN, "run_id"))

ROUTES = (
    *(
        Route(
            method="POST",
            path=f"/mlflow/runs/{name}",
            body=body,
            required=required,
            mode=Mode.WRITE,
            handler=handler,
            rule=rule,
        )
        for name, body, required, handler, rule in (
            ("log-inputs", LogInputs, ("run_id",), log_inputs, _WRITE),
            ("outputs", LogOutputs, ("run_id",), log_outputs, Rule(Access.WRITE, _linked)),
            ("log-model", LogModel, ("run_id", "model_json"), log_model, _WRITE),
        )
    ),
    Route(
        method="POST",
        path="/mlflow/experiments/search-datasets",
        body=SearchDatasets,
        handler=search_datasets,
        rule=Rule(Access.READ, fields(ResourceKind.EXPERIMENT, "experiment_ids")),
    ),
)
