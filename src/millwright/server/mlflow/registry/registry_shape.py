"""Registered models and versions as they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from millwright.registry.file_tree import version_location
from millwright.server.mlflow.answer import Wire, millis

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from millwright.core.records.model import AliasRecord, ModelVersionRecord, RegisteredModelRecord


class Pair(msgspec.Struct):
    """A tag, as it is asked for."""

    key: str = ""
    value: str = ""


class WireTag(Wire):
    """A tag."""

    key: str
    value: str


class WireAlias(Wire):
    """An alias of a model."""

    alias: str
    version: str


class WireVersion(Wire):
    """A model version."""

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    current_stage: str
    description: str
    source: str
    run_id: str
    status: str
    run_link: str
    tags: list[WireTag] = msgspec.field(default_factory=list)
    aliases: list[str] = msgspec.field(default_factory=list)
    model_id: str = ""


class WireModel(Wire):
    """A registered model."""

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str = ""
    latest_versions: list[WireVersion] = msgspec.field(default_factory=list)
    tags: list[WireTag] = msgspec.field(default_factory=list)
    aliases: list[WireAlias] = msgspec.field(default_factory=list)


class OneModel(Wire):
    """An answer that is a registered model."""

    registered_model: WireModel


class OneVersion(Wire):
    """An answer that is a version."""

    model_version: WireVersion


class ManyModels(Wire):
    """A page of registered models."""

    registered_models: list[WireModel] = msgspec.field(default_factory=list)
    next_page_token: str = ""


class ManyVersions(Wire):
    """Versions, or a page of them."""

    model_versions: list[WireVersion] = msgspec.field(default_factory=list)
    next_page_token: str = ""


def wire_version(record: ModelVersionRecord, aliases: Iterable[AliasRecord] = ()) -> WireVersion:
    """A version as it is sent.

    Args:
        record: The version.
        aliases: Those of its model, of which it gets its own; MLflow sends none in searches.
    """
    return WireVersion(
        name=record.name,
        version=str(record.version),
        creation_timestamp=millis(record.created_at),
        last_updated_timestamp=millis(record.updated_at or record.created_at),
        current_stage=record.stage.value,
        description=record.description,
        source=record.source or version_location(record),
        run_id=record.run_id or "",
        status="READY",
        run_link=record.run_link,
        tags=_tags(record.tags),
        aliases=[alias.alias for alias in aliases if alias.version == record.version],
        model_id=record.model_id or "",
    )


def wire_model(
    record: RegisteredModelRecord, latest: Sequence[ModelVersionRecord] = (), aliases: Sequence[AliasRecord] = ()
) -> WireModel:
    """A registered model as it is sent.

    Args:
        record: The model.
        latest: Its newest version in each stage.
        aliases: Its aliases.
    """
    return WireModel(
        name=record.name,
        creation_timestamp=millis(record.created_at),
        last_updated_timestamp=millis(record.updated_at or record.created_at),
        description=record.description,
        latest_versions=[wire_version(version) for version in latest],
        tags=_tags(record.tags),
        aliases=[WireAlias(alias=alias.alias, version=str(alias.version)) for alias in aliases],
    )


def _tags(tags: Mapping[str, str]) -> list[WireTag]:
    return [WireTag(key=key, value=value) for key, value in tags.items()]
