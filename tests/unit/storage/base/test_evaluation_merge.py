from __future__ import annotations

import hashlib
from typing import Any

import pytest

from millwright.core.records.evaluation import ExampleDraft, ExampleSource, SourceType
from millwright.storage.base.evaluation_merge import input_digest, merged_example, new_example, widened_schema
from millwright.testing import sample


def test_inputs_are_told_apart_as_mlflow_tells_them() -> None:
    assert (
        input_digest({"b": [1, {"d": None, "c": "é"}], "a": 1})
        == hashlib.sha256(b'{"a": 1, "b": [1, {"c": "\\u00e9", "d": null}]}').hexdigest()
    )
    assert input_digest({"a": 1}) != input_digest({"a": 1.0}) != input_digest({"a": True})


def test_new_example_has_empty_outputs_unless_some_are_given() -> None:
    outputs = [
        new_example("dr-1", "d-1", draft, sample.NOON).outputs
        for draft in (
            ExampleDraft(),
            ExampleDraft(outputs=None, has_outputs=True),
            ExampleDraft(outputs=[1], has_outputs=True),
        )
    ]
    assert outputs == [{}, None, [1]]


def test_merge_keeps_what_the_draft_does_not_tell() -> None:
    first = ExampleDraft(
        inputs={"a": 1},
        outputs="x",
        has_outputs=True,
        expectations={"e": 1},
        tags={"t": 1},
        source=ExampleSource(type=SourceType.HUMAN),
        user="ada",
    )
    record = new_example("dr-1", "d-1", first, sample.NOON)
    merged = merged_example(record, ExampleDraft(expectations={}), sample.moment(5))
    assert (merged.outputs, merged.expectations, merged.tags, merged.updated_by) == ("x", {"e": 1}, {"t": 1}, "ada")
    assert (merged.inputs, merged.created_at, merged.updated_at) == ({"a": 1}, sample.NOON, sample.moment(5))
    assert merged_example(record, ExampleDraft(tags={"t": 2}, user="bob"), sample.NOON).tags == {"t": 2}


@pytest.mark.parametrize(
    ("schema", "drafts", "outputs"),
    [
        (None, [{"outputs": {"a": 1}}, {"outputs": "text"}], {"a": "integer"}),
        (None, [{"outputs": 1.5}, {"outputs": {"a": 1}}], "float"),
        (None, [{"outputs": {}}, {"outputs": [1]}], "array"),
        ({"outputs": {"a": "string"}}, [{"outputs": {"a": 1, "b": None}}], {"a": "string", "b": "null"}),
        ({"outputs": "string"}, [{"outputs": 5}], "string"),
        (None, [{}], {}),
    ],
)
def test_schema_keeps_the_first_type_of_each_output(
    schema: dict[str, Any] | None, drafts: list[dict[str, Any]], outputs: object
) -> None:
    widened = widened_schema(schema, [ExampleDraft(**draft) for draft in drafts])
    assert widened == {"inputs": {}, "outputs": outputs, "expectations": {}, "version": "1.0"}


def test_schema_of_nothing_is_none_and_the_old_one_is_left_alone() -> None:
    assert widened_schema(None, []) is None
    old = {"inputs": {"a": "string"}, "outputs": {}, "expectations": {}, "version": "1.0"}
    assert widened_schema(old, [ExampleDraft(inputs={"b": True})])["inputs"] == {"a": "string", "b": "boolean"}
    assert old["inputs"] == {"a": "string"}
