"""Records of evaluation datasets as MLflow's clients write and read them: JSON inside of JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from millwright.core.records.evaluation import ExampleDraft, ExampleSource, SourceType
from millwright.server.mlflow.answer import millis
from millwright.server.mlflow.check import check_length, check_text
from millwright.server.mlflow.failure import invalid, unfit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.core.records.evaluation import ExampleRecord

USER = "mlflow.user"
_MAX_USER = 255
_SOURCE_FIELDS = {"source_type", "source_data"}


def json_of(text: str, place: str) -> Any:
    """What a parameter holds that is JSON as text.

    Args:
        text: The parameter.
        place: Its name.

    Raises:
        WireError: It is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unfit(place, text[:200], f"Expected JSON as text: {error}") from error


def parse_examples(text: str) -> list[ExampleDraft]:
    """The records of a request.

    Args:
        text: A JSON list of objects with `inputs`, `outputs`, `expectations`, `tags` and `source`, all optional.

    Raises:
        WireError: It is something else; says what, and where.
    """
    given = json_of(text, "records")
    if not isinstance(given, list):
        raise unfit("records", text[:200], "Expected a JSON list of records.")
    return [_draft(each, f"records[{at}]") for at, each in enumerate(given)]


def shown_examples(records: Iterable[ExampleRecord]) -> list[dict[str, Any]]:
    """Records as clients read them; what is None is left out."""
    return [
        {name: value for name, value in _shown(record).items() if value is not None or name == "inputs"}
        for record in records
    ]


def _draft(given: Any, place: str) -> ExampleDraft:
    if not isinstance(given, dict):
        raise unfit(place, given, "Each record must be a dictionary.")
    tags = _mapping(given, "tags", place) or {}
    user = tags.get(USER)
    return ExampleDraft(
        inputs=_mapping({"inputs": {}, **given}, "inputs", place, needed=True) or {},
        outputs=given.get("outputs"),
        has_outputs="outputs" in given,
        expectations=_mapping(given, "expectations", place),
        tags=tags,
        source=_source(given.get("source"), f"{place}.source"),
        user=None if user is None else check_text(check_length(USER, str(user), _MAX_USER), f"{place}.tags"),
    )


def _mapping(given: dict[str, Any], name: str, place: str, *, needed: bool = False) -> dict[str, Any] | None:
    value = given.get(name)
    if isinstance(value, dict) or (value is None and not needed):
        return value
    raise unfit(f"{place}.{name}", value, "Expected a JSON object.")


def _source(given: Any, place: str) -> ExampleSource | None:
    if given is None or given == {}:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("source_type"), str) or set(given) - _SOURCE_FIELDS:
        raise unfit(place, given, "Expected a JSON object with 'source_type', and perhaps 'source_data'.")
    name = given["source_type"].upper()
    known = [each.value for each in SourceType]
    if name not in known:
        raise invalid(f"Invalid dataset record source type: {name}. Valid source types: {known}")
    return ExampleSource(type=SourceType(name), data=_mapping(given, "source_data", place) or {})


def _shown(record: ExampleRecord) -> dict[str, Any]:
    source = record.source
    shown: dict[str, Any] = {
        "dataset_record_id": record.id,
        "dataset_id": record.dataset_id,
        "inputs": record.inputs,
        "expectations": record.expectations,
        "tags": record.tags,
    }
    if source is not None:
        origin = source.data.get("trace_id" if source.type is SourceType.TRACE else "source_id")
        shown |= {
            "source": {"source_type": source.type.value, "source_data": source.data},
            "source_id": None if origin is None else str(origin),
            "source_type": source.type.value,
        }
    return shown | {
        "created_time": millis(record.created_at),
        "last_update_time": millis(record.updated_at),
        "created_by": record.created_by,
        "last_updated_by": record.updated_by,
        "outputs": record.outputs,
    }
