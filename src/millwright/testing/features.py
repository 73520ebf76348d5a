"""What every `FeatureDefinitionStore` must do."""

# ruff: noqa: S101 - assertions are what a suite is made of
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.ids import MaterializationId
from millwright.core.records.feature import (
    FeatureDefinitionRecord,
    FeatureKind,
    MaterializationRecord,
    MaterializationState,
)
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from millwright.storage.base.features import FeatureDefinitionStore
    from millwright.testing.conformance import Opener

_VIEW = FeatureKind.VIEW


def definition(name: str = "history", text: str = "1", kind: FeatureKind = _VIEW) -> FeatureDefinitionRecord:
    """A definition with every field filled; another `text` gives another digest."""
    return FeatureDefinitionRecord(
        kind=kind,
        name=name,
        version=0,
        digest=digest_bytes(text.encode()),
        definition={"features": [{"name": "größe_m2", "dtype": "Float64"}], "ttl_us": None},
        created_at=sample.NOON,
        actor="ada",
        code="SELECT * FROM phases",
        description="How late a building's phases ran",
        owner="site-team",
        tags={"Stage": "gold"},
        sources=("dataset/phases", "entity/building"),
    )


def materialization(number: int, view: str = "history") -> MaterializationRecord:
    """A materialization that is running."""
    return MaterializationRecord(
        id=MaterializationId(f"m{number}"),
        view=view,
        view_version=1,
        source="phases@3",
        since=sample.NOON - timedelta(days=1),
        until=sample.NOON,
        state=MaterializationState.RUNNING,
        started_at=sample.NOON + timedelta(seconds=number),
    )


class FeatureDefinitionStoreConformance(StoreConformance):
    """Subclass it, and define `opener`."""

    def test_new_digest_makes_the_next_version(self, store: FeatureDefinitionStore) -> None:
        """And the same digest makes none."""
        first, second = store.put(definition()), store.put(definition(text="2"))
        assert first == replace(definition(), version=1)
        assert second == replace(definition(text="2"), version=2)
        assert store.put(definition(text="2")) == second
        assert store.get(_VIEW, "history") == second
        assert store.get(_VIEW, "history", 1) == first
        assert store.list_versions(_VIEW, "history") == [second, first]
        assert store.put(definition()).version == 3  # what it was once is a change, too

    def test_same_digest_takes_over_what_is_for_people(self, store: FeatureDefinitionStore) -> None:
        """But neither the time nor the actor."""
        store.put(definition())
        told = replace(
            definition(), description="Other", owner="bob", tags={}, definition={"a": 1}, actor="eve",
            created_at=sample.NOON + timedelta(days=1),
        )  # fmt: skip
        expected = replace(told, version=1, actor="ada", created_at=sample.NOON)
        assert store.put(told) == expected
        assert store.get(_VIEW, "history") == expected

    def test_kinds_have_names_of_their_own(self, store: FeatureDefinitionStore) -> None:
        """A view and a service may be called alike."""
        store.put(definition())
        service = store.put(definition(kind=FeatureKind.SERVICE, text="2"))
        assert service.version == 1
        assert [one.kind for one in store.list_latest()] == [FeatureKind.SERVICE, _VIEW]
        assert store.list_latest(FeatureKind.SERVICE) == [service]
        assert store.list_latest(FeatureKind.ENTITY) == []

    def test_latest_versions_are_listed_by_name(self, store: FeatureDefinitionStore) -> None:
        """Each once."""
        for name, text in (("b", "1"), ("a", "1"), ("b", "2")):
            store.put(definition(name, text))
        assert [one.ref for one in store.list_latest()] == ["a@1", "b@2"]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("LATE phases", True),
            ("Größe_M2", True),
            ("gold", True),
            ("stage", True),
            ("site-team", True),
            ("building", True),
            ("history", True),
            (" ", True),
            ("late bob", False),
            ("%", False),
        ],
    )
    def test_definitions_are_found_by_their_words(self, store: FeatureDefinitionStore, text: str, found: bool) -> None:  # noqa: FBT001
        """Every word has to stand in it."""
        store.put(definition())
        assert len(store.list_latest(text=text)) == found

    def test_retired_definition_is_not_offered(self, store: FeatureDefinitionStore) -> None:
        """Until it is put again."""
        store.put(definition())
        assert store.retire(_VIEW, "history").retired
        assert store.retire(_VIEW, "history").retired
        assert store.list_latest() == []
        assert [one.retired for one in store.list_latest(retired=True)] == [True]
        assert store.get(_VIEW, "history").retired
        assert not store.put(definition()).retired
        assert [one.ref for one in store.list_latest()] == ["history@1"]

    def test_definition_that_is_not_there_is_named(self, store: FeatureDefinitionStore) -> None:
        """With the closest one."""
        store.put(definition())
        with pytest.raises(NotFoundError, match=r"no view 'histori'\. Did you mean 'history'"):
            store.get(_VIEW, "histori")
        with pytest.raises(NotFoundError, match="'history' has no version 2"):
            store.get(_VIEW, "history", 2)
        with pytest.raises(NotFoundError, match="no on demand view 'history'"):
            store.retire(FeatureKind.ON_DEMAND_VIEW, "history")
        assert store.list_versions(FeatureKind.ENTITY, "history") == []

    def test_writers_at_the_same_moment_get_versions_of_their_own(self, shared_opener: Opener) -> None:
        """None is lost, none is there twice."""

        def write(number: int) -> int:
            with shared_opener() as opened:
                return int(opened.put(definition(text=str(number))).version)

        with shared_opener() as store, ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(write, range(8))) == list(range(1, 9))
            assert [one.version for one in store.list_versions(_VIEW, "history")] == list(range(8, 0, -1))

    def test_materialization_comes_back_as_it_was_given(self, store: FeatureDefinitionStore) -> None:
        """Until it is changed."""
        running = materialization(1)
        store.add_materialization(running)
        assert store.get_materialization(running.id) == running
        done = replace(
            running, state=MaterializationState.DONE, ended_at=sample.NOON + timedelta(hours=1), rows=5, entities=3
        )
        store.update_materialization(done)
        assert store.get_materialization(running.id) == done
        with pytest.raises(AlreadyExistsError, match="'m1'"):
            store.add_materialization(running)

    def test_materializations_are_listed_from_the_last(self, store: FeatureDefinitionStore) -> None:
        """Of all views, or of one."""
        for number, view in enumerate(["history", "other", "history"]):
            store.add_materialization(materialization(number, view))
        assert [one.id for one in store.list_materializations()] == ["m2", "m1", "m0"]
        assert [one.id for one in store.list_materializations("history")] == ["m2", "m0"]
        assert [one.id for one in store.list_materializations(limit=1)] == ["m2"]

    def test_materialization_that_is_not_there_is_named(self, store: FeatureDefinitionStore) -> None:
        """On each call."""
        for call in (lambda: store.get_materialization(MaterializationId("m1")),
                     lambda: store.update_materialization(materialization(1))):  # fmt: skip
            with pytest.raises(NotFoundError, match="'m1'"):
                call()
