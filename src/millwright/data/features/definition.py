"""Definitions of features, the public classes; and as JSON values, which is how they are recorded.

A definition says what features are, once; training sets and predictions are both made from it. Its digest covers what
decides values: not descriptions, owners, tags, or whether it is online.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from millwright.core.digest import digest_json
from millwright.core.records.feature import FeatureKind
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.service import FeatureService
from millwright.data.features.stream_view import StreamFeatureView, Window, WindowKind
from millwright.data.features.transform import transform_values
from millwright.data.features.view import FeatureSelection, FeatureView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.core.ids import Digest

__all__ = [
    "Definition",
    "Entity",
    "Feature",
    "FeatureSelection",
    "FeatureService",
    "FeatureView",
    "OnDemandFeatureView",
    "StreamFeatureView",
    "Window",
    "WindowKind",
    "definition_digest",
    "definition_kind",
    "definition_sources",
    "definition_values",
    "used_by",
]

Definition: TypeAlias = Entity | FeatureView | StreamFeatureView | OnDemandFeatureView | FeatureService

_KINDS: dict[type, FeatureKind] = {
    Entity: FeatureKind.ENTITY,
    FeatureView: FeatureKind.VIEW,
    StreamFeatureView: FeatureKind.STREAM_VIEW,
    OnDemandFeatureView: FeatureKind.ON_DEMAND_VIEW,
    FeatureService: FeatureKind.SERVICE,
}
_MICROSECOND = timedelta(microseconds=1)


def definition_kind(definition: Definition) -> FeatureKind:
    """What a definition defines."""
    return _KINDS[type(definition)]


def definition_values(definition: Definition) -> dict[str, Any]:
    """What was declared, as JSON values, without name, description, owner and tags; durations in microseconds."""
    match definition:
        case Entity():
            return {"keys": list(definition.keys)}
        case FeatureView():
            return {
                **_stored(definition),
                "features": _features(definition.features),
                "transform": transform_values(definition.transform, definition.name, code=definition.code),
            }
        case StreamFeatureView():
            windows = [_window(window) for window in definition.windows]
            return {**_stored(definition), "event_id": definition.event_id, "windows": windows}
        case OnDemandFeatureView():
            return {
                "sources": [_selection(selection) for selection in definition.sources],
                "request": _features(definition.request),
                "features": _features(definition.features),
                "transform": {"kind": "function", "source": definition.code},
            }
        case FeatureService():
            return {"features": [_selection(selection) for selection in definition.features]}


def definition_digest(definition: Definition) -> Digest:
    """The digest of all that decides values; the same for the same definition on every machine."""
    values = _deciding(definition_values(definition))
    return digest_json([definition_kind(definition).value, definition.name, values])


def definition_sources(definition: Definition) -> tuple[str, ...]:
    """What a definition reads: `dataset/<name>`, and other definitions as `<kind>/<name>`, each once."""
    match definition:
        case Entity():
            return ()
        case FeatureView() | StreamFeatureView():
            return (f"dataset/{definition.source}", *(f"entity/{entity.name}" for entity in definition.entities))
        case _:
            selections = definition.features if isinstance(definition, FeatureService) else definition.sources
    return tuple(dict.fromkeys(f"{definition_kind(one.view).value}/{one.view.name}" for one in selections))


def used_by(definition: Definition) -> Iterable[Definition]:
    """The definitions that a definition is directly made of."""
    match definition:
        case Entity():
            return ()
        case FeatureView() | StreamFeatureView():
            return definition.entities
        case OnDemandFeatureView():
            return [selection.view for selection in definition.sources]
        case FeatureService():
            return [selection.view for selection in definition.features]


def _stored(view: FeatureView | StreamFeatureView) -> dict[str, Any]:
    return {
        "entities": [{"name": entity.name, "keys": list(entity.keys)} for entity in view.entities],
        "source": view.source,
        "timestamp": view.timestamp,
        "created": view.created,
        "ttl_us": _microseconds(view.ttl),
        "online": view.online,
    }


def _features(features: tuple[Feature, ...]) -> list[dict[str, str]]:
    return [{"name": one.name, "dtype": one.dtype, "description": one.description} for one in features]


def _window(window: Window) -> dict[str, Any]:
    return {
        "feature": window.feature,
        "column": window.column,
        "kind": window.kind.value,
        "over_us": _microseconds(window.over),
        "n": window.n,
        "hop_us": _microseconds(window.hop),
        "dtype": window.dtype,
    }


def _selection(selection: FeatureSelection) -> dict[str, Any]:
    return {
        "kind": definition_kind(selection.view).value,
        "view": selection.view.name,
        "features": list(selection.names),
        "keys": dict(selection.keys),
        "prefix": selection.prefix,
    }


def _microseconds(duration: timedelta | None) -> int | None:
    return None if duration is None else duration // _MICROSECOND


def _deciding(values: dict[str, Any]) -> dict[str, Any]:
    """What was declared, without what is only for people and without whether it is online."""
    deciding = {key: value for key, value in values.items() if key != "online"}
    for key in ("features", "request"):
        if key in deciding:
            deciding[key] = [{k: v for k, v in one.items() if k != "description"} for one in deciding[key]]
    return deciding
