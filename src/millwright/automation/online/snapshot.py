"""Snapshots: versions of the registry that say up to which label they have learnt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.automation.online.stream import Position
from millwright.core.digest import canonical_json
from millwright.core.errors import InvalidInputError
from millwright.models.flavors.river import RiverModel
from millwright.models.package import pack, read_manifest, unpack
from millwright.registry.draft import VersionDraft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.model import ModelVersionRecord
    from millwright.models.model import Model
    from millwright.registry.registry import Registry
    from millwright.storage.base import ArtifactStore

DOCUMENT = "online.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What a version says of its learning.

    Attributes:
        position: Behind the last label that it has learnt.
        parent: The version that it went on from; None of one that was registered by other means.
        learnt: Labels that it has learnt since then.
        metric: The guard's metric.
        value: Its value over the window before; None when it had none.
        is_good: Whether that was within the guard's limit.
        window: The labels and answers that the value is of, as `Prequential.to_json` gives them: whoever goes on from
            here guards it from the first label on.
    """

    position: Position
    parent: int | None = None
    learnt: int = 0
    metric: str = ""
    value: float | None = None
    is_good: bool = True
    window: Sequence[Sequence[Any]] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "position": self.position.to_json(),
            "parent": self.parent,
            "learnt": self.learnt,
            "metric": self.metric,
            "value": self.value,
            "is_good": self.is_good,
            "window": [list(row) for row in self.window],
        }

    @classmethod
    def of(cls, version: ModelVersionRecord, artifacts: ArtifactStore) -> Snapshot:
        """Of a version; one that was registered by other means has learnt what there was then."""
        if DOCUMENT not in version.documents:
            return cls(position=Position(version.created_at))
        told: Mapping[str, Any] = json.loads(artifacts.get(version.documents[DOCUMENT]))
        return cls(**{**told, "position": Position.from_json(told["position"])})


def load(version: ModelVersionRecord, artifacts: ArtifactStore) -> Model:
    """The model of a version, ready to learn; nobody else has this object.

    Raises:
        InvalidInputError: It is no model of River.
    """
    if version.package is None:
        raise InvalidInputError(f"{version.ref} has no package, so that it cannot learn online.")
    model = unpack(artifacts.get(version.package))
    if not isinstance(model.estimator, RiverModel):
        raise InvalidInputError(
            f"Expected a model of River to learn online, found {version.ref} of flavor '{version.flavor}'.",
            hint="Register a model of the flavor 'river', and point the alias at it.",
        )
    return model


def save(
    model: Model, snapshot: Snapshot, parent: ModelVersionRecord, *, registry: Registry, artifacts: ArtifactStore
) -> ModelVersionRecord:
    """Register what was learnt as a version; its other documents, such as the reference, are its parent's.

    Args:
        model: As it is now.
        snapshot: What it says of its learning.
        parent: The version that it went on from.
        registry: Such as a workspace's.
        artifacts: Of the same workspace.
    """
    package = pack(model)
    manifest = read_manifest(package)
    document = artifacts.put(canonical_json(snapshot.to_json()))
    known = {} if snapshot.value is None else {f"prequential_{snapshot.metric}": snapshot.value}
    return registry.register(
        VersionDraft(
            name=parent.name,
            package=artifacts.put(package),
            size_bytes=len(package),
            flavor=model.flavor,
            signature=manifest["signature"],
            params=dict(parent.params),
            metrics=known,
            compilation=dict(parent.compilation),  # why there is none, which stays so
            datasets=parent.datasets,
            documents={**parent.documents, DOCUMENT: document},
            tags={"online_parent": str(parent.version)},
        )
    )
