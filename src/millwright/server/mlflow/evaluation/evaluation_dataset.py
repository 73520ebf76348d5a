"""Evaluation datasets: `/mlflow/datasets/…` of version 3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.filter import EVALUATION_DATASETS, parse_filter, parse_order
from millwright.core.ids import ExperimentId
from millwright.core.records.evaluation import EvaluationDatasetRecord, dataset_digest
from millwright.core.records.search import Query
from millwright.server.mlflow.check import bad_page, check_length, check_page, check_text
from millwright.server.mlflow.evaluation.evaluation_example import USER, json_of, parse_examples, shown_examples
from millwright.server.mlflow.evaluation.evaluation_shape import DatasetAnswer, DatasetPage, ExperimentIds, wire_dataset
from millwright.server.mlflow.failure import invalid, not_there, unfit
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, fields, own_project, segment
from millwright.server.mlflow.route import Mode, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.server.mlflow.call import Call

MAX_NAME = 255
MAX_TAG_KEY = 255
MAX_TAG_VALUE = 5_000
MAX_EXPERIMENTS = 10_000
_PAGE = 1_000


class CreateDataset(msgspec.Struct):
    """`POST /mlflow/datasets/create`; the tags are JSON as text."""

    name: str = ""
    experiment_ids: tuple[str, ...] = ()
    tags: str = ""


class SearchEvaluationDatasets(msgspec.Struct):
    """`/mlflow/datasets/search`."""

    experiment_ids: tuple[str, ...] = ()
    filter_string: str = ""
    max_results: int = _PAGE
    order_by: tuple[str, ...] = ()
    page_token: str = ""


class SetDatasetTags(msgspec.Struct):
    """`PATCH /mlflow/datasets/{dataset_id}/tags`; the tags are JSON as text."""

    tags: str = ""


class DatasetExperiments(msgspec.Struct):
    """`POST /mlflow/datasets/{dataset_id}/add-experiments` and `…/remove-experiments`."""

    experiment_ids: tuple[str, ...] = ()


class UpsertDatasetRecords(msgspec.Struct):
    """`POST /mlflow/datasets/{dataset_id}/records`; the records are JSON as text."""

    records: str = ""


class GetDatasetRecords(msgspec.Struct):
    """`GET /mlflow/datasets/{dataset_id}/records`."""

    max_results: int = 0
    page_token: str = ""


class DeleteDatasetRecords(msgspec.Struct):
    """`DELETE /mlflow/datasets/{dataset_id}/records`."""

    dataset_record_ids: tuple[str, ...] = ()


def create(call: Call, body: CreateDataset) -> DatasetAnswer:
    """Add an evaluation dataset."""
    check_text(check_length("name", body.name, MAX_NAME), "name")
    tags, now = _tags(body.tags) if body.tags else {}, call.now()
    chosen = _experiments(body.experiment_ids)
    if call.projects is not None:
        _check_there(call, chosen)
    record = EvaluationDatasetRecord(
        id=f"d-{uuid4().hex}",
        name=body.name,
        digest=dataset_digest(body.name, now),
        created_at=now,
        updated_at=now,
        created_by=tags.get(USER),
        updated_by=tags.get(USER),
        tags=tags,
        experiment_ids=chosen,
        project=call.project,
    )
    call.stores.evaluations.create_dataset(record)
    return DatasetAnswer(dataset=wire_dataset(record, record.experiment_ids))


def get(call: Call, _body: None) -> DatasetAnswer:
    """An evaluation dataset without its records."""
    return DatasetAnswer(dataset=wire_dataset(call.stores.evaluations.get_dataset(call.path["dataset_id"])))


def delete(call: Call, _body: None) -> None:
    """Remove an evaluation dataset with its records, for good."""
    call.stores.evaluations.delete_dataset(call.path["dataset_id"])


def search(call: Call, body: SearchEvaluationDatasets) -> DatasetPage:
    """Evaluation datasets that fit a filter."""
    query = Query(
        where=parse_filter(body.filter_string, EVALUATION_DATASETS),
        order=tuple(parse_order(each, EVALUATION_DATASETS) for each in body.order_by),
        limit=check_page(body.max_results),
        after=body.page_token or None,
    )
    try:
        page = call.stores.evaluations.search_datasets(
            query, experiment_ids=_experiments(body.experiment_ids), projects=call.projects
        )
    except InvalidInputError as error:
        raise bad_page(error, body.page_token) from error
    return DatasetPage(datasets=tuple(map(wire_dataset, page.items)), next_page_token=page.next_token)


def set_tags(call: Call, body: SetDatasetTags) -> None:
    """Set tags; those without a value stay as they are."""
    dataset_id = call.path["dataset_id"]
    try:
        call.stores.evaluations.put_tags(dataset_id, _tags(body.tags))
    except NotFoundError as error:
        raise not_there(f"Could not find evaluation dataset with ID {dataset_id}") from error


def delete_tag(call: Call, _body: None) -> None:
    """Remove a tag."""
    call.stores.evaluations.delete_tag(call.path["dataset_id"], call.path["key"])


def experiment_ids(call: Call, _body: None) -> ExperimentIds:
    """The experiments that use an evaluation dataset; none of one that is not there."""
    try:
        return ExperimentIds(experiment_ids=call.stores.evaluations.get_dataset(call.path["dataset_id"]).experiment_ids)
    except NotFoundError:
        return ExperimentIds()


def add_experiments(call: Call, body: DatasetExperiments) -> DatasetAnswer:
    """Say that experiments use an evaluation dataset."""
    _require(call)
    chosen = _experiments(body.experiment_ids)
    return DatasetAnswer(
        dataset=wire_dataset(call.stores.evaluations.link(call.path["dataset_id"], chosen, call.now()))
    )


def remove_experiments(call: Call, body: DatasetExperiments) -> DatasetAnswer:
    """Say that experiments no longer use an evaluation dataset."""
    _require(call)
    chosen = _experiments(body.experiment_ids)
    return DatasetAnswer(
        dataset=wire_dataset(call.stores.evaluations.unlink(call.path["dataset_id"], chosen, call.now()))
    )


def upsert_records(call: Call, body: UpsertDatasetRecords) -> dict[str, int]:
    """Add records; those with the inputs of another are merged into it."""
    drafts = parse_examples(body.records)
    try:
        merged = call.stores.evaluations.put_examples(call.path["dataset_id"], drafts, call.now())
    except RecursionError as error:
        raise unfit("records", body.records[:100], "Expected less deeply nested values.") from error
    return {"inserted_count": merged.inserted, "updated_count": merged.updated}


def get_records(call: Call, body: GetDatasetRecords) -> dict[str, str]:
    """A page of records, as JSON in text."""
    limit, token = check_page(body.max_results or _PAGE), body.page_token
    try:
        page = call.stores.evaluations.list_examples(call.path["dataset_id"], limit=limit, after=token or None)
    except InvalidInputError as error:
        raise bad_page(error, token) from error
    answer = {"records": json.dumps(shown_examples(page.items))}
    return answer if page.next_token is None else {**answer, "next_page_token": page.next_token}


def delete_records(call: Call, body: DeleteDatasetRecords) -> dict[str, int]:
    """Remove records."""
    count = call.stores.evaluations.delete_examples(call.path["dataset_id"], body.dataset_record_ids)
    return {"deleted_count": count}


def _require(call: Call) -> None:
    dataset_id = call.path["dataset_id"]
    try:
        call.stores.evaluations.get_dataset(dataset_id)
    except NotFoundError as error:
        raise not_there(f"Dataset '{dataset_id}' not found") from error


def _check_there(call: Call, chosen: Sequence[ExperimentId]) -> None:
    """Whoever sees some projects only must not plant anything in an experiment that another project will have."""
    for each in chosen:
        try:
            call.stores.experiments.get(each)
        except NotFoundError as error:
            raise not_there(f"No Experiment with id={each}") from error


def _tags(text: str) -> dict[str, str]:
    given = json_of(text, "tags")
    if not isinstance(given, dict):
        raise unfit("tags", text[:200], "Expected a JSON object of keys and values.")
    for key in given:
        check_text(check_length("key", key, MAX_TAG_KEY), "key")
    return {
        key: check_text(check_length("value", str(value), MAX_TAG_VALUE), "value")
        for key, value in given.items()
        if value is not None
    }


def _experiments(ids: Sequence[str]) -> tuple[ExperimentId, ...]:
    if len(ids) > MAX_EXPERIMENTS:
        raise invalid(f"Expected at most {MAX_EXPERIMENTS:,} values in 'experiment_ids', found {len(ids):,}.")
    return tuple(ExperimentId(check_text(each, "experiment_ids")) for each in dict.fromkeys(ids))


def _for_new(call: Call, body: Any) -> Sequence[Resource]:
    return tuple(Resource(ResourceKind.EXPERIMENT, each) for each in body.experiment_ids) or own_project(call, body)


def _with_experiments(call: Call, body: Any) -> Sequence[Resource]:
    return (*_DATASET(call, body), *(Resource(ResourceKind.EXPERIMENT, each) for each in body.experiment_ids))


_P, _ONE = "/mlflow/datasets", "/mlflow/datasets/{dataset_id}"
_DATASET = segment(ResourceKind.EVALUATION_DATASET, "dataset_id")
_READ, _WRITE = Rule(Access.READ, _DATASET), Rule(Access.WRITE, _DATASET)


def _route(method: str, path: str, handler: Any, rule: Rule, **more: Any) -> Route:
    mode = Mode.READ if rule.access is Access.READ else Mode.WRITE
    return Route(method=method, path=path, handler=handler, rule=rule, versions=(3,), mode=mode, **more)


_NEW, _MORE = Rule(Access.WRITE, _for_new), Rule(Access.WRITE, _with_experiments)
_FOUND = Rule(Access.READ, fields(ResourceKind.EXPERIMENT, "experiment_ids"))

ROUTES = (
    _route("POST", f"{_P}/create", create, _NEW, body=CreateDataset, required=("name",)),
    _route("GET", f"{_P}/search", search, _FOUND, body=SearchEvaluationDatasets),
    _route("POST", f"{_P}/search", search, _FOUND, body=SearchEvaluationDatasets),
    _route("GET", _ONE, get, _READ),
    _route("DELETE", _ONE, delete, _WRITE),
    _route("PATCH", f"{_ONE}/tags", set_tags, _WRITE, body=SetDatasetTags, required=("tags",)),
    _route("DELETE", f"{_ONE}/tags/{{key:path}}", delete_tag, _WRITE),
    _route("GET", f"{_ONE}/experiment-ids", experiment_ids, _READ),
    _route("POST", f"{_ONE}/add-experiments", add_experiments, _MORE, body=DatasetExperiments),
    _route("POST", f"{_ONE}/remove-experiments", remove_experiments, _WRITE, body=DatasetExperiments),
    _route("POST", f"{_ONE}/records", upsert_records, _WRITE, body=UpsertDatasetRecords, required=("records",)),
    _route("GET", f"{_ONE}/records", get_records, _READ, body=GetDatasetRecords),
    _route("DELETE", f"{_ONE}/records", delete_records, _WRITE, body=DeleteDatasetRecords),
)
