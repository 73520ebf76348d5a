"""Conformance of `DatasetStore`: what changes after a version was made, and what is kept beside versions."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError, StateTransitionError
from millwright.core.ids import ErasureId, new_id
from millwright.core.records.dataset import (
    DatasetOperation,
    DatasetState,
    DatasetTagRecord,
    ErasureRecord,
    SourceCursorRecord,
)
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from millwright.storage.base.datasets import DatasetStore


class DatasetChangesConformance(StoreConformance):
    """Tags, states, moments, amended versions, cursors and erasures."""

    def test_version_keeps_how_it_was_made(self, store: DatasetStore) -> None:
        """Operation, parent, profile and contract."""
        draft = sample.dataset_version(
            operation=DatasetOperation.MERGE, parent=7, profile=sample.digest(), contract="schedules@2"
        )
        assert store.create_version(draft) == replace(draft, version=1)
        assert store.get_version("schedules") == replace(draft, version=1)

    def test_version_of_a_moment_is_the_latest_made_until_then(self, store: DatasetStore) -> None:
        """One made at that very moment counts; before the first there is none."""
        made = [store.create_version(sample.dataset_version(created_at=sample.moment(s))) for s in (10, 20, 20, 30)]
        store.create_version(sample.dataset_version("other", created_at=sample.moment(1)))
        at = {s: store.find_at("schedules", sample.moment(s)) for s in (9.999999, 10, 19.999999, 20, 29, 31)}
        assert list(at.values()) == [None, made[0], made[0], made[2], made[2], made[3]]
        assert store.find_at("nothing", sample.NOON) is None

    def test_expired_version_stays_and_is_not_offered_for_its_content(self, store: DatasetStore) -> None:
        """A write of the same rows has to store them again."""
        stored = store.create_version(sample.dataset_version())
        store.create_version(sample.dataset_version())
        for _ in range(2):
            store.set_state("schedules", 1, DatasetState.EXPIRED)
        assert store.get_version("schedules", 1) == replace(stored, state=DatasetState.EXPIRED)
        assert store.find_by_digest("schedules", stored.digest) is None
        assert stored.source_digest is not None
        assert store.find_by_source("schedules", stored.source_digest) is None
        assert store.get_version("schedules").state is DatasetState.AVAILABLE

    def test_expired_version_is_never_available_again(self, store: DatasetStore) -> None:
        """Its rows are gone."""
        store.create_version(sample.dataset_version())
        store.set_state("schedules", 1, DatasetState.EXPIRED)
        with pytest.raises(StateTransitionError, match="schedules@1"):
            store.set_state("schedules", 1, DatasetState.AVAILABLE)

    def test_state_of_an_unknown_version_is_an_error(self, store: DatasetStore) -> None:
        """As for reading it."""
        store.create_version(sample.dataset_version())
        with pytest.raises(NotFoundError, match="1 to 1"):
            store.set_state("schedules", 2, DatasetState.EXPIRED)
        with pytest.raises(NotFoundError, match="schedules"):
            store.amend_version(sample.dataset_version("shedules", version=1))

    def test_contract_that_a_version_holds_is_recorded(self, store: DatasetStore) -> None:
        """And nothing else changes."""
        stored = store.create_version(sample.dataset_version("schedules"))
        for ref in ("schedules@1", "schedules@2"):
            store.set_contract("schedules", 1, ref)
            assert store.get_version("schedules", 1) == replace(stored, contract=ref)
        with pytest.raises(NotFoundError, match="no version 7"):
            store.set_contract("schedules", 7, "schedules@1")

    def test_amended_version_keeps_who_made_it_when(self, store: DatasetStore) -> None:
        """Only what the rows are, and where, is replaced."""
        stored = store.create_version(sample.dataset_version())
        other = store.create_version(sample.dataset_version())
        changes: dict[str, Any] = {
            "digest": sample.digest(),
            "rows": 3,
            "table_version": 9,
            "table_uri": "b",
            "details": {"x": 1},
        }
        store.amend_version(
            replace(stored, **changes, profile=None, source_uri="other", created_at=sample.moment(99), produced_by=None)
        )
        assert store.get_version("schedules", 1) == replace(stored, **changes)
        assert store.find_by_digest("schedules", stored.digest) is None
        assert store.get_version("schedules", 2) == other

    def test_tag_names_a_version_until_it_is_moved(self, store: DatasetStore) -> None:
        """And says who did it when."""
        for _ in range(2):
            store.create_version(sample.dataset_version())
        store.set_tag(_tag("golden", 1))
        moved = replace(_tag("golden", 2), at=sample.moment(5), actor="user:bo")
        store.set_tag(moved)
        assert store.find_tag("schedules", "golden") == moved
        assert store.find_tag("schedules", "Golden") is None
        assert store.find_tag("other", "golden") is None

    def test_tags_are_listed_by_dataset_and_name(self, store: DatasetStore) -> None:
        """Those of one dataset, or all."""
        for name in ("b", "a"):
            store.create_version(sample.dataset_version(name))
        tags = [replace(_tag(tag, 1), dataset=name) for name in ("a", "b") for tag in ("Z", "q1", "é")]
        for tag in tags[::-1]:
            store.set_tag(tag)
        assert store.list_tags() == tags
        assert store.list_tags("b") == tags[3:]
        assert store.list_tags("c") == []

    def test_deleted_tag_is_gone(self, store: DatasetStore) -> None:
        """Deleting it again changes nothing."""
        store.create_version(sample.dataset_version())
        store.set_tag(_tag("golden", 1))
        for _ in range(2):
            store.delete_tag("schedules", "golden")
        assert store.find_tag("schedules", "golden") is None

    def test_tag_needs_a_version_that_can_be_read(self, store: DatasetStore) -> None:
        """It must exist and not be expired."""
        store.create_version(sample.dataset_version())
        with pytest.raises(NotFoundError, match="no version 2"):
            store.set_tag(_tag("golden", 2))
        store.set_state("schedules", 1, DatasetState.EXPIRED)
        with pytest.raises(StateTransitionError, match="schedules@1"):
            store.set_tag(_tag("golden", 1))

    def test_tagged_version_does_not_expire(self, store: DatasetStore) -> None:
        """Until nothing names it."""
        store.create_version(sample.dataset_version())
        store.set_tag(_tag("golden", 1))
        with pytest.raises(StateTransitionError, match="golden"):
            store.set_state("schedules", 1, DatasetState.EXPIRED)
        store.delete_tag("schedules", "golden")
        store.set_state("schedules", 1, DatasetState.EXPIRED)

    def test_cursor_is_replaced_by_a_later_one(self, store: DatasetStore) -> None:
        """One for each source of a dataset; the dataset need not exist yet."""
        first = SourceCursorRecord(
            dataset="b", source="s3://größe/*.csv", kind="files", position=sample.JSON, updated_at=sample.NOON
        )
        later = replace(first, kind="column", position={"value": 3}, updated_at=sample.moment(5))
        for cursor in (first, later, replace(first, source="A"), replace(first, dataset="a")):
            store.put_cursor(cursor)
        assert store.find_cursor("b", first.source) == later
        assert store.find_cursor("c", first.source) is None
        assert store.list_cursors() == [replace(first, dataset="a"), replace(first, source="A"), later]
        assert store.list_cursors("b") == [replace(first, source="A"), later]

    def test_erasures_come_back_newest_first(self, store: DatasetStore) -> None:
        """Whole, of one dataset or of all."""
        first = ErasureRecord(
            id=ErasureId(new_id()),
            dataset="people",
            condition={"columns": ["email"], "digests": {"email": sample.digest()}},
            versions={"1": 2, "3": 1},
            models=("delay@1",),
            at=sample.NOON,
            actor="user:ada",
            reason="Anfrage größer",
        )
        later = replace(first, id=ErasureId(new_id()), at=sample.moment(5), versions={}, models=())
        other = replace(first, id=ErasureId(new_id()), dataset="other", at=sample.moment(1))
        for erasure in (first, later, other):
            store.add_erasure(erasure)
        assert store.list_erasures() == [later, other, first]
        assert store.list_erasures("people") == [later, first]
        assert store.list_erasures("nobody") == []
        with pytest.raises(AlreadyExistsError, match=first.id):
            store.add_erasure(first)


def _tag(tag: str, version: int) -> DatasetTagRecord:
    return DatasetTagRecord(dataset="schedules", tag=tag, version=version, at=sample.NOON, actor="user:ada")
