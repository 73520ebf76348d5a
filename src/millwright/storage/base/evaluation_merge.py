"""How examples of evaluation datasets are told apart, merged and described: the same in every back-end."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.core.records.evaluation import ExampleRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.core.records.evaluation import ExampleDraft

_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "float"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def input_digest(inputs: Mapping[str, Any]) -> str:
    """What two examples with equal inputs share: the order of keys does not matter, 1 and 1.0 are different."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def new_example(example_id: str, dataset_id: str, draft: ExampleDraft, at: datetime) -> ExampleRecord:
    """The example that a draft with new inputs becomes."""
    return ExampleRecord(
        id=example_id,
        dataset_id=dataset_id,
        inputs=draft.inputs,
        outputs=draft.outputs if draft.has_outputs else {},
        expectations=draft.expectations,
        tags=draft.tags,
        source=draft.source,
        created_at=at,
        updated_at=at,
        created_by=draft.user,
        updated_by=draft.user,
    )


def merged_example(record: ExampleRecord, draft: ExampleDraft, at: datetime) -> ExampleRecord:
    """An example with what a draft of the same inputs adds."""
    return replace(
        record,
        outputs=draft.outputs if draft.has_outputs else record.outputs,
        expectations=record.expectations
        if not draft.expectations
        else {**(record.expectations or {}), **draft.expectations},
        tags={**record.tags, **draft.tags},
        updated_at=at,
        updated_by=draft.user or record.updated_by,
    )


def widened_schema(schema: Mapping[str, Any] | None, drafts: Sequence[ExampleDraft]) -> dict[str, Any] | None:
    """A dataset's schema with the fields of more examples; the type that a field had first stays.

    Args:
        schema: The schema so far.
        drafts: The examples.

    Returns:
        None when there is neither a schema nor an example.
    """
    if schema is None and not drafts:
        return None
    inputs, outputs, expectations = (_copied((schema or {}).get(part, {})) for part in _PARTS)
    for draft in drafts:
        _note(inputs, draft.inputs)
        _note(expectations, draft.expectations or {})
        if isinstance(draft.outputs, dict):
            _note(outputs, draft.outputs)
        elif draft.outputs is not None and not outputs:
            outputs = _type_name(draft.outputs)  # outputs without fields: the type of the whole
    return {"inputs": inputs, "outputs": outputs, "expectations": expectations, "version": "1.0"}


_PARTS = ("inputs", "outputs", "expectations")


def _copied(part: Any) -> Any:
    return dict(part) if isinstance(part, dict) else part


def _note(types: Any, values: Mapping[str, Any]) -> None:
    if isinstance(types, dict):
        for key, value in values.items():
            types.setdefault(key, _type_name(value))


def _type_name(value: Any) -> str:
    if value is None:
        return "null"
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "unknown")
