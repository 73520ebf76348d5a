"""Rows of examples of evaluation datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa

from millwright.core.records.evaluation import ExampleRecord, ExampleSource, Merged, SourceType
from millwright.core.records.search import Page
from millwright.storage.backends.sql.evaluation_table import EVALUATION_DATASETS, EVALUATION_EXAMPLES
from millwright.storage.backends.sql.token import read_token, write_token
from millwright.storage.base.evaluation_merge import input_digest, merged_example, new_example

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from millwright.core.records.evaluation import EvaluationDatasetRecord, ExampleDraft

_EXAMPLES = EVALUATION_EXAMPLES.c
_IN_ONE_STATEMENT = 500


def put(
    connection: Connection, seq: int, dataset: EvaluationDatasetRecord, drafts: Sequence[ExampleDraft], at: datetime
) -> Merged:
    """Add or merge examples; the dataset is locked."""
    digests = [input_digest(draft.inputs) for draft in drafts]
    known = _by_digest(connection, seq, dataset.id, set(digests))
    old = {digest: record.id for digest, record in known.items()}
    for digest, draft in zip(digests, drafts, strict=True):
        record = known.get(digest)
        if record is None:
            known[digest] = new_example(f"dr-{uuid4().hex}", dataset.id, draft, at)
        else:
            known[digest] = merged_example(record, draft, at)
    new = [
        {"id": record.id, "dataset": seq, "input_digest": digest, "inputs": record.inputs, **_columns(record)}
        for digest, record in known.items()
        if digest not in old
    ]
    if new:
        connection.execute(sa.insert(EVALUATION_EXAMPLES), new)
    changed = [{"example": old[digest], **_columns(known[digest])} for digest in old]
    if changed:
        update = sa.update(EVALUATION_EXAMPLES).where(_EXAMPLES.id == sa.bindparam("example"))
        connection.execute(update.values({name: sa.bindparam(name) for name in _names(changed[0])}), changed)
    return Merged(inserted=len(new), updated=len(drafts) - len(new))


def page(connection: Connection, dataset_id: str, limit: int, after: str | None) -> Page[ExampleRecord]:
    """See `EvaluationStore.list_examples`."""
    asked = ("examples", dataset_id)
    dataset = sa.select(EVALUATION_DATASETS.c.seq).where(EVALUATION_DATASETS.c.id == dataset_id).scalar_subquery()
    statement = sa.select(EVALUATION_EXAMPLES).where(_EXAMPLES.dataset == dataset)
    if after is not None:
        statement = statement.where(_EXAMPLES.seq > read_token(after, asked, 1)[0])
    rows = connection.execute(statement.order_by(_EXAMPLES.seq).limit(limit + 1)).all()
    token = write_token(asked, [rows[limit - 1].seq]) if len(rows) > limit else None
    return Page(items=tuple(_record(row, dataset_id) for row in rows[:limit]), next_token=token)


def remove(connection: Connection, seq: int, example_ids: Sequence[str]) -> int:
    """Remove examples of a dataset; gives how many there were."""
    count = 0
    for some in _chunks(dict.fromkeys(example_ids)):
        statement = sa.delete(EVALUATION_EXAMPLES).where(_EXAMPLES.dataset == seq, _EXAMPLES.id.in_(some))
        count += connection.execute(statement).rowcount
    return count


def _by_digest(connection: Connection, seq: int, dataset_id: str, digests: Iterable[str]) -> dict[str, ExampleRecord]:
    found = {}
    for some in _chunks(digests):
        of_dataset = sa.select(EVALUATION_EXAMPLES).where(_EXAMPLES.dataset == seq, _EXAMPLES.input_digest.in_(some))
        for row in connection.execute(of_dataset):
            found[row.input_digest] = _record(row, dataset_id)
    return found


def _chunks(names: Iterable[str]) -> Iterable[list[str]]:
    listed = list(names)
    return (listed[start : start + _IN_ONE_STATEMENT] for start in range(0, len(listed), _IN_ONE_STATEMENT))


def _names(row: dict[str, Any]) -> list[str]:
    return [name for name in row if name != "example"]


def _columns(record: ExampleRecord) -> dict[str, Any]:
    """The columns that a merge may change."""
    source = record.source
    return {
        "outputs": record.outputs,
        "expectations": record.expectations,
        "tags": record.tags,
        "source": None if source is None else {"type": source.type.value, "data": source.data},
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "created_by": record.created_by,
        "updated_by": record.updated_by,
    }


def _record(row: Row[Any], dataset_id: str) -> ExampleRecord:
    source = row.source
    return ExampleRecord(
        id=row.id,
        dataset_id=dataset_id,
        inputs=row.inputs,
        outputs=row.outputs,
        expectations=row.expectations,
        tags=row.tags,
        source=None if source is None else ExampleSource(type=SourceType(source["type"]), data=source["data"]),
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
        updated_by=row.updated_by,
    )
