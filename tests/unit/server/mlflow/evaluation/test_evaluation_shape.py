from __future__ import annotations

import json

from millwright.core.ids import ExperimentId
from millwright.server.mlflow.answer import encode
from millwright.server.mlflow.evaluation.evaluation_shape import DatasetPage, ExperimentIds, wire_dataset
from millwright.testing.evaluations import evaluation_dataset

NEW = evaluation_dataset(id="d-1", tags={"a": "1"}, experiment_ids=(ExperimentId("0"),))


def test_new_dataset_has_neither_schema_nor_profile_and_tells_its_experiments_only_when_asked() -> None:
    shown = {
        "dataset_id": "d-1",
        "name": "questions",
        "tags": '{"a": "1"}',
        "digest": "01234567",
        "created_time": 1774785600123,
        "last_update_time": 1774785600123,
    }
    assert json.loads(encode(wire_dataset(NEW))) == shown
    assert json.loads(encode(wire_dataset(NEW, NEW.experiment_ids))) == {**shown, "experiment_ids": ["0"]}


def test_profile_counts_what_is_there_and_is_null_once_all_is_gone() -> None:
    schema = {"inputs": {"q": "string"}}
    for examples, profile in ((2, '{"num_records": 2}'), (0, "null")):
        shown = wire_dataset(evaluation_dataset(schema=schema, examples=examples))
        assert (shown.schema, shown.profile) == ('{"inputs": {"q": "string"}}', profile)


def test_nothing_is_an_empty_object() -> None:
    assert encode(DatasetPage()) == encode(ExperimentIds()) == b"{}"
