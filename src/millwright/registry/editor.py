"""Changes that MLflow's clients know and `Registry` does not: names, descriptions, tags, stages, versions by source."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConflictError, NotFoundError, closest
from millwright.core.ids import ModelVersionId, new_id
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.model import ModelStage, ModelVersionRecord, ModelVersionState, RegisteredModelRecord
from millwright.registry.file_tree import move_files, remove_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from millwright.registry.change import Change, Changes
    from millwright.registry.source_draft import SourceDraft
    from millwright.storage.catalog import Stores

PROMPT_TAG = "mlflow.prompt.is_prompt"


class RegistryEditor:
    """Changes registered models and versions; each change is one transaction with its audit entry and event.

    Every method raises `NotFoundError` for a model or version that is not there.

    Args:
        stores: Where the records are.
        changes: Begins changes in the actor's name.
        actor: Who makes the changes.
        protected: Aliases that only the promotion policy gives to models that have packages.
    """

    def __init__(self, *, stores: Stores, changes: Changes, actor: str, protected: Iterable[str]) -> None:
        self._stores = stores
        self._models = stores.models
        self._changes = changes
        self._actor = actor
        self._protected = frozenset(protected)

    def get_model(self, name: str) -> RegisteredModelRecord:
        """A registered model; names the closest when it is not there."""
        found = self._models.find_model(name)
        if found is None:
            known = [model.name for model in self._models.list_models()]
            raise NotFoundError(f"There is no model '{name}'.", hint=closest(name, known))
        return found

    def create_model(
        self, name: str, *, description: str = "", tags: Mapping[str, str] | None = None, project: str = "default"
    ) -> RegisteredModelRecord:
        """Add a name.

        Raises:
            AlreadyExistsError: It is taken.
        """
        with self._changes.begin(name) as change:
            record = RegisteredModelRecord(
                name=name,
                created_at=change.now,
                updated_at=change.now,
                description=description,
                tags=dict(tags or {}),
                project=project,
            )
            self._models.create_model(record)
            change.audit("model.create", name, description=description, tags=dict(record.tags))
            change.tell_model("model.created", name, description=description, tags=dict(record.tags))
        return record

    def describe_model(self, name: str, description: str) -> RegisteredModelRecord:
        """Change a model's description."""
        with self._changes.begin(name) as change:
            changed = self._touched(name, change, description=description)
            change.audit("model.update", name, description=description)
            change.tell_model("model.updated", name, description=description, **_prompt(changed))
        return changed

    def rename_model(self, name: str, new_name: str) -> RegisteredModelRecord:
        """Give a model another name; what it has comes along, its history stays under the old one.

        Raises:
            AlreadyExistsError: The new name is taken.
            ConflictError: An endpoint serves the model.
        """
        with self._changes.begin(name) as change:
            model = self.get_model(name)
            _require_unserved(self._stores, name, "renamed")
            versions = self._models.list_versions(name)
            changed = replace(model, name=new_name, updated_at=change.now)
            self._models.update_model(name, changed)
            for version in versions:
                self._models.update_version(replace(version, name=new_name, updated_at=change.now))
                if version.package is not None:
                    move_files(self._stores.files, version, new_name, change.now)
            self._stores.lineage.add([_renamed(version, new_name, change) for version in versions])
            change.audit("model.rename", name, new_name=new_name)
            change.audit("model.rename", new_name, old_name=name)
            change.tell_model("model.renamed", name, new_name=new_name, **_prompt(model))
        return changed

    def delete_model(self, name: str) -> None:
        """Remove a model with its versions for good; the audit log and the runs stay.

        Raises:
            ConflictError: An endpoint serves the model, or a version of it carries a protected alias.
        """
        with self._changes.begin(name) as change:
            model = self.get_model(name)
            _require_unserved(self._stores, name, "deleted")
            self._require_unguarded(name, "deleted")
            versions = self._models.list_versions(name)
            for version in versions:
                remove_files(self._stores.files, version)
            self._models.delete_model(name)
            change.audit("model.delete", name, versions=[version.version for version in versions])
            change.tell_model("model.deleted", name, **_prompt(model))

    def tag_model(self, name: str, tags: Mapping[str, str]) -> None:
        """Set tags of a model."""
        with self._changes.begin(name) as change:
            model = self.get_model(name)
            self._models.update_model(name, replace(model, tags={**model.tags, **tags}))
            change.audit("model.set_tags", name, tags=dict(tags))
            for key, value in tags.items():
                change.tell_model("model.tag_set", name, key=key, value=value, **_prompt(model))

    def untag_model(self, name: str, key: str) -> None:
        """Remove a tag of a model; nothing happens when it is not there."""
        with self._changes.begin(name) as change:
            model = self.get_model(name)
            if key not in model.tags:
                return
            self._models.update_model(name, replace(model, tags=_without(model.tags, key)))
            change.audit("model.delete_tag", name, key=key)
            change.tell_model("model.tag_deleted", name, key=key, **_prompt(model))

    def add_version(self, draft: SourceDraft) -> ModelVersionRecord:
        """Add a version by its source; the same source again is another version."""
        with self._changes.begin(draft.name) as change:
            self._touched(draft.name, change)
            version = self._models.create_version(
                ModelVersionRecord(
                    id=ModelVersionId(new_id()),
                    version=0,
                    state=ModelVersionState.CANDIDATE,
                    package=None,
                    size_bytes=0,
                    flavor="",
                    signature={},
                    created_at=change.now,
                    created_by=self._actor,
                    **{field.name: getattr(draft, field.name) for field in fields(draft)},
                )
            )
            if draft.run_id:
                self._stores.lineage.add([_edge(NodeKind.RUN, draft.run_id, "wrote", version.ref, change)])
            facts = {"source": draft.source, "run_id": draft.run_id, "model_id": draft.model_id}
            change.audit("model.register", version.ref, package=None, **facts)
            change.tell("model.registered", version, **facts, tags=dict(draft.tags), description=draft.description)
        return version

    def describe_version(self, name: str, version: int, description: str) -> ModelVersionRecord:
        """Change a version's description."""
        with self._changes.begin(name) as change:
            current = self._models.get_version(name, version)
            changed = replace(current, description=description, updated_at=change.now)
            self._models.update_version(changed)
            change.audit("model.update_version", changed.ref, description=description)
            change.tell("model.version_updated", changed, description=description)
        return changed

    def set_stage(self, name: str, version: int, stage: ModelStage, *, archive_others: bool) -> ModelVersionRecord:
        """Say where a version stands in MLflow's sense.

        Args:
            name: The model.
            version: Its version.
            stage: The stage to enter.
            archive_others: Whether other versions in that stage become archived.
        """
        with self._changes.begin(name) as change:
            current = self._models.get_version(name, version)
            self._touched(name, change)
            archived = [
                other
                for other in (self._models.list_versions(name) if archive_others else ())
                if other.stage is stage and other.version != version
            ]
            for other in archived:
                self._models.update_version(replace(other, stage=ModelStage.ARCHIVED, updated_at=change.now))
            changed = replace(current, stage=stage, updated_at=change.now)
            self._models.update_version(changed)
            facts = {"stage": stage.value, "previous": current.stage.value, "archived": [v.version for v in archived]}
            change.audit("model.set_stage", changed.ref, **facts)
            change.tell("model.stage_changed", changed, **facts)
        return changed

    def delete_version(self, name: str, version: int) -> None:
        """Remove a version with its aliases; its number is not given again.

        Raises:
            ConflictError: It carries a protected alias, or it has a package and an endpoint serves the model:
                predictions may be of it.
        """
        with self._changes.begin(name) as change:
            current = self._models.get_version(name, version)
            if current.package is not None:
                _require_unserved(self._stores, name, "robbed of a version")
            self._require_unguarded(name, "robbed of that version", version)
            self._touched(name, change)
            self._models.delete_version(name, version, change.now)
            remove_files(self._stores.files, current)
            change.audit("model.delete_version", current.ref)
            change.tell("model.version_deleted", current)

    def tag_version(self, name: str, version: int, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
        with self._changes.begin(name) as change:
            current = self._models.get_version(name, version)
            self._models.update_version(replace(current, tags={**current.tags, **tags}))
            change.audit("model.set_version_tags", current.ref, tags=dict(tags))
            for key, value in tags.items():
                change.tell("model.version_tag_set", current, key=key, value=value, **self._prompt_of(name))

    def untag_version(self, name: str, version: int, key: str) -> None:
        """Remove a tag of a version; nothing happens when it is not there."""
        with self._changes.begin(name) as change:
            current = self._models.get_version(name, version)
            if key not in current.tags:
                return
            self._models.update_version(replace(current, tags=_without(current.tags, key)))
            change.audit("model.delete_version_tag", current.ref, key=key)
            change.tell("model.version_tag_deleted", current, key=key, **self._prompt_of(name))

    def set_alias(self, name: str, alias: str, version: int, *, reason: str) -> None:
        """Point an alias at a version without asking the policy; for aliases that nothing protects."""
        with self._changes.begin(name) as change:
            target = self._models.get_version(name, version)
            change.move_alias(alias, target, action="model.promote", reason=reason)

    def delete_alias(self, name: str, alias: str, *, reason: str) -> None:
        """Take an alias away; nothing happens when it is not there."""
        with self._changes.begin(name) as change:
            model = self.get_model(name)
            current = self._models.find_alias(name, alias)
            if current is None:
                return
            self._models.delete_alias(name, alias)
            subject = f"{name}@{current.version}"
            change.audit("model.delete_alias", subject, alias=alias, reason=reason)
            facts = {"version": current.version, "alias": alias, "reason": reason, **_prompt(model)}
            change.tell_model("model.alias_deleted", name, subject=subject, **facts)

    def is_guarded(self, name: str, alias: str) -> bool:
        """Whether an alias is one of the protected ones, and the model has versions with a package."""
        return alias in self._protected and any(each.package is not None for each in self._models.list_versions(name))

    def _touched(self, name: str, change: Change, **changes: Any) -> RegisteredModelRecord:
        changed = replace(self.get_model(name), updated_at=change.now, **changes)
        self._models.update_model(name, changed)
        return changed

    def _prompt_of(self, name: str) -> dict[str, Any]:
        return _prompt(self.get_model(name))

    def _require_unguarded(self, name: str, what: str, version: int | None = None) -> None:
        # What decides who becomes champion also decides that it stays: deleting must not be a way around.
        for record in self._models.list_aliases(name):
            if version in {None, record.version} and self.is_guarded(name, record.alias):
                raise ConflictError(
                    f"The model '{name}' cannot be {what}: version {record.version} is its {record.alias}.",
                    hint=f"Promote another version to {record.alias} first, or have the alias taken away.",
                )


def _require_unserved(stores: Stores, name: str, what: str) -> None:
    served = [endpoint.name for endpoint in stores.endpoints.list() if endpoint.model == name]
    if served:
        raise ConflictError(
            f"The model '{name}' cannot be {what}: the endpoint {', '.join(served)} serves it, and its predictions "
            "name its versions.",
            hint="Register another model, or leave the version and reject or archive it.",
        )


def _without(tags: Mapping[str, str], key: str) -> dict[str, str]:
    return {name: value for name, value in tags.items() if name != key}


def _prompt(model: RegisteredModelRecord) -> dict[str, Any]:
    return {"prompt": True} if model.tags.get(PROMPT_TAG, "").lower() == "true" else {}


def _renamed(version: ModelVersionRecord, new_name: str, change: Change) -> LineageEdge:
    return _edge(NodeKind.MODEL_VERSION, version.ref, "renamed", f"{new_name}@{version.version}", change)


def _edge(kind: NodeKind, source: str, relation: str, target: str, change: Change) -> LineageEdge:
    return LineageEdge(
        source_kind=kind,
        source_id=source,
        relation=relation,
        target_kind=NodeKind.MODEL_VERSION,
        target_id=target,
        at=change.now,
    )
