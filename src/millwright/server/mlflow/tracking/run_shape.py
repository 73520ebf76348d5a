"""Runs as clients read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from millwright.core.records.run import LatestPoints
from millwright.server.mlflow.answer import Wire, millis, number
from millwright.server.mlflow.artifacts.artifact_uri import run_location
from millwright.server.mlflow.pair import Pair, pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.experiment import ExperimentRecord
    from millwright.core.records.run import MetricPoint, RunRecord
    from millwright.core.records.run_input import RunLinks
    from millwright.storage.catalog import Stores

RUN_NAME = "mlflow.runName"
PARENT = "mlflow.parentRunId"
# In the order of their numbers, which begin with 1.
STATUSES = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")


class MetricShape(Struct, gc=False):
    """A metric's point."""

    key: str
    value: float | str
    timestamp: int
    step: int


class InfoShape(Wire, kw_only=True):
    """What is known of a run besides what it logged."""

    run_uuid: str
    experiment_id: str
    run_name: str
    user_id: str
    status: str
    start_time: int
    end_time: int | None = None
    artifact_uri: str
    lifecycle_stage: str
    run_id: str


class DataShape(Wire, kw_only=True):
    """What a run logged."""

    metrics: list[MetricShape] = field(default_factory=list)
    params: list[Pair] = field(default_factory=list)
    tags: list[Pair] = field(default_factory=list)


class DatasetShape(Wire, kw_only=True):
    """A dataset that a run read."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


class DatasetInputShape(Wire, kw_only=True):
    """A dataset that a run read, and what for."""

    tags: list[Pair] = field(default_factory=list)
    dataset: DatasetShape


class ModelInputShape(Struct):
    """A logged model that a run read."""

    model_id: str


class ModelOutputShape(Struct):
    """A logged model that a run made."""

    model_id: str
    step: int


class InputsShape(Wire, kw_only=True):
    """What a run read."""

    dataset_inputs: list[DatasetInputShape] = field(default_factory=list)
    model_inputs: list[ModelInputShape] = field(default_factory=list)


class OutputsShape(Wire, kw_only=True):
    """What a run made."""

    model_outputs: list[ModelOutputShape] = field(default_factory=list)


class RunShape(Wire):
    """A run."""

    info: InfoShape
    data: DataShape
    inputs: InputsShape
    outputs: OutputsShape | None = None


def info(run: RunRecord, experiment: ExperimentRecord) -> InfoShape:
    """A run without what it logged."""
    return InfoShape(
        run_uuid=run.id,
        experiment_id=run.experiment_id,
        run_name=run.name,
        user_id=run.user,
        status=run.status.name,
        start_time=millis(run.started_at),
        end_time=None if run.ended_at is None else millis(run.ended_at),
        artifact_uri=run_location(run, experiment),
        lifecycle_stage=run.lifecycle.value,
        run_id=run.id,
    )


def shapes(stores: Stores, runs: Sequence[RunRecord]) -> list[RunShape]:
    """Runs with everything; two statements for any number of them, and one for each experiment."""
    links = stores.runs.list_links([run.id for run in runs])
    experiments = {each: stores.experiments.get(each) for each in {run.experiment_id for run in runs}}
    return [_shape(run, experiments[run.experiment_id], links[run.id]) for run in runs]


def _shape(run: RunRecord, experiment: ExperimentRecord, links: RunLinks) -> RunShape:
    metrics = _metrics(run.latest)
    inputs = InputsShape(
        dataset_inputs=[
            DatasetInputShape(
                tags=pairs(each.tags),
                dataset=DatasetShape(
                    name=each.name,
                    digest=each.digest,
                    source_type=each.source_type,
                    source=each.source,
                    schema=each.schema,
                    profile=each.profile,
                ),
            )
            for each in links.datasets
        ],
        model_inputs=[ModelInputShape(each.model_id) for each in links.models],
    )
    made = [ModelOutputShape(each.model_id, each.step) for each in links.outputs]
    data = DataShape(metrics=metrics, params=pairs(run.params), tags=pairs(_tags(run)))
    outputs = OutputsShape(model_outputs=made) if made else None
    return RunShape(info=info(run, experiment), data=data, inputs=inputs, outputs=outputs)


def _metrics(latest: Mapping[str, MetricPoint]) -> list[MetricShape]:
    if isinstance(latest, LatestPoints):  # as stores give them
        return [MetricShape(key, number(value), at // 1000, step) for key, (step, at, value) in latest.stored()]
    return [MetricShape(key, number(point.value), millis(point.at), point.step) for key, point in latest.items()]


def _tags(run: RunRecord) -> Mapping[str, str]:
    """The tags, with those by which clients know names and nesting: our own runs carry them as attributes."""
    if RUN_NAME in run.tags and (run.parent_id is None or PARENT in run.tags):
        return run.tags
    return {RUN_NAME: run.name} | ({PARENT: run.parent_id} if run.parent_id else {}) | dict(run.tags)
