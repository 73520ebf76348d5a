"""Registered models of this workspace's stores, as they are carried."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConflictError, NotFoundError
from millwright.core.ids import ModelVersionId, RunId, new_id
from millwright.core.records.model import ModelStage, ModelVersionRecord, ModelVersionState, RegisteredModelRecord
from millwright.registry.change import Changes
from millwright.registry.exchange.content import Model, Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.storage.catalog import Stores

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FLAVOR = "mlflow"
_LOGGED = re.compile(r"models:/(m-[0-9a-f]{32})/?")  # a version that is of a logged model
_REASON = "Imported."


class StoreModels:
    """Reads and writes registered models, each version with its audit entry and its event.

    Args:
        stores: Where they are.
        clock: The time.
        events: Told of versions and aliases.
        actor: Who carries, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, events: EventBus, actor: str) -> None:
        self._models = stores.models
        self._actor = actor
        self._changes = Changes(stores=stores, clock=clock, events=events, actor=actor)
        self._moved: dict[str, tuple[str, str]] = {}

    def remember(self, run_id: str, before: str, now: str) -> None:
        """Where a run's files were, and where they are: sources of versions are rewritten by it."""
        self._moved[run_id] = (before.rstrip("/"), now)

    def iter_models(self) -> Iterator[Model]:
        """See `Source.iter_models`."""
        for record in self._models.list_models():
            yield Model(
                name=record.name,
                created_ms=_millis(record.created_at),
                updated_ms=_millis(record.updated_at or record.created_at),
                description=record.description,
                tags=record.tags,
                aliases={alias.alias: alias.version for alias in self._models.list_aliases(record.name)},
            )

    def iter_versions(self, name: str) -> Iterator[Version]:
        """See `Source.iter_versions`."""
        for record in reversed(self._models.list_versions(name)):
            yield Version(
                name=record.name,
                version=record.version,
                created_ms=_millis(record.created_at),
                updated_ms=_millis(record.updated_at or record.created_at),
                source=record.source or f"models:/{record.name}/{record.version}",
                run_id=record.run_id or "",
                run_link=record.run_link,
                description=record.description,
                user=record.created_by,
                stage=record.stage.value,
                tags=record.tags,
            )

    def put_model(self, model: Model) -> bool:
        """See `Target.put_model`."""
        if self._models.find_model(model.name) is not None:
            return False
        record = RegisteredModelRecord(
            name=model.name,
            created_at=_moment(model.created_ms),
            updated_at=_moment(model.updated_ms),
            description=model.description,
            tags=model.tags,
        )
        with self._changes.begin(model.name) as change:
            self._models.create_model(record)
            change.audit("model.create", model.name, imported=True)
            change.tell_model("model.created", model.name, tags=dict(model.tags), description=model.description or None)
        return True

    def put_version(self, version: Version) -> bool:
        """See `Target.put_version`; numbers that were deleted where it came from are given and deleted here, too.

        Raises:
            ConflictError: The model has later versions of its own already.
        """
        with suppress(NotFoundError):
            self._models.get_version(version.name, version.version)
            return False
        record = self._record(version)
        with self._changes.begin(version.name) as change:
            made = self._models.create_version(record)
            while made.version < version.version:
                self._models.delete_version(version.name, made.version, change.now)
                made = self._models.create_version(self._record(version))
            if made.version != version.version:
                raise ConflictError(
                    f"Expected version {version.version} of {version.name} to be next, found {made.version}.",
                    hint="The model has versions of its own here; rename it before importing.",
                )
            change.audit("model.register", made.ref, source=made.source, imported=True)
            facts: dict[str, Any] = {"source": made.source, "run_id": made.run_id, "tags": dict(made.tags)}
            change.tell("model.registered", made, **facts, description=made.description or None)
        return True

    def put_aliases(self, model: Model) -> None:
        """See `Target.put_aliases`; aliases of versions that are not there are passed over, and found missing later."""
        for alias, number in model.aliases.items():
            with suppress(NotFoundError), self._changes.begin(model.name) as change:
                target = self._models.get_version(model.name, number)
                change.move_alias(alias, target, action="model.promote", reason=_REASON)

    def _record(self, version: Version) -> ModelVersionRecord:
        return ModelVersionRecord(
            id=ModelVersionId(new_id()),
            name=version.name,
            version=0,
            state=ModelVersionState.CANDIDATE,
            package=None,
            size_bytes=0,
            flavor=_FLAVOR,
            signature={},
            created_at=_moment(version.created_ms),
            updated_at=_moment(version.updated_ms),
            created_by=version.user or self._actor,
            run_id=RunId(version.run_id) if version.run_id else None,
            source=self._source(version),
            description=version.description,
            stage=ModelStage(version.stage),
            run_link=version.run_link,
            model_id=logged[1] if (logged := _LOGGED.fullmatch(version.source)) else None,
            tags=version.tags,
        )

    def _source(self, version: Version) -> str:
        before, now = self._moved.get(version.run_id, ("", ""))
        if before and (version.source == before or version.source.startswith(f"{before}/")):
            return now + version.source.removeprefix(before)
        return version.source


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
