"""Registered models, versions, aliases and approvals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from millwright.core.ids import Digest
    from millwright.core.records.model import (
        AliasRecord,
        ApprovalRecord,
        ModelVersionRecord,
        ModelVersionState,
        RegisteredModelRecord,
    )


class ModelStore(ABC):
    """The registry's records; `ModelSearchStore` finds them.

    Safe to use from many threads and processes. What a method has written is durable when it returns, or when the
    caller's transaction ends. Records that were given never change. Deleted versions are never given.
    """

    @abstractmethod
    def create_model(self, record: RegisteredModelRecord) -> None:
        """Add a name.

        Raises:
            AlreadyExistsError: The name is taken.
        """

    @abstractmethod
    def find_model(self, name: str) -> RegisteredModelRecord | None:
        """The registered model of that name."""

    @abstractmethod
    def list_models(self) -> list[RegisteredModelRecord]:
        """All registered models, by name."""

    @abstractmethod
    def lock_model(self, name: str) -> None:
        """Make other transactions that lock the same name wait until this one ends; an unknown name locks nothing."""

    @abstractmethod
    def update_model(self, name: str, record: RegisteredModelRecord) -> None:
        """Replace a model's description, tags and time of change; what it has follows a new name.

        Raises:
            NotFoundError: No such model.
            AlreadyExistsError: The new name is taken.
        """

    @abstractmethod
    def delete_model(self, name: str) -> None:
        """Remove a name with its versions, aliases and approvals for good.

        Raises:
            NotFoundError: No such model.
        """

    @abstractmethod
    def create_version(self, record: ModelVersionRecord) -> ModelVersionRecord:
        """Add a version; its number in the record is replaced by the next free one.

        Raises:
            NotFoundError: The name is not registered.
        """

    @abstractmethod
    def get_version(self, name: str, version: int) -> ModelVersionRecord:
        """A version.

        Raises:
            NotFoundError: No such model or version; the message names the closest.
        """

    @abstractmethod
    def find_by_package(self, name: str, package: Digest) -> ModelVersionRecord | None:
        """The newest version of a name with exactly this package."""

    @abstractmethod
    def list_versions(self, name: str | None = None) -> list[ModelVersionRecord]:
        """Versions, newest first, of one name when given."""

    @abstractmethod
    def set_state(self, name: str, version: int, state: ModelVersionState) -> ModelVersionRecord:
        """Change a version's state; the same state again is fine.

        Raises:
            NotFoundError: No such model or version.
            StateTransitionError: The state cannot follow the present one.
        """

    @abstractmethod
    def update_version(self, record: ModelVersionRecord) -> None:
        """Replace a version's description, stage, tags and time of change; the rest stays as it is stored.

        Raises:
            NotFoundError: No such model or version.
        """

    @abstractmethod
    def delete_version(self, name: str, version: int, at: datetime) -> None:
        """Remove a version with its aliases; its number is not given again.

        Raises:
            NotFoundError: No such model or version.
        """

    @abstractmethod
    def put_documents(self, name: str, version: int, documents: Mapping[str, Digest]) -> ModelVersionRecord:
        """Attach documents, replacing those of the same name.

        Raises:
            NotFoundError: No such model or version.
        """

    @abstractmethod
    def put_alias(self, record: AliasRecord) -> None:
        """Point an alias at a version, moving it if it is there.

        Raises:
            NotFoundError: No such model or version.
        """

    @abstractmethod
    def delete_alias(self, name: str, alias: str) -> None:
        """Remove an alias; nothing happens when it is not there."""

    @abstractmethod
    def find_alias(self, name: str, alias: str) -> AliasRecord | None:
        """The alias of that name on a model."""

    @abstractmethod
    def list_aliases(self, name: str | None = None) -> list[AliasRecord]:
        """Aliases by model, then alias."""

    @abstractmethod
    def append_approval(self, record: ApprovalRecord) -> None:
        """Add an approval or refusal.

        Raises:
            NotFoundError: No such model or version.
        """

    @abstractmethod
    def list_approvals(self, name: str, version: int) -> list[ApprovalRecord]:
        """Approvals and refusals of a version, oldest first."""
