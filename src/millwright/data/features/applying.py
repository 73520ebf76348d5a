"""What recording definitions would change, and the recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.core.records.feature import FeatureDefinitionRecord, FeatureKind
from millwright.data.features.definition import (
    Definition,
    Entity,
    definition_digest,
    definition_kind,
    definition_sources,
    definition_values,
    used_by,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_ORDER = tuple(FeatureKind)
_ORIGIN = "origin"


class ChangeKind(StrEnum):
    """What happens to a definition."""

    NEW = "new"  # its first version
    CHANGED = "changed"  # its next version: values may differ
    DESCRIBED = "described"  # the same version, told otherwise
    UNCHANGED = "unchanged"  # nothing
    RETIRED = "retired"  # it is offered no more
    ABSENT = "absent"  # recorded, but not among what was given; it stays


@dataclass(frozen=True, kw_only=True, slots=True)
class DefinitionChange:
    """What happens, or happened, to one definition.

    Attributes:
        record: What is recorded then.
    """

    kind: ChangeKind
    record: FeatureDefinitionRecord


def closure(definitions: Sequence[Definition]) -> list[Definition]:
    """Definitions and all that they are made of, each once, parts before what is made of them.

    Raises:
        InvalidInputError: Two of one kind have the same name and differ, or something is no definition.
    """
    found: dict[tuple[FeatureKind, str], Definition] = {}

    def add(definition: Any) -> None:
        if not isinstance(definition, Definition):
            raise InvalidInputError(
                f"Expected entities, feature views or services, found {type(definition).__name__}.",
                hint="See: mw features --help",
            )
        for part in used_by(definition):
            add(part)
        kind = definition_kind(definition)
        other = found.setdefault((kind, definition.name), definition)
        if other is not definition and definition_digest(other) != definition_digest(definition):
            raise InvalidInputError(
                f"There are two that differ of the {kind.value.replace('_', ' ')} '{definition.name}'.",
                hint="Define it once, and use that everywhere.",
            )
        if getattr(definition, "description", "") and not other.description:
            found[kind, definition.name] = definition  # an entity may be named again without its description

    for definition in definitions:
        add(definition)
    return sorted(found.values(), key=lambda one: (_ORDER.index(definition_kind(one)), one.name))


def draft(
    definition: Definition, *, at: datetime, actor: str, origin: Mapping[str, str] | None = None
) -> FeatureDefinitionRecord:
    """The record of a definition, before it has a version.

    Args:
        definition: What to record.
        at: The time.
        actor: Who records it.
        origin: Where its code is kept: `snapshot` and `entrypoint`; for those with a Python function.
    """
    values = definition_values(definition)
    if origin and (values.get("transform") or {}).get("kind") == "function":
        values[_ORIGIN] = dict(origin)
    return FeatureDefinitionRecord(
        kind=definition_kind(definition),
        name=definition.name,
        version=0,
        digest=definition_digest(definition),
        definition=values,
        created_at=at,
        actor=actor,
        code="" if isinstance(definition, Entity) else definition.code,
        description=definition.description,
        owner=definition.owner,
        tags=dict(definition.tags),
        sources=definition_sources(definition),
    )


def change_of(new: FeatureDefinitionRecord, old: FeatureDefinitionRecord | None) -> ChangeKind:
    """What recording a draft would do.

    Args:
        new: The draft.
        old: The latest version; None when there is none.
    """
    if old is None:
        return ChangeKind.NEW
    if old.digest != new.digest:
        return ChangeKind.CHANGED
    return ChangeKind.UNCHANGED if _told(old) == _told(new) and not old.retired else ChangeKind.DESCRIBED


def keep_origin(new: FeatureDefinitionRecord, old: FeatureDefinitionRecord | None) -> FeatureDefinitionRecord:
    """A draft with the place of the code that is kept already: the same digest means the same code."""
    if old is None or old.digest != new.digest or _ORIGIN not in old.definition:
        return new
    return replace(new, definition={**new.definition, _ORIGIN: old.definition[_ORIGIN]})


def _told(record: FeatureDefinitionRecord) -> tuple[Any, ...]:
    values = {key: value for key, value in record.definition.items() if key != _ORIGIN}
    return values, record.description, record.owner, dict(record.tags), record.sources
