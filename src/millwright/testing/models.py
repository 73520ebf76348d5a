"""Conformance of `ModelStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from itertools import chain, product
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError, StateTransitionError
from millwright.core.records.model import (
    MODEL_VERSION_TRANSITIONS,
    ModelVersionState,
    RegisteredModelRecord,
)
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_processes, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.model import ModelVersionRecord
    from millwright.storage.base.models import ModelStore
    from millwright.testing.conformance import Opener

# A way to each state from the first one.
_WAY = {
    ModelVersionState.CANDIDATE: [],
    ModelVersionState.APPROVED: [ModelVersionState.APPROVED],
    ModelVersionState.REJECTED: [ModelVersionState.REJECTED],
    ModelVersionState.ARCHIVED: [ModelVersionState.ARCHIVED],
}


class ModelStoreConformance(StoreConformance):
    """Registered models, versions, aliases and approvals."""

    @pytest.fixture
    def version(self, store: ModelStore) -> ModelVersionRecord:
        """The first version of the model `delay`."""
        store.create_model(model("delay"))
        return store.create_version(sample.model_version("delay"))

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_model_comes_back_as_it_was_stored(self, store: ModelStore, name: str) -> None:
        """Whatever its name."""
        store.create_model(model(name))
        assert store.find_model(name) == model(name)

    def test_model_is_refused_when_the_name_is_taken(self, store: ModelStore) -> None:
        """The first one stays."""
        store.create_model(model("a"))
        with pytest.raises(AlreadyExistsError, match="'a'"):
            store.create_model(replace(model("a"), description="other"))
        assert store.list_models() == [model("a")]

    def test_models_are_listed_by_name(self, store: ModelStore) -> None:
        """In the order of code points; none at first."""
        assert store.list_models() == []
        assert store.find_model("a") is None
        for name in ("b", "B", "a"):
            store.create_model(model(name))
        assert [found.name for found in store.list_models()] == ["B", "a", "b"]

    def test_version_comes_back_as_it_was_stored(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """With every field, infinite metrics included."""
        assert version.version == 1
        assert store.get_version("delay", 1) == version

    def test_version_without_anything_comes_back_empty(self, store: ModelStore) -> None:
        """None and empty stay what they are."""
        store.create_model(model("delay"))
        nothing: dict[str, Any] = dict.fromkeys(("run_id", "pipeline_run_id", "step_run_id", "code"))
        empty: dict[str, Any] = {name: {} for name in ("params", "metrics", "compilation", "documents", "tags")}
        stored = store.create_version(sample.model_version(datasets=(), signature={}, **nothing, **empty))
        assert store.get_version("delay", 1) == stored

    def test_versions_are_numbered_per_model(self, store: ModelStore) -> None:
        """1, 2, 3 …, whatever the draft says."""
        for name in "ab":
            store.create_model(model(name))
        numbers = [store.create_version(sample.model_version(name, version=77)).version for name in "aabab"]
        assert numbers == [1, 2, 1, 3, 2]

    def test_version_of_an_unknown_model_is_an_error_that_names_the_closest(
        self, store: ModelStore, version: ModelVersionRecord
    ) -> None:
        """So that a typo is found."""
        other = sample.model_version("dellay")
        calls: list[Callable[[], Any]] = [
            lambda: store.create_version(other),
            lambda: store.get_version("dellay", 1),
            lambda: store.delete_model("dellay"),
            lambda: store.update_model("dellay", model("dellay")),
            lambda: store.update_model("dellay", model("other")),
        ]
        for call in calls:
            with pytest.raises(NotFoundError, match=rf"'dellay'.*'{version.name}'"):
                call()

    def test_unknown_version_is_an_error_everywhere(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """It says which there are."""
        name = version.name
        calls: list[Callable[[], Any]] = [
            lambda: store.get_version(name, 2),
            lambda: store.set_state(name, 2, ModelVersionState.APPROVED),
            lambda: store.put_documents(name, 2, {}),
            lambda: store.update_version(replace(version, version=2)),
            lambda: store.delete_version(name, 2, sample.NOON),
            lambda: store.put_alias(sample.alias(name, 2)),
            lambda: store.append_approval(sample.approval(name, 2)),
        ]
        for call in calls:
            with pytest.raises(NotFoundError, match=r"no version 2.*1 to 1"):
                call()

    def test_version_of_a_model_without_any_is_an_error(self, store: ModelStore) -> None:
        """It says that there are none."""
        store.create_model(model("delay"))
        with pytest.raises(NotFoundError, match="no versions yet"):
            store.get_version("delay", 1)

    def test_versions_are_listed_newest_first(self, store: ModelStore) -> None:
        """Of one model or of all."""
        for name in "ab":
            store.create_model(model(name))
        assert store.list_versions() == store.list_versions("a") == store.list_versions("nowhere") == []
        versions = [store.create_version(sample.model_version(name)) for name in "aba"]
        assert store.list_versions() == versions[::-1]
        assert store.list_versions("a") == [versions[2], versions[0]]

    def test_version_is_found_by_its_package(self, store: ModelStore) -> None:
        """The newest with it, of that model only."""
        package = sample.digest()
        for name in "ab":
            store.create_model(model(name))
        store.create_version(sample.model_version("a", package=package))
        newest = store.create_version(sample.model_version("a", package=package))
        store.create_version(sample.model_version("b", package=package))
        assert store.find_by_package("a", package) == newest
        assert store.find_by_package("a", sample.digest()) is None

    @pytest.mark.parametrize(("before", "after"), list(product(ModelVersionState, repeat=2)))
    def test_state_goes_only_where_the_table_of_transitions_allows(
        self, store: ModelStore, version: ModelVersionRecord, before: ModelVersionState, after: ModelVersionState
    ) -> None:
        """The same state again is fine."""
        for state in _WAY[before]:
            store.set_state(version.name, 1, state)
        if after is before or after in MODEL_VERSION_TRANSITIONS[before]:
            changed = store.set_state(version.name, 1, after)
            assert changed == replace(version, state=after)
        else:
            with pytest.raises(StateTransitionError, match=rf"{before.value}.*{after.value}"):
                store.set_state(version.name, 1, after)
        assert store.get_version(version.name, 1).state in {before, after}

    def test_documents_are_added_and_replaced(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """Those of the same name; others stay."""
        new = {"card.md": sample.digest(), "größe.json": sample.digest()}
        store.put_documents(version.name, 1, {"gates.json": sample.digest("gates")})
        changed = store.put_documents(version.name, 1, new)
        assert changed.documents == {"gates.json": sample.digest("gates"), **new}
        assert store.get_version(version.name, 1) == changed

    def test_documents_of_many_threads_are_all_there(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """None overwrites another."""
        in_threads(lambda number: store.put_documents(version.name, 1, {f"{number}.json": sample.digest()}))
        assert len(store.get_version(version.name, 1).documents) == len(version.documents) + 8

    def test_alias_is_set_moved_and_removed(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """Removing one that is not there does nothing."""
        name = version.name
        store.create_version(sample.model_version(name))
        assert store.find_alias(name, "champion") is None
        store.put_alias(sample.alias(name, 1))
        assert store.find_alias(name, "champion") == sample.alias(name, 1)
        store.put_alias(sample.alias(name, 2, seconds=1))
        assert store.find_alias(name, "champion") == sample.alias(name, 2, seconds=1)
        for _ in range(2):
            store.delete_alias(name, "champion")
            assert store.find_alias(name, "champion") is None

    def test_aliases_are_listed_by_model_then_alias(self, store: ModelStore) -> None:
        """Of one model or of all."""
        records = [sample.alias(name, 1, alias_name=alias) for name in "ab" for alias in ("champion", "shadow")]
        for name in "ba":
            store.create_model(model(name))
            store.create_version(sample.model_version(name))
        for record in reversed(records):
            store.put_alias(record)
        assert store.list_aliases() == records
        assert store.list_aliases("b") == records[2:]
        assert store.list_aliases("nowhere") == []

    def test_approvals_are_listed_oldest_first(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """In the order they came, of that version only."""
        name = version.name
        store.create_version(sample.model_version(name))
        records = [sample.approval(name, 1, approved=approved) for approved in (False, True)]
        for record in (*records, sample.approval(name, 2)):
            store.append_approval(record)
        assert store.list_approvals(name, 1) == records
        assert store.list_approvals(name, 3) == store.list_approvals("nowhere", 1) == []

    def test_version_numbers_have_no_gap_or_double_when_processes_write_together(self, shared_opener: Opener) -> None:
        """Each gets its own."""
        with shared_opener() as store:
            store.create_model(model("delay"))
        numbers = in_processes(shared_opener, _create_ten)
        assert sorted(chain.from_iterable(numbers)) == list(range(1, 21))

    def test_locking_a_model_is_fine_for_known_and_unknown_names(self, store: ModelStore) -> None:
        """An unknown name locks nothing."""
        store.create_model(model("delay"))
        store.lock_model("delay")
        store.lock_model("nowhere")


def model(name: str) -> RegisteredModelRecord:
    """A registered model."""
    return RegisteredModelRecord(
        name=name, created_at=sample.NOON, description="größer", tags={"team": "三"}, updated_at=sample.NOON
    )


def _create_ten(store: ModelStore, _number: int) -> list[int]:
    return [store.create_version(sample.model_version()).version for _ in range(10)]
