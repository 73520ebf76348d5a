"""Conformance of `ExperimentStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import DEFAULT_EXPERIMENT, Lifecycle
from millwright.core.records.search import Comparison, Field, Kind, Order, Query
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.experiment import ExperimentRecord
    from millwright.storage.base.experiments import ExperimentStore
    from millwright.testing.conformance import Opener

_NOWHERE = ExperimentId("nowhere")


class ExperimentStoreConformance(StoreConformance):
    """Experiments and their tags."""

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_experiment_comes_back_as_it_was_stored(self, store: ExperimentStore, name: str) -> None:
        """Whatever its name."""
        experiment = store.create(sample.experiment(name))
        assert store.find(name) == experiment

    def test_experiment_is_refused_when_the_name_is_taken(self, store: ExperimentStore) -> None:
        """The first one stays."""
        first = store.create(sample.experiment("a"))
        with pytest.raises(AlreadyExistsError, match="'a'"):
            store.create(sample.experiment("a"))
        assert store.list() == [store.get(DEFAULT_EXPERIMENT), first]

    def test_experiment_is_created_once_when_threads_try_together(self, store: ExperimentStore) -> None:
        """One wins, the others are told."""

        def create(_number: int) -> bool:
            try:
                store.create(sample.experiment("race"))
            except AlreadyExistsError:
                return False
            return True

        assert sum(in_threads(create)) == 1

    def test_experiments_are_listed_by_name(self, store: ExperimentStore) -> None:
        """In the order of code points, on every database."""
        for name in ("b", "a", "B", "é", "_"):
            store.create(sample.experiment(name))
        assert [each.name for each in store.list()] == sorted(["b", "a", "B", "é", "_", "Default"])

    def test_unknown_experiment_is_none(self, store: ExperimentStore) -> None:
        """Finding is no error."""
        assert store.find("nowhere") is None

    def test_default_experiment_is_there_from_the_beginning(self, store: ExperimentStore) -> None:
        """With the id that clients send when they name none."""
        assert store.get(DEFAULT_EXPERIMENT).name == "Default"
        assert store.find("Default") == store.get(DEFAULT_EXPERIMENT)

    def test_experiments_get_decimal_ids_in_turn_that_are_never_given_again(self, store: ExperimentStore) -> None:
        """Beside ids that were given with the record, decimal ones among them."""
        first, second = [store.create(_unnumbered(name)) for name in ("a", "b")]
        assert [first.id, second.id] == ["1", "2"]
        store.purge(second.id)
        store.create(sample.experiment("hexadecimal"))
        third = store.create(_unnumbered("c"))
        assert int(third.id) > 2
        store.create(replace(_unnumbered("seventeen"), id=ExperimentId("17")))
        assert store.create(_unnumbered("d")).id == "18"

    def test_ids_in_turn_pass_over_those_that_are_taken(self, store: ExperimentStore) -> None:
        """By experiments that were given theirs while the number was another's."""
        store.create(sample.experiment("hexadecimal"))  # has the number 1 inside
        store.create(replace(_unnumbered("one"), id=ExperimentId("1")))
        store.create(replace(_unnumbered("again"), id=ExperimentId("007")))
        made = [store.create(_unnumbered(name)).id for name in ("a", "b", "c")]
        assert len({*made, "1", "007", "0"}) == 6

    def test_experiment_of_a_taken_id_is_refused(self, store: ExperimentStore) -> None:
        """Whatever its name."""
        first = store.create(sample.experiment("a"))
        with pytest.raises(AlreadyExistsError, match=first.id):
            store.create(replace(first, name="b"))

    def test_refusal_of_a_name_tells_whether_its_experiment_is_deleted(self, store: ExperimentStore) -> None:
        """Then restoring it is the way."""
        first = store.create(sample.experiment("a"))
        store.set_lifecycle(first.id, Lifecycle.DELETED, sample.moment(1))
        with pytest.raises(AlreadyExistsError, match="deleted") as caught:
            store.create(sample.experiment("a"))
        assert caught.value.details["lifecycle"] == "deleted"

    def test_experiment_with_everything_comes_back(self, store: ExperimentStore) -> None:
        """Place, tags and project."""
        given = replace(sample.experiment(), artifact_location="s3://x/ä", tags={"ü": "🏗️", "a": ""}, project="p")
        made = store.create(given)
        assert made == given == store.get(given.id)

    def test_unknown_experiment_is_an_error_everywhere(self, store: ExperimentStore) -> None:
        """Reading and writing alike, but for removing it."""
        calls: list[Callable[[], Any]] = [
            lambda: store.get(_NOWHERE),
            lambda: store.rename(_NOWHERE, "x", sample.NOON),
            lambda: store.set_lifecycle(_NOWHERE, Lifecycle.DELETED, sample.NOON),
            lambda: store.put_tags(_NOWHERE, {}),
            lambda: store.delete_tag(_NOWHERE, "x"),
        ]
        for call in calls:
            with pytest.raises(NotFoundError, match="nowhere"):
                call()
        store.purge(_NOWHERE)

    def test_experiment_is_renamed_to_a_free_name(self, store: ExperimentStore) -> None:
        """Its own name is free to it."""
        first, second = store.create(sample.experiment("a")), store.create(sample.experiment("b"))
        store.rename(first.id, "c", sample.moment(5))
        store.rename(second.id, "b", sample.moment(6))
        with pytest.raises(AlreadyExistsError, match="'c'"):
            store.rename(second.id, "c", sample.moment(7))
        assert store.get(first.id) == replace(first, name="c", updated_at=sample.moment(5))
        assert store.find("a") is None

    def test_deleted_experiment_is_hidden_from_the_list_and_restored(self, store: ExperimentStore) -> None:
        """It is found by its id and its name all the time."""
        made = store.create(sample.experiment("a"))
        store.set_lifecycle(made.id, Lifecycle.DELETED, sample.moment(5))
        assert "a" not in [each.name for each in store.list()]
        assert store.find("a") == replace(made, lifecycle=Lifecycle.DELETED, updated_at=sample.moment(5))
        store.set_lifecycle(made.id, Lifecycle.ACTIVE, sample.moment(6))
        store.set_lifecycle(made.id, Lifecycle.ACTIVE, sample.moment(9))
        assert store.get(made.id) == replace(made, updated_at=sample.moment(6))

    def test_tags_are_replaced_and_removed(self, store: ExperimentStore) -> None:
        """One by one."""
        made = store.create(sample.experiment())
        store.put_tags(made.id, {"a": "1", "b": "2"})
        store.put_tags(made.id, {"b": "3"})
        store.delete_tag(made.id, "a")
        assert store.get(made.id).tags == {"b": "3"}
        with pytest.raises(NotFoundError, match="'a'"):
            store.delete_tag(made.id, "a")

    def test_search_gives_the_newest_first_page_by_page(self, store: ExperimentStore) -> None:
        """A page holds no more than was asked for; the token leads on."""
        for number in range(5):
            store.create(replace(sample.experiment(f"e{number}"), created_at=sample.moment(number)))
        first = store.search(Query(limit=2, where=_like("e_")))
        second = store.search(Query(limit=3, where=_like("e_"), after=first.next_token))
        assert [each.name for each in (*first.items, *second.items)] == ["e4", "e3", "e2", "e1", "e0"]
        assert second.next_token is None
        with pytest.raises(InvalidInputError, match="page token"):
            store.search(Query(limit=2, after=first.next_token))

    def test_search_minds_lifecycle_and_project(self, store: ExperimentStore) -> None:
        """Both narrow the result."""
        for name in ("a", "b", "c"):
            store.create(replace(sample.experiment(name), project=name))
        found = store.find("b")
        assert found is not None
        store.set_lifecycle(found.id, Lifecycle.DELETED, sample.NOON)
        assert _names(store, lifecycle=Lifecycle.DELETED) == ["b"]
        assert _names(store, projects=["a", "b"]) == ["a", "b"]
        assert _names(store, projects=["a", "b"], lifecycle=Lifecycle.ACTIVE) == ["a"]
        assert _names(store, projects=[]) == []

    @pytest.mark.parametrize(
        ("kind", "key", "op", "value", "names"),
        [
            ("attribute", "name", "=", "Alpha", ["Alpha"]),
            ("attribute", "name", "!=", "Alpha", ["Default", "beta", "Ölberg"]),
            ("attribute", "name", "LIKE", "%A%", ["Alpha"]),
            ("attribute", "name", "ILIKE", "%A%", ["Alpha", "Default", "beta"]),
            ("attribute", "name", "ILIKE", "öl%", ["Ölberg"]),
            ("attribute", "name", "LIKE", "A[l]p*", []),
            ("attribute", "experiment_id", "IN", ("0", "1"), ["Alpha", "Default"]),
            ("attribute", "creation_time", "=", 1767268800500, ["Alpha", "beta", "Ölberg"]),
            ("tag", "team", "=", "x", ["Alpha"]),
            ("tag", "team", "!=", "x", ["beta"]),
            ("tag", "team", "IS NULL", None, ["Default", "Ölberg"]),
            ("tag", "team", "IS NOT NULL", None, ["Alpha", "beta"]),
        ],
    )
    def test_search_compares(
        self, store: ExperimentStore, kind: str, key: str, op: str, value: Any, names: list[str]
    ) -> None:
        """Attributes and tags, as each operator says."""
        for name, tags in (("Alpha", {"team": "x"}), ("beta", {"team": "X"}), ("Ölberg", {"other": "x"})):
            made = replace(_unnumbered(name), tags=tags, created_at=sample.NOON.replace(microsecond=500_400))
            store.create(made)
        if key == "creation_time":
            value = int(sample.NOON.timestamp()) * 1000 + 500
        where = Comparison(field=Field(kind=Kind(kind), key=key), op=op, value=value)
        assert _names(store, where=where) == names

    def test_experiment_is_removed_for_good(self, store: ExperimentStore) -> None:
        """Its name is free again."""
        made = store.create(replace(sample.experiment("a"), tags={"x": "y"}))
        store.purge(made.id)
        assert store.find("a") is None
        store.create(sample.experiment("a"))

    def test_experiment_survives_sigkill_once_created(self, shared_opener: Opener) -> None:
        """With its tags."""
        experiment_id = in_killed_process(shared_opener, _create_and_tell)
        with shared_opener() as store:
            assert store.get(experiment_id).tags == {"x": "y"}


def _unnumbered(name: str) -> ExperimentRecord:
    return replace(sample.experiment(name), id=ExperimentId(""))


def _like(pattern: str) -> Comparison:
    return Comparison(field=Field(kind=Kind.ATTRIBUTE, key="name"), op="LIKE", value=pattern)


def _names(store: ExperimentStore, *, where: Comparison | None = None, **narrowed: Any) -> list[str]:
    order = (Order(field=Field(kind=Kind.ATTRIBUTE, key="name")),)
    return [each.name for each in store.search(Query(where=where, order=order), **narrowed).items]


def _create_and_tell(store: ExperimentStore, acknowledge: Callable[[Any], None]) -> None:
    acknowledge(store.create(replace(sample.experiment(), tags={"x": "y"})).id)
