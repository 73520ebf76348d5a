"""Definitions made again from their records."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, MillwrightError
from millwright.core.records.feature import FeatureKind
from millwright.data.features.definition import (
    Definition,
    Entity,
    Feature,
    FeatureSelection,
    FeatureService,
    FeatureView,
    StreamFeatureView,
    Window,
)
from millwright.data.features.transform import transform_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from millwright.core.records.feature import FeatureDefinitionRecord

    Resolve = Callable[[FeatureKind, str], Definition]


def has_function(record: FeatureDefinitionRecord) -> bool:
    """Whether a definition holds a Python function, which only its file gives back."""
    return (record.definition.get("transform") or {}).get("kind") == "function"


def restored(record: FeatureDefinitionRecord, resolve: Resolve) -> Definition:
    """The definition that a record holds.

    Args:
        record: Of one without a Python function.
        resolve: Gives the views that a service names.

    Raises:
        InvalidInputError: The record was written by a newer Millwright, or cannot be read.
        NotFoundError: A view that the service names is not there.
    """
    values = record.definition
    people: dict[str, Any] = {"description": record.description, "owner": record.owner, "tags": dict(record.tags)}
    try:
        match record.kind:
            case FeatureKind.ENTITY:
                return Entity(record.name, tuple(values["keys"]), **people)
            case FeatureKind.VIEW:
                return FeatureView(
                    record.name,
                    **_stored(values),
                    features=features_from(values["features"]),
                    transform=transform_from(values["transform"], record.name),
                    **people,
                )
            case FeatureKind.STREAM_VIEW:
                windows = tuple(_window(window) for window in values["windows"])
                stored = {**_stored(values), "event_id": values.get("event_id")}
                return StreamFeatureView(record.name, **stored, windows=windows, **people)
            case FeatureKind.SERVICE:
                chosen = tuple(selection_from(one, resolve) for one in values["features"])
                return FeatureService(record.name, chosen, **people)
            case FeatureKind.ON_DEMAND_VIEW:
                pass
    except MillwrightError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInputError(
            f"The record of '{record.ref}' cannot be read: {type(error).__name__}: {error}.",
            hint="Apply its file again: mw features apply features.py",
        ) from error
    raise InvalidInputError(
        f"'{record.ref}' is a Python function, which is not made from its record.",
        hint="Load the file that defines it.",
    )


def features_from(values: Sequence[Mapping[str, str]]) -> tuple[Feature, ...]:
    """Features from what `definition_values` gave."""
    return tuple(Feature(one["name"], one["dtype"], one.get("description", "")) for one in values)


def selection_from(values: Mapping[str, Any], resolve: Resolve) -> FeatureSelection:
    """A selection from what `definition_values` gave."""
    view = resolve(FeatureKind(values["kind"]), str(values["view"]))
    return FeatureSelection(
        view=view, names=tuple(values["features"]), keys=dict(values["keys"]), prefix=str(values["prefix"])
    )


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "entities": tuple(Entity(one["name"], tuple(one["keys"])) for one in values["entities"]),
        "source": values["source"],
        "timestamp": values["timestamp"],
        "created": values["created"],
        "ttl": _duration(values["ttl_us"]),
        "online": values["online"],
    }


def _window(values: Mapping[str, Any]) -> Window:
    return Window(
        values["feature"],
        values["column"],
        values["kind"],
        over=timedelta(microseconds=values["over_us"]),
        n=values["n"],
        hop=_duration(values["hop_us"]),
        dtype=values["dtype"],
    )


def _duration(us: int | None) -> timedelta | None:
    return None if us is None else timedelta(microseconds=us)
