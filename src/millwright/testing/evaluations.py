"""Conformance of `EvaluationStore`: datasets and their examples."""
# ruff: noqa: S101

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from millwright.core.ids import ExperimentId
from millwright.core.records.evaluation import (
    EvaluationDatasetRecord,
    ExampleDraft,
    ExampleSource,
    Merged,
    SourceType,
    dataset_digest,
)
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.search import All, Comparison, Field, Kind, Order, Query
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.search import Condition
    from millwright.storage.base.evaluations import EvaluationStore
    from millwright.storage.catalog import Stores

_LATER = sample.NOON + timedelta(hours=1)
_DEFAULT = ExperimentId("0")


def evaluation_dataset(**fields: Any) -> EvaluationDatasetRecord:
    """An evaluation dataset; every field can be given."""
    values: dict[str, Any] = {
        "id": f"d-{uuid4().hex}",
        "name": "questions",
        "digest": "01234567",
        "created_at": sample.NOON,
        "updated_at": sample.NOON,
    }
    return EvaluationDatasetRecord(**{**values, **fields})


def _is(kind: Kind, key: str, op: str, value: Any) -> Comparison:
    return Comparison(field=Field(kind=kind, key=key), op=op, value=value)


class EvaluationStoreConformance(StoreConformance):
    """Evaluation datasets and their examples."""

    def test_dataset_comes_back_as_it_was_created(self, store: EvaluationStore) -> None:
        """With every field; once only."""
        for record in (
            evaluation_dataset(),
            evaluation_dataset(
                name=sample.NAMES[2],
                created_by="ada",
                updated_by="bob",
                tags={"a": "1", "ü": ""},
                experiment_ids=(ExperimentId("0"), ExperimentId("77")),
                project="other",
            ),
        ):
            store.create_dataset(record)
            assert store.get_dataset(record.id) == record
            with pytest.raises(AlreadyExistsError, match=record.id):
                store.create_dataset(record)

    def test_unknown_dataset_is_an_error_where_something_would_change(self, store: EvaluationStore) -> None:
        """There is nothing in it, and nothing to remove from it."""
        calls: list[Callable[[], Any]] = [
            lambda: store.get_dataset("d-x"),
            lambda: store.put_tags("d-x", {"a": "b"}),
            lambda: store.link("d-x", [_DEFAULT], _LATER),
            lambda: store.unlink("d-x", [_DEFAULT], _LATER),
            lambda: store.put_examples("d-x", [], _LATER),
        ]
        for call in calls:
            with pytest.raises(NotFoundError, match="Evaluation dataset with id 'd-x' not found"):
                call()
        store.delete_dataset("d-x")
        store.delete_tag("d-x", "a")
        assert store.list_examples("d-x", limit=10).items == ()
        assert store.delete_examples("d-x", ["dr-1"]) == 0

    def test_deleted_dataset_is_gone_with_its_examples(self, store: EvaluationStore) -> None:
        """Another one stays."""
        gone, stays = evaluation_dataset(tags={"a": "1"}, experiment_ids=(_DEFAULT,)), evaluation_dataset()
        for record in (gone, stays):
            store.create_dataset(record)
            store.put_examples(record.id, [ExampleDraft(inputs={"q": 1})], _LATER)
        store.delete_dataset(gone.id)
        with pytest.raises(NotFoundError):
            store.get_dataset(gone.id)
        assert store.list_examples(gone.id, limit=10).items == ()
        assert [record.id for record in store.search_datasets(Query()).items] == [stays.id]
        assert len(store.list_examples(stays.id, limit=10).items) == 1

    def test_tags_are_replaced_and_removed(self, store: EvaluationStore) -> None:
        """One that is not there is no error."""
        record = evaluation_dataset(tags={"a": "1", "b": "1"})
        store.create_dataset(record)
        store.put_tags(record.id, {"a": "2", "c": "3"})
        store.delete_tag(record.id, "b")
        store.delete_tag(record.id, "b")
        assert store.get_dataset(record.id) == replace(record, tags={"a": "2", "c": "3"})

    def test_experiments_come_and_go(self, store: EvaluationStore) -> None:
        """Those that come must be there; what changes nothing on their leaving keeps the time."""
        record = evaluation_dataset(experiment_ids=(ExperimentId("77"),))
        store.create_dataset(record)
        used = store.link(record.id, [_DEFAULT, _DEFAULT], _LATER)
        assert used == replace(record, experiment_ids=(_DEFAULT, ExperimentId("77")), updated_at=_LATER)
        with pytest.raises(NotFoundError, match="No Experiment with id=nope"):
            store.link(record.id, [ExperimentId("nope")], _LATER)
        even_later = _LATER + timedelta(hours=1)
        assert store.unlink(record.id, [ExperimentId("5")], even_later) == used
        left = store.unlink(record.id, [ExperimentId("77"), ExperimentId("5")], even_later)
        assert (
            left == replace(record, experiment_ids=(_DEFAULT,), updated_at=even_later) == store.get_dataset(record.id)
        )

    def test_examples_come_back_as_they_were_put(self, store: EvaluationStore) -> None:
        """In the order in which they were put; without outputs they have empty ones."""
        record = evaluation_dataset()
        store.create_dataset(record)
        source = ExampleSource(type=SourceType.TRACE, data={"trace_id": "tr-1"})
        full = ExampleDraft(
            inputs=sample.JSON, outputs=["text", None], has_outputs=True, expectations={"e": 0.1},
            tags={"t": 1}, source=source, user="ada",
        )  # fmt: skip
        nothing = ExampleDraft(inputs={"n": 1}, outputs=None, has_outputs=True)
        assert store.put_examples(record.id, [full, ExampleDraft(), nothing], _LATER) == Merged(inserted=3)
        first, second, third = store.list_examples(record.id, limit=10).items
        assert (first.inputs, first.outputs, first.expectations) == (sample.JSON, ["text", None], {"e": 0.1})
        assert (first.tags, first.source, first.created_by, first.updated_by) == ({"t": 1}, source, "ada", "ada")
        assert (first.created_at, first.updated_at, first.dataset_id) == (_LATER, _LATER, record.id)
        assert (second.inputs, second.outputs, second.expectations, second.source) == ({}, {}, None, None)
        assert (third.outputs, third.created_by) == (None, None)
        assert len({first.id, second.id, third.id}) == 3

    def test_examples_with_the_same_inputs_are_merged(self, store: EvaluationStore) -> None:
        """Outputs are replaced when given, expectations and tags grow; also within one call."""
        record = evaluation_dataset()
        store.create_dataset(record)
        first = ExampleDraft(
            inputs={"a": 1, "b": 2}, outputs="x", has_outputs=True, expectations={"e": 1, "f": 1},
            tags={"t": 1}, source=ExampleSource(type=SourceType.HUMAN), user="ada",
        )  # fmt: skip
        again = ExampleDraft(inputs={"b": 2, "a": 1}, expectations={"f": 2}, tags={"u": 2})
        assert store.put_examples(record.id, [first, again], sample.NOON) == Merged(inserted=1, updated=1)
        other_source = ExampleSource(type=SourceType.CODE)
        last = replace(again, outputs=None, has_outputs=True, user="bob", source=other_source)
        assert store.put_examples(record.id, [last, ExampleDraft(inputs={"a": 1.0, "b": 2})], _LATER) == Merged(
            inserted=1, updated=1
        )
        merged, other = store.list_examples(record.id, limit=10).items
        assert (merged.outputs, merged.expectations, merged.tags) == (None, {"e": 1, "f": 2}, {"t": 1, "u": 2})
        assert (merged.created_by, merged.updated_by, merged.created_at, merged.updated_at) == (
            "ada", "bob", sample.NOON, _LATER,
        )  # fmt: skip
        assert merged.source == first.source
        assert other.expectations is None

    def test_dataset_knows_what_its_examples_are(self, store: EvaluationStore) -> None:
        """Their number, their fields, when they changed and by whom."""
        record = evaluation_dataset(created_by="ada", updated_by="ada")
        store.create_dataset(record)
        drafts = [
            ExampleDraft(inputs={"q": "text", "n": 1}, outputs={"o": 1.5}, expectations={"ok": True}, user="bob"),
            ExampleDraft(inputs={"q": 5, "l": [1], "d": {}}, outputs="text", expectations={"none": None}),
        ]
        store.put_examples(record.id, drafts, _LATER)
        known = store.get_dataset(record.id)
        assert known.schema == {
            "inputs": {"q": "string", "n": "integer", "l": "array", "d": "object"},
            "outputs": {"o": "float"},
            "expectations": {"ok": "boolean", "none": "null"},
            "version": "1.0",
        }
        assert (known.examples, known.updated_at, known.updated_by) == (2, _LATER, "bob")
        assert known.digest == dataset_digest(record.name, _LATER) != record.digest
        store.put_examples(record.id, [], _LATER)
        assert store.get_dataset(record.id) == replace(known, updated_by=None)

    def test_examples_are_removed_by_id(self, store: EvaluationStore) -> None:
        """Of this dataset only; the number follows."""
        record, other = evaluation_dataset(), evaluation_dataset()
        for dataset in (record, other):
            store.create_dataset(dataset)
            store.put_examples(dataset.id, [ExampleDraft(inputs={"n": n}) for n in range(3)], _LATER)
        mine = [example.id for example in store.list_examples(record.id, limit=10).items]
        other_ids = [example.id for example in store.list_examples(other.id, limit=10).items]
        assert store.delete_examples(record.id, [mine[1], mine[1], "dr-x", *other_ids]) == 1
        assert [example.id for example in store.list_examples(record.id, limit=10).items] == [mine[0], mine[2]]
        assert (store.get_dataset(record.id).examples, store.get_dataset(other.id).examples) == (2, 3)

    def test_examples_come_in_pages(self, store: EvaluationStore) -> None:
        """Thousands can be put at once; values without a form in JSON stay what they are."""
        record = evaluation_dataset()
        store.create_dataset(record)
        drafts = [ExampleDraft(inputs={"n": n}, expectations={"x": math.inf}) for n in range(1201)]
        store.put_examples(record.id, drafts, _LATER)
        assert store.put_examples(record.id, drafts, _LATER) == Merged(updated=1201)
        pages = [store.list_examples(record.id, limit=500)]
        while pages[-1].next_token is not None:
            pages.append(store.list_examples(record.id, limit=500, after=pages[-1].next_token))
        assert [len(page.items) for page in pages] == [500, 500, 201]
        found = [example for page in pages for example in page.items]
        assert [example.inputs["n"] for example in found] == list(range(1201))
        assert found[-1].expectations == {"x": math.inf}
        first = store.list_examples(record.id, limit=1).next_token
        for dataset_id, wrong in ((record.id, "x"), (record.id, ""), ("d-x", first)):
            with pytest.raises(InvalidInputError, match="page token"):
                store.list_examples(dataset_id, limit=1, after=wrong)

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (None, "abc"),
            (_is(Kind.ATTRIBUTE, "name", "=", "Beta"), "b"),
            (_is(Kind.ATTRIBUTE, "name", "!=", "Beta"), "ac"),
            (_is(Kind.ATTRIBUTE, "name", "LIKE", "b%"), "c"),
            (_is(Kind.ATTRIBUTE, "name", "ILIKE", "b%"), "bc"),
            (_is(Kind.ATTRIBUTE, "name", "IN", ("Beta", "nope")), "b"),
            (_is(Kind.ATTRIBUTE, "created_by", "=", "ada"), "a"),
            (_is(Kind.ATTRIBUTE, "last_updated_by", "=", "ada"), ""),
            (_is(Kind.ATTRIBUTE, "created_time", ">", sample.NOON.timestamp() * 1000 + 500), "bc"),
            (_is(Kind.ATTRIBUTE, "last_update_time", "<", sample.NOON.timestamp() * 1000), ""),
            (_is(Kind.TAG, "team", "=", "x"), "a"),
            (_is(Kind.TAG, "team", "!=", "x"), "b"),
            (
                All(parts=(_is(Kind.TAG, "team", "LIKE", "%"), _is(Kind.ATTRIBUTE, "name", "!=", "Beta"))),
                "a",
            ),
        ],
        ids=str,
    )
    def test_search_finds_what_fits(self, store: EvaluationStore, where: Condition | None, expected: str) -> None:
        """By attributes and tags."""
        fields: dict[str, dict[str, Any]] = {
            "a": {"name": "Alpha", "tags": {"team": "x"}, "created_by": "ada"},
            "b": {"name": "Beta", "tags": {"team": "y"}},
            "c": {"name": "beta"},
        }
        for at, (dataset_id, more) in enumerate(fields.items()):
            moment = sample.moment(at)
            store.create_dataset(evaluation_dataset(id=dataset_id, created_at=moment, updated_at=moment, **more))
        found = store.search_datasets(Query(where=where)).items
        assert sorted(record.id for record in found) == list(expected)

    def test_search_gives_pages_in_order(self, store: EvaluationStore) -> None:
        """The newest first without one."""
        for at in range(5):
            record = evaluation_dataset(id=f"d-{at}", name="ab"[at % 2], created_at=sample.moment(at // 2))
            store.create_dataset(record)
        assert [record.id[-1] for record in store.search_datasets(Query()).items] == ["4", "3", "2", "1", "0"]
        by_name = Order(field=Field(kind=Kind.ATTRIBUTE, key="name"))
        query = Query(order=(by_name,), limit=2)
        found, token = [], None
        for _ in range(3):
            page = store.search_datasets(replace(query, after=token))
            found.append([record.id[-1] for record in page.items])
            token = page.next_token
        assert (found, token) == ([["4", "2"], ["0", "3"], ["1"]], None)
        for wrong in ("x", "", store.search_datasets(query).next_token):
            with pytest.raises(InvalidInputError, match="page token"):
                store.search_datasets(Query(after=wrong))

    @pytest.mark.parametrize(
        "query",
        [
            Query(where=_is(Kind.ATTRIBUTE, "nope", "=", "x")),
            Query(where=_is(Kind.METRIC, "m", "=", 1)),
            Query(order=(Order(field=Field(kind=Kind.ATTRIBUTE, key="created_by")),)),
            Query(order=(Order(field=Field(kind=Kind.TAG, key="team")),)),
        ],
        ids=str,
    )
    def test_search_refuses_fields_that_datasets_do_not_have(self, store: EvaluationStore, query: Query) -> None:
        """In filters and in orders."""
        with pytest.raises(InvalidInputError):
            store.search_datasets(query)


class EvaluationScopeConformance(StoreConformance):
    """Which evaluation datasets belong to whom; the store under test is all stores."""

    def test_search_finds_what_experiments_use(self, store: Stores) -> None:
        """One of them is enough."""
        for dataset_id, uses in (("a", ("0",)), ("b", ("0", "7")), ("c", ())):
            experiment_ids = tuple(map(ExperimentId, uses))
            store.evaluations.create_dataset(evaluation_dataset(id=dataset_id, experiment_ids=experiment_ids))

        def found(*experiment_ids: str) -> str:
            asked = [ExperimentId(each) for each in experiment_ids]
            return "".join(
                record.id for record in store.evaluations.search_datasets(Query(), experiment_ids=asked).items
            )

        assert (found("0"), found("7"), found("7", "0"), found("8"), found()) == ("ba", "b", "ba", "", "cba")

    def test_search_shows_what_belongs_to_visible_projects(self, store: Stores) -> None:
        """Every experiment counts, also one that is gone; without any the dataset's own project does."""
        mine = store.experiments.create(replace(sample.experiment(), project="mine")).id
        other = store.experiments.create(replace(sample.experiment(), project="other")).id
        for dataset_id, uses, project in (
            ("a", (mine,), "other"),
            ("b", (mine, other), "mine"),
            ("c", (), "mine"),
            ("d", (), "other"),
            ("e", (ExperimentId("gone"),), "mine"),
        ):
            record = evaluation_dataset(id=dataset_id, experiment_ids=tuple(sorted(uses)), project=project)
            store.evaluations.create_dataset(record)

        def found(*projects: str) -> str:
            page = store.evaluations.search_datasets(Query(), projects=projects)
            return "".join(record.id for record in page.items)

        assert (found("mine"), found("other"), found("mine", "other"), found()) == ("ca", "d", "dcba", "")
        assert len(store.evaluations.search_datasets(Query()).items) == 5

    def test_purged_experiment_stays_named_and_takes_its_scorers_along(self, store: Stores) -> None:
        """So that what was hidden does not come to light."""
        experiment_id = store.experiments.create(sample.experiment()).id
        record = evaluation_dataset(experiment_ids=(experiment_id,))
        store.evaluations.create_dataset(record)
        store.evaluations.register_scorer(experiment_id, "judge", "{}", sample.NOON)
        store.experiments.set_lifecycle(experiment_id, Lifecycle.DELETED, sample.NOON)
        assert store.evaluations.list_scorers() == []
        store.experiments.purge(experiment_id)
        assert store.evaluations.get_dataset(record.id) == record
        with pytest.raises(NotFoundError):
            store.evaluations.get_scorer(experiment_id, "judge")
