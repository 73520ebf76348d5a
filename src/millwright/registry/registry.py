"""Registered models: new versions, decisions on them, and the aliases that servers follow."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

from millwright.core.errors import (
    AlreadyExistsError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PromotionRefusedError,
    StateTransitionError,
    closest,
)
from millwright.core.ids import ModelVersionId, new_id
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.model import (
    AliasRecord,
    ApprovalRecord,
    ModelVersionRecord,
    ModelVersionState,
    RegisteredModelRecord,
)
from millwright.registry.change import Changes
from millwright.registry.editor import RegistryEditor
from millwright.registry.file_tree import name_documents, name_files
from millwright.registry.name import check_alias, check_model_name
from millwright.registry.selector import DEFAULT_ALIAS, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.ids import Digest
    from millwright.registry.draft import VersionDraft
    from millwright.registry.promotion import PromotionPolicy
    from millwright.storage.catalog import Stores

_PROMOTE = "model.promote"


class Registry:
    """Changes registered models, each change with its lineage and audit entry in one transaction.

    A change that is part of a caller's transaction is committed with it. Events (`model.registered`,
    `model.promoted`, `model.state_changed`) follow the commit.

    Args:
        stores: Where the records are.
        clock: Tells the time of each change.
        events: Told of each change.
        actor: Who makes the changes, such as `user:ada`; named in the audit log.
        policy: Asked before each promotion.
        protected: Aliases that `point` may not move in models with packages unless the policy agrees.

    Attributes:
        events: Told of each change; what changes aliases by its own rules tells of itself there, too.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        actor: str,
        policy: PromotionPolicy,
        protected: Iterable[str] = (DEFAULT_ALIAS,),
    ) -> None:
        self.events = events
        self._stores = stores
        self._models = stores.models
        self._clock = clock
        self._actor = actor
        self._changes = Changes(stores=stores, clock=clock, events=events, actor=actor)
        self._policy = policy
        self._protected = tuple(protected)

    def acting_as(self, actor: str) -> Registry:
        """The same registry, changing things in another name."""
        return Registry(
            stores=self._stores,
            clock=self._clock,
            events=self.events,
            actor=actor,
            policy=self._policy,
            protected=self._protected,
        )

    @cached_property
    def editor(self) -> RegistryEditor:
        """The changes that MLflow's clients know: names, descriptions, tags, stages, versions by source."""
        return RegistryEditor(stores=self._stores, changes=self._changes, actor=self._actor, protected=self._protected)

    def register(self, draft: VersionDraft) -> ModelVersionRecord:
        """Add a version in the state `candidate`, or give the one that has exactly this package already.

        Raises:
            InvalidInputError: The name is not allowed, or the package or a document is not stored.
        """
        check_model_name(draft.name)
        for what, digest in {"package": draft.package, **draft.documents}.items():
            if not self._stores.artifacts.exists(digest):
                raise InvalidInputError(
                    f"Expected the {what} of '{draft.name}' in the artifact store, found no blob {digest}.",
                    hint="Store the bytes first: ArtifactStore.put.",
                )
        with self._changes.begin(draft.name) as change:
            if self._models.find_model(draft.name) is None:
                with suppress(AlreadyExistsError):  # another process was faster by a moment
                    self._models.create_model(RegisteredModelRecord(name=draft.name, created_at=change.now))
                self._models.lock_model(draft.name)
            known = self._models.find_by_package(draft.name, draft.package)
            if known is not None:
                return known
            version = self._models.create_version(
                ModelVersionRecord(
                    id=ModelVersionId(new_id()),
                    version=0,
                    state=ModelVersionState.CANDIDATE,
                    created_at=change.now,
                    created_by=self._actor,
                    **{field.name: getattr(draft, field.name) for field in fields(draft)},
                )
            )
            model = self._models.find_model(draft.name)
            if model is not None:
                self._models.update_model(draft.name, replace(model, updated_at=change.now))
            self._stores.lineage.add(_edges(version, change.now))
            name_files(self._stores.files, self._stores.artifacts, version, change.now)
            change.audit("model.register", version.ref, package=version.package, datasets=list(version.datasets))
            change.tell("model.registered", version, run_id=version.run_id, tags=dict(version.tags))
        return version

    def resolve(self, selector: str) -> ModelVersionRecord:
        """The version that `name@alias`, `name@3`, `name@latest` or `name` means; see `selector.resolve`.

        Raises:
            InvalidInputError: The selector is not of that form.
            NotFoundError: No such model, alias or version; the message names the closest.
        """
        return resolve(self._models, selector)

    def promote(
        self, name: str, version: int, alias: str = DEFAULT_ALIAS, *, reason: str, force: bool = False
    ) -> AliasRecord:
        """Point an alias at a version; nothing happens when it points there already. A candidate becomes approved.

        Args:
            name: The model.
            version: Its version.
            alias: The alias to set.
            reason: Why, for the audit log.
            force: Go ahead against the policy's objections, which the audit log then names.

        Raises:
            InvalidInputError: The alias is not allowed, or the reason is missing.
            NotFoundError: No such model or version.
            StateTransitionError: The version is rejected or archived.
            PromotionRefusedError: The policy objects.
            ConflictError: Someone decided on the version at the same moment.
        """
        check_alias(alias)
        _require_reason(reason)
        seen = self._models.get_version(name, version)
        _require_promotable(seen)
        approvals = self._models.list_approvals(name, version)
        # Before the transaction, since a policy may read documents from far away.
        objections = self._policy.check(seen, alias, approvals)
        if objections and not force:
            raise PromotionRefusedError(
                f"{seen.ref} may not become {alias}: {' '.join(objections)}",
                hint=f"Approve it with a reason (mw models approve {seen.ref}), or register a better version.",
                details={"objections": objections},
            )
        with self._changes.begin(name) as change:
            if self._models.get_version(name, version).state is not seen.state or (
                self._models.list_approvals(name, version) != approvals
            ):
                raise ConflictError(f"Someone decided on {seen.ref} at the same moment.", hint="Try again.")
            if seen.state is ModelVersionState.CANDIDATE:
                change.set_state(seen, ModelVersionState.APPROVED, reason)
            return change.move_alias(alias, seen, action=_PROMOTE, reason=reason, overruled=objections)

    def point(self, name: str, version: int, alias: str, *, reason: str) -> None:
        """Point an alias at a version as MLflow's clients do: with the policy's consent only where it is protected.

        Raises:
            NotFoundError: No such model or version.
            StateTransitionError, PromotionRefusedError, ConflictError: See `promote`; of protected aliases only.
        """
        if self.editor.is_guarded(name, alias):
            self.promote(name, version, alias, reason=reason)
        else:
            self.editor.set_alias(name, alias, version, reason=reason)

    def objections(self, version: ModelVersionRecord, alias: str = DEFAULT_ALIAS) -> list[str]:
        """What speaks against a version carrying an alias now, in sentences; nothing when it may."""
        return self._policy.check(version, alias, self._models.list_approvals(version.name, version.version))

    def rollback(self, name: str, alias: str = DEFAULT_ALIAS, *, reason: str) -> AliasRecord:
        """Point an alias back at the version that it left for the present one, as the audit log tells.

        Raises:
            InvalidInputError: The reason is missing.
            NotFoundError: No such model or alias.
            ConflictError: The alias has carried no earlier version.
            StateTransitionError: The earlier version was rejected or archived meanwhile.
        """
        _require_reason(reason)
        with self._changes.begin(name) as change:
            current = self._alias(name, alias)
            previous = self._before(current)
            if previous is None:
                raise ConflictError(
                    f"{name}@{alias} is version {current.version} and has been no other before.",
                    hint=f"Name a version instead: mw models promote {name}@VERSION.",
                )
            target = self._models.get_version(name, previous)
            _require_promotable(target)
            return change.move_alias(alias, target, action="model.rollback", reason=reason)

    def delete_alias(self, name: str, alias: str, *, reason: str) -> None:
        """Take an alias away.

        Raises:
            InvalidInputError: The reason is missing.
            NotFoundError: No such model or alias.
        """
        _require_reason(reason)
        with self._changes.begin(name) as change:
            current = self._alias(name, alias)
            self._models.delete_alias(name, alias)
            subject = f"{name}@{current.version}"
            change.audit("model.delete_alias", subject, alias=alias, reason=reason)
            facts = {"version": current.version, "alias": alias, "reason": reason}
            change.tell_model("model.alias_deleted", name, subject=subject, **facts)

    def approve(self, name: str, version: int, *, reason: str) -> ModelVersionRecord:
        """Record that a person stands for a version, whatever the gates said.

        It becomes `approved` once the policy has no objections any more; `objections` tells those that are left.

        Raises:
            InvalidInputError: The reason is missing.
            NotFoundError: No such model or version.
            StateTransitionError: The version is archived.
        """
        return self._decide(name, version, approved=True, reason=reason)

    def reject(self, name: str, version: int, *, reason: str) -> ModelVersionRecord:
        """Record that a gate or a person is against a version, which becomes `rejected`.

        Raises:
            InvalidInputError: The reason is missing.
            NotFoundError: No such model or version.
            ConflictError: The version carries an alias.
            StateTransitionError: The version is archived.
        """
        return self._decide(name, version, approved=False, reason=reason)

    def archive(self, name: str, version: int, *, reason: str) -> ModelVersionRecord:
        """Put a version away for good; its record and package stay.

        Raises:
            InvalidInputError: The reason is missing.
            NotFoundError: No such model or version.
            ConflictError: The version carries an alias.
        """
        _require_reason(reason)
        with self._changes.begin(name) as change:
            current = self._models.get_version(name, version)
            self._require_no_alias(current)
            changed = change.set_state(current, ModelVersionState.ARCHIVED, reason)
            change.audit("model.archive", changed.ref, reason=reason)
        return changed

    def attach(self, name: str, version: int, documents: Mapping[str, Digest]) -> ModelVersionRecord:
        """Add stored documents to a version, replacing those of the same name.

        Raises:
            NotFoundError: No such model or version.
        """
        with self._changes.begin(name) as change:
            changed = self._models.put_documents(name, version, documents)
            name_documents(self._stores.files, self._stores.artifacts, changed, documents, change.now)
            change.audit("model.attach", changed.ref, documents=dict(documents))
        return changed

    def _decide(self, name: str, version: int, *, approved: bool, reason: str) -> ModelVersionRecord:
        _require_reason(reason)
        state = ModelVersionState.APPROVED if approved else ModelVersionState.REJECTED
        with self._changes.begin(name) as change:
            current = self._models.get_version(name, version)
            if not approved:
                self._require_no_alias(current)
            decision = ApprovalRecord(
                name=name, version=version, actor=self._actor, approved=approved, reason=reason, at=change.now
            )
            self._models.append_approval(decision)
            changed = current
            # An approval that others have to follow changes nothing yet; those of an archived version are refused.
            if not approved or current.state is ModelVersionState.ARCHIVED or not self.objections(current):
                changed = change.set_state(current, state, reason)
            change.audit("model.approve" if approved else "model.reject", changed.ref, reason=reason)
        return changed

    def _before(self, current: AliasRecord) -> int | None:
        # The newest promotion of this version tells what it replaced. Rollbacks don't count: going back from 3 to 2
        # and back again must lead to 1, not to 3.
        for event in self._stores.audit.list(subject=f"{current.name}@{current.version}", limit=10_000):
            if event.action == _PROMOTE and event.details["alias"] == current.alias:
                previous: int | None = event.details["previous"]
                return previous
        return None

    def _alias(self, name: str, alias: str) -> AliasRecord:
        found = self._models.find_alias(name, alias)
        if found is None:
            resolve(self._models, name)  # says so when it is the model that is unknown
            known = [record.alias for record in self._models.list_aliases(name)]
            raise NotFoundError(f"The model '{name}' has no alias '{alias}'.", hint=closest(alias, known))
        return found

    def _require_no_alias(self, version: ModelVersionRecord) -> None:
        aliases = [a.alias for a in self._models.list_aliases(version.name) if a.version == version.version]
        if aliases:
            raise ConflictError(
                f"{version.ref} carries the alias {', '.join(aliases)}, so it cannot be taken out of use.",
                hint=f"Promote another version to {aliases[0]}, roll back, or delete the alias first.",
            )


def _edges(version: ModelVersionRecord, now: datetime) -> list[LineageEdge]:
    sources = [(NodeKind.DATASET, dataset, "trained_on") for dataset in version.datasets]
    if version.step_run_id is not None:
        sources.append((NodeKind.STEP_RUN, version.step_run_id, "wrote"))
    return [
        LineageEdge(
            source_kind=kind,
            source_id=source,
            relation=relation,
            target_kind=NodeKind.MODEL_VERSION,
            target_id=version.ref,
            at=now,
        )
        for kind, source, relation in sources
    ]


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInputError("Expected a reason, found none.", hint="Say why in a sentence: --reason '…'.")


def _require_promotable(version: ModelVersionRecord) -> None:
    if version.state is ModelVersionState.REJECTED:
        raise StateTransitionError(
            f"{version.ref} is rejected and may not carry an alias.",
            hint=f"If you stand for it, approve it with a reason first: mw models approve {version.ref} --reason '…'.",
        )
    if version.state is ModelVersionState.ARCHIVED:
        raise StateTransitionError(f"{version.ref} is archived, which is final.", hint="Register the model again.")
