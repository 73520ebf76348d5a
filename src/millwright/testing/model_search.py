"""Conformance of `ModelSearchStore`."""
# ruff: noqa: S101

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.model import ModelStage, RegisteredModelRecord
from millwright.core.records.search import All, Any_, Comparison, Field, Kind, Order, Query
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.search import Condition
    from millwright.storage.catalog import Stores


class ModelSearchStoreConformance(StoreConformance):
    """Searches over registered models and versions; the opener gives all stores."""

    @pytest.fixture
    def filled(self, store: Stores) -> Stores:
        """Models a, B and c_1; a has three versions, of which the second is deleted, B one."""
        for second, (name, tags) in enumerate({"a": {"t": "x"}, "B": {"t": "X", "hidden": "yes"}, "c_1": {}}.items()):
            at = sample.NOON + timedelta(seconds=second)
            record = RegisteredModelRecord(name=name, created_at=at, tags=tags, project="p" if name == "B" else "q")
            store.models.create_model(record)
        for second, name in enumerate("aaaB"):
            at = sample.NOON - timedelta(seconds=second)
            more: dict[str, Any] = {"tags": {"n": str(second)}, "source": f"s3://{second}", "run_id": f"r{second}"}
            store.models.create_version(sample.model_version(name, created_at=at, **more))
        store.models.delete_version("a", 2, sample.NOON)
        return store

    @pytest.mark.parametrize(
        ("where", "found"),
        [
            (None, "a B c_1"),
            (("name", "=", "a"), "a"),
            (("name", "!=", "a"), "B c_1"),
            (("name", "LIKE", "b%"), ""),
            (("name", "ILIKE", "b%"), "B"),
            (("name", "LIKE", "c__"), "c_1"),
            (("name", "LIKE", "[a]"), ""),
            (("name", "IN", ("a", "B")), "a B"),
            (("name", "NOT IN", ("a", "B")), "c_1"),
            (("t.", "=", "x"), "a"),
            (("t.", "!=", "x"), "B"),
            (("t.", "ILIKE", "x"), "a B"),
            (("creation_timestamp", ">", 1_767_268_800_000 * 10), ""),
        ],
    )
    def test_models_are_found_by_name_tag_and_time(self, filled: Stores, where: Any, found: str) -> None:
        """A tag that is not there matches nothing."""
        page = filled.model_search.search_models(Query(where=_where(where)))
        assert sorted(model.name for model in page.items) == sorted(found.split())
        assert page.next_token is None

    @pytest.mark.parametrize(
        ("where", "found"),
        [
            (None, "a@1 B@1 a@3"),
            (("version_number", ">", 1), "a@3"),
            (("run_id", "IN", ("r0", "r1", "r3")), "a@1 B@1"),
            (("source_path", "LIKE", "s3:%2"), "a@3"),
            (("n.", "=", "0"), "a@1"),
            (("name", "=", "c_1"), ""),
        ],
    )
    def test_versions_are_found_and_deleted_ones_are_not(self, filled: Stores, where: Any, found: str) -> None:
        """By name, number, run, source and tag."""
        page = filled.model_search.search_versions(Query(where=_where(where)))
        assert sorted(version.ref for version in page.items) == sorted(found.split())

    def test_conditions_are_joined(self, filled: Stores) -> None:
        """By AND, and by OR."""
        both = (_where(("name", "=", "a")), _where(("t.", "=", "X")))
        search = filled.model_search.search_models
        assert search(Query(where=All(parts=_given(both)))).items == ()
        assert len(search(Query(where=Any_(parts=_given(both)))).items) == 2
        assert len(search(Query(where=All(parts=()))).items) == 3
        assert search(Query(where=Any_(parts=()))).items == ()

    @pytest.mark.parametrize("ascending", [True, False])
    @pytest.mark.parametrize("key", ["name", "creation_timestamp", "last_updated_timestamp"])
    def test_pages_give_every_record_once_in_order(self, filled: Stores, key: str, *, ascending: bool) -> None:
        """Whatever the order; a page of one, too."""
        order = (Order(field=Field(kind=Kind.ATTRIBUTE, key=key), ascending=ascending),)
        for search in (filled.model_search.search_models, filled.model_search.search_versions):
            whole = search(Query(order=order)).items
            found: list[Any] = []
            after = None
            while True:
                page = search(Query(order=order, limit=1, after=after))
                found += page.items
                after = page.next_token
                if after is None:
                    break
            assert tuple(found) == whole
            assert len(found) == 3

    def test_versions_of_one_name_are_given_newest_first(self, filled: Stores) -> None:
        """Names in the order of their bytes."""
        assert [v.ref for v in filled.model_search.search_versions(Query()).items] == ["B@1", "a@3", "a@1"]

    def test_tag_and_project_leave_records_out(self, filled: Stores) -> None:
        """Of models and of versions."""
        search = filled.model_search
        assert [m.name for m in search.search_models(Query(), without=("hidden", "yes")).items] == ["a", "c_1"]
        assert [v.ref for v in search.search_versions(Query(), without=("n", "0")).items] == ["B@1"]
        assert [m.name for m in search.search_models(Query(), projects=["p"]).items] == ["B"]
        assert [v.ref for v in search.search_versions(Query(), projects=["p"]).items] == ["B@1"]
        assert search.search_models(Query(), projects=[]).items == ()

    def test_field_operator_and_token_must_fit(self, filled: Stores) -> None:
        """Errors say what was expected."""
        search = filled.model_search.search_versions
        token = search(Query(limit=1)).next_token
        wrong = [
            Query(where=_where(("colour", "=", "x"))),
            Query(where=_where(("name", ">", "x"))),
            Query(where=_where(("version_number", "LIKE", "x"))),
            Query(where=_where(("creation_timestamp", "=", "x"))),
            Query(order=(Order(field=Field(kind=Kind.TAG, key="n")),)),
            Query(after="nonsense"),
            Query(after=token, where=_where(("name", "=", "a"))),
        ]
        for query in wrong:
            with pytest.raises(InvalidInputError, match="Expected"):
                search(query)

    def test_latest_of_each_stage_and_aliases_are_given_per_model(self, filled: Stores) -> None:
        """Unknown names have none."""
        version = filled.models.get_version("a", 1)
        filled.models.update_version(_staged(version))
        filled.models.put_alias(sample.alias("a", 3))
        latest = filled.model_search.list_latest(["a", "B", "nowhere"])
        assert {name: [v.ref for v in found] for name, found in latest.items()} == {
            "a": ["a@1", "a@3"],
            "B": ["B@1"],
            "nowhere": [],
        }
        assert filled.model_search.list_aliases_of(["a", "B"]) == {"a": [sample.alias("a", 3)], "B": []}


def _staged(version: Any) -> Any:
    from dataclasses import replace

    return replace(version, stage=ModelStage.STAGING)


def _where(test: tuple[str, str, Any] | None) -> Condition | None:
    """A comparison; a key that ends in a dot is a tag's."""
    if test is None:
        return None
    key, op, value = test
    kind = Kind.TAG if key.endswith(".") else Kind.ATTRIBUTE
    return Comparison(field=Field(kind=kind, key=key.rstrip(".")), op=op, value=value)


def _given(parts: Sequence[Condition | None]) -> tuple[Condition, ...]:
    return tuple(part for part in parts if part is not None)
