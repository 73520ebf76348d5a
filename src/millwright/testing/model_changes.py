"""Conformance of `ModelStore`: names and versions that change and go."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.records.model import ModelStage
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.models import model

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.storage.base.models import ModelStore


class ModelChangeConformance(StoreConformance):
    """Registered models and versions that change, get another name, or go."""

    @pytest.fixture
    def version(self, store: ModelStore) -> ModelVersionRecord:
        """The first version of the model `delay`."""
        store.create_model(model("delay"))
        return store.create_version(sample.model_version("delay"))

    def test_model_changes_and_follows_a_new_name(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """With its versions, aliases and approvals; the number of versions goes on."""
        store.put_alias(sample.alias("delay", 1))
        store.append_approval(sample.approval("delay", 1))
        changed = replace(
            model("delay"), description="new", tags={"a": ""}, updated_at=sample.NOON + timedelta(seconds=1)
        )
        store.update_model("delay", changed)
        assert store.find_model("delay") == changed
        renamed = replace(changed, name="late")
        store.update_model("delay", renamed)
        assert store.list_models() == [renamed]
        assert store.list_versions() == [replace(version, name="late")]
        assert store.list_aliases() == [sample.alias("late", 1)]
        assert store.list_approvals("late", 1) == [sample.approval("late", 1)]
        assert store.create_version(sample.model_version("late")).version == 2

    def test_model_does_not_take_a_name_that_is_taken(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """Nothing is changed then."""
        store.create_model(model("late"))
        with pytest.raises(AlreadyExistsError, match="'late'"):
            store.update_model("delay", model("late"))
        assert store.get_version("delay", 1) == version

    def test_deleted_model_is_gone_with_all_that_it_had(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """A new one of its name begins anew."""
        store.put_alias(sample.alias(version.name, 1))
        store.append_approval(sample.approval(version.name, 1))
        store.delete_model(version.name)
        assert (store.list_models(), store.list_versions(), store.list_aliases()) == ([], [], [])
        store.create_model(model(version.name))
        assert store.create_version(sample.model_version(version.name)).version == 1

    def test_version_keeps_all_but_what_may_change(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """Description, stage, tags and time of change."""
        changes: dict[str, Any] = {"description": "new", "stage": ModelStage.STAGING, "tags": {"a": "b"}}
        changed = replace(version, **changes, updated_at=sample.NOON + timedelta(seconds=5))
        store.update_version(replace(changed, flavor="other", metrics={}))
        assert store.get_version(version.name, 1) == changed

    def test_deleted_version_is_gone_and_its_number_is_not_given_again(
        self, store: ModelStore, version: ModelVersionRecord
    ) -> None:
        """Its aliases go with it."""
        name = version.name
        store.put_alias(sample.alias(name, 1))
        store.delete_version(name, 1, sample.NOON)
        assert (store.list_versions(), store.list_versions(name), store.list_aliases(name)) == ([], [], [])
        assert version.package is not None
        assert store.find_by_package(name, version.package) is None
        with pytest.raises(NotFoundError, match="no version 1"):
            store.get_version(name, 1)
        assert store.create_version(sample.model_version(name)).version == 2

    def test_version_without_a_package_comes_back_so(self, store: ModelStore, version: ModelVersionRecord) -> None:
        """With where its files are."""
        wire = sample.model_version(
            version.name, package=None, source="runs:/a/b", location="mlflow-artifacts:/0/a/b", model_id="m-1"
        )
        stored = store.create_version(wire)
        assert store.get_version(version.name, 2) == stored == replace(wire, version=2, updated_at=wire.created_at)
