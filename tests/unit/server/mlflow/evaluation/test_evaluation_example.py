from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from millwright.core.records.evaluation import ExampleDraft, ExampleRecord, ExampleSource, SourceType
from millwright.server.mlflow.evaluation.evaluation_example import json_of, parse_examples, shown_examples
from millwright.server.mlflow.failure import WireError
from millwright.testing import sample

RECORD = ExampleRecord(
    id="dr-1", dataset_id="d-1", inputs={"q": 1}, created_at=sample.NOON, updated_at=sample.moment(1)
)


def test_record_is_read_with_what_was_given() -> None:
    source = {"source_type": "trace", "source_data": {"trace_id": "tr-1"}}
    whole = {
        "inputs": {"q": 1}, "outputs": None, "expectations": {"e": 1}, "tags": {"mlflow.user": "ada", "n": 1},
        "source": source, "more": 1,
    }  # fmt: skip
    assert parse_examples(json.dumps([whole, {}])) == [
        ExampleDraft(
            inputs={"q": 1},
            has_outputs=True,
            expectations={"e": 1},
            tags={"mlflow.user": "ada", "n": 1},
            source=ExampleSource(type=SourceType.TRACE, data={"trace_id": "tr-1"}),
            user="ada",
        ),
        ExampleDraft(),
    ]
    assert parse_examples('[{"source": {}, "tags": null, "expectations": null}]') == [ExampleDraft()]


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ("text", "records[1]' supplied: Each record must be a dictionary"),
        ({"inputs": "abc"}, "records[1].inputs"),
        ({"inputs": None}, "records[1].inputs"),
        ({"expectations": [1]}, "records[1].expectations"),
        ({"tags": "mlflow.user"}, "records[1].tags"),
        ({"tags": {"mlflow.user": "\ud800"}}, "records[1].tags"),
        ({"tags": {"mlflow.user": "x" * 256}}, "'mlflow.user' exceeds the maximum length"),
        ({"source": "HUMAN"}, "records[1].source"),
        ({"source": {"source_data": {}}}, "records[1].source"),
        ({"source": {"source_type": "CODE", "foo": 1}}, "records[1].source"),
        ({"source": {"source_type": "CODE", "source_data": 5}}, "records[1].source.source_data"),
        ({"source": {"source_type": "nah"}}, "Invalid dataset record source type: NAH. Valid source types: ['UNSP"),
    ],
)
def test_record_that_makes_no_sense_is_refused_with_its_place(record: Any, place: str) -> None:
    with pytest.raises(WireError) as refused:
        parse_examples(json.dumps([{}, record]))
    assert refused.value.status == 400
    assert place in refused.value.message


@pytest.mark.parametrize("text", ["nope", "{}", "5", "null", "[" * 100_000, "[1" + "0" * 5000 + "]"])
def test_what_is_no_list_of_records_is_refused(text: str) -> None:
    with pytest.raises(WireError, match="'records"):
        parse_examples(text)


def test_json_is_read_with_numbers_that_it_has_no_form_for() -> None:
    assert json_of("[Infinity]", "x") == [float("inf")]


def test_record_is_shown_without_what_it_has_not() -> None:
    assert shown_examples([RECORD]) == [
        {
            "dataset_record_id": "dr-1",
            "dataset_id": "d-1",
            "inputs": {"q": 1},
            "tags": {},
            "created_time": 1774785600123,
            "last_update_time": 1774785601123,
        }
    ]


@pytest.mark.parametrize(
    ("kind", "data", "origin"),
    [
        (SourceType.TRACE, {"trace_id": "tr-1"}, "tr-1"),
        (SourceType.DOCUMENT, {"source_id": 5}, "5"),
        (SourceType.HUMAN, {"trace_id": "tr-1"}, None),
    ],
)
def test_source_is_named_by_what_its_kind_has(kind: SourceType, data: dict[str, Any], origin: str | None) -> None:
    (shown,) = shown_examples([replace(RECORD, source=ExampleSource(type=kind, data=data))])
    assert shown["source"] == {"source_type": kind.value, "source_data": data}
    assert (shown["source_type"], shown.get("source_id")) == (kind.value, origin)
