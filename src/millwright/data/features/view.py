"""Feature views: features that are columns of a dataset, or computed from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import timedelta
from typing import Any

from millwright.core.errors import InvalidInputError, closest
from millwright.data.datasets.name import checked_name
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.naming import checked_column_name, checked_definition_name, refuse_twice
from millwright.data.features.transform import Transform, checked_transform, transform_code


@dataclass(frozen=True, slots=True, eq=False)
class FeatureView:
    """Features of entities over time, from the rows of a dataset.

    Attributes:
        name: Letters, digits, `_` and `-`.
        entities: Whose features these are; the keys of all of them together tell rows apart. None: features of the
            world, such as the weather, the same for everybody.
        source: The dataset whose rows (or the rows computed from them) hold the features.
        features: The columns that are features.
        timestamp: The column with the moment since which a row is true. Naive moments count as UTC, dates as their
            midnight.
        created: The column with the moment at which a row was recorded; a row is not used for moments before that.
            None: the column `created` when there is one. Empty: never.
        ttl: For how long a row counts, exactly that long included; None for ever.
        transform: What makes the rows of the source: Polars expressions that add columns, SQL over the source by its
            name (dots as `_`), or a function of a Narwhals lazy frame (its parameter named likewise). None: they are
            columns already.
        online: Whether the newest values are brought to the online store.
        description: For people.
        owner: Who answers for it.
        tags: Anything else to be found by.

    Raises:
        InvalidInputError: Something of it is not as said here.

    Example:
        >>> history = FeatureView(
        ...     "building_history",
        ...     entities=[Entity("building")],
        ...     source="phases",
        ...     features=[Feature("mean_late", "Float64"), Feature("phases", "Int64")],
        ...     timestamp="known_at",
        ...     ttl=timedelta(days=365),
        ... )
        >>> history.keys
        ('building',)
        >>> history[["phases"]].names
        ('phases',)
    """

    name: str
    _: KW_ONLY
    entities: tuple[Entity, ...]
    source: str
    features: tuple[Feature, ...]
    timestamp: str = "event_timestamp"
    created: str | None = None
    ttl: timedelta | None = None
    transform: Transform = None
    online: bool = True
    description: str = ""
    owner: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    code: str = field(init=False, default="")

    def __post_init__(self) -> None:
        checked_definition_name(self.name, "a feature view")
        checked_name(self.source)
        object.__setattr__(self, "entities", checked_entities(self.entities, self.name))
        object.__setattr__(self, "features", checked_features(self.features, self.name))
        object.__setattr__(self, "transform", checked_transform(self.transform, self.name))
        object.__setattr__(self, "code", transform_code(self.transform))
        check_moments(self.timestamp, self.created, self.ttl, self.name)
        special = [*self.keys, self.timestamp, *([self.created] if self.created else [])]
        refuse_twice(special, f"'{self.name}' names a column as key or moment")
        both = sorted(set(special) & {feature.name for feature in self.features})
        if both:
            raise InvalidInputError(
                f"'{self.name}' names {', '.join(map(repr, both))} as a feature and as a key or moment.",
                hint="Make the feature by a transformation, under another name.",
            )

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of all its entities, in their order."""
        return tuple(key for entity in self.entities for key in entity.keys)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its features."""
        return tuple(feature.name for feature in self.features)

    def __getitem__(self, features: str | Sequence[str]) -> FeatureSelection:
        return FeatureSelection(view=self, names=(features,) if isinstance(features, str) else tuple(features))

    def with_keys(self, keys: Mapping[str, str], *, prefix: str = "") -> FeatureSelection:
        """All its features, for entities whose keys have other names where they are wanted.

        Args:
            keys: Key of the view → column of the entity rows, such as `{"building": "origin_building"}`.
            prefix: Put before the features' names, so that the same view can be wanted twice.

        Raises:
            InvalidInputError: The view has no such key.
        """
        return FeatureSelection(view=self, names=self.names).with_keys(keys, prefix=prefix)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FeatureSelection:
    """Some features of a view, perhaps for keys of other names.

    Attributes:
        view: A feature view, stream view or on-demand view.
        names: The features, by their names in the view.
        keys: Key of the view → column of the entity rows; keys that are not in it have the same name there.
        prefix: Put before the features' names.

    Raises:
        InvalidInputError: The view lacks a feature or a key.
    """

    view: Any
    names: tuple[str, ...]
    keys: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""

    def __post_init__(self) -> None:
        known = [feature.name for feature in self.view.features]
        if not self.names:
            raise InvalidInputError(f"Nothing is chosen of '{self.view.name}'.", hint=f"It has {', '.join(known)}.")
        for name in self.names:
            if name not in known:
                raise InvalidInputError(f"'{self.view.name}' has no feature '{name}'.", hint=closest(name, known))
        refuse_twice(self.names, f"Of '{self.view.name}' is chosen")
        for key, column in self.keys.items():
            if key not in self.view.keys:
                raise InvalidInputError(f"'{self.view.name}' has no key '{key}'.", hint=closest(key, self.view.keys))
            checked_column_name(column, f"where the key '{key}' stands")
        refuse_twice(self.entity_columns, f"Keys of '{self.view.name}' are read from a column")

    @property
    def entity_columns(self) -> tuple[str, ...]:
        """The columns of the entity rows that hold the view's keys, in the view's order."""
        return tuple(self.keys.get(key, key) for key in self.view.keys)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What the chosen features are called where they are wanted."""
        return tuple(f"{self.prefix}{name}" for name in self.names)

    def with_keys(self, keys: Mapping[str, str], *, prefix: str = "") -> FeatureSelection:
        """The same features for keys of other names; see `FeatureView.with_keys`."""
        return FeatureSelection(view=self.view, names=self.names, keys=dict(keys), prefix=prefix)


def checked_entities(entities: Sequence[Entity], view: str) -> tuple[Entity, ...]:
    """The entities of a view.

    Raises:
        InvalidInputError: One is none, or two have a key in common.
    """
    found = (entities,) if isinstance(entities, Entity) else tuple(entities)
    for entity in found:
        if not isinstance(entity, Entity):
            raise InvalidInputError(
                f"Expected entities in '{view}', found {entity!r}.", hint=f"Write mw.Entity({str(entity)!r})."
            )
    refuse_twice([key for entity in found for key in entity.keys], f"The entities of '{view}' have a key")
    return found


def checked_features(features: Sequence[Feature], view: str) -> tuple[Feature, ...]:
    """The features of a view, at least one.

    Raises:
        InvalidInputError: There is none, one is not a `Feature`, or a name is there twice.
    """
    found = (features,) if isinstance(features, Feature) else tuple(features)
    if not found:
        raise InvalidInputError(f"'{view}' has no features.", hint='Name some: features=[mw.Feature("x", "Float64")].')
    for feature in found:
        if not isinstance(feature, Feature):
            raise InvalidInputError(
                f"Expected features in '{view}', found {feature!r}.", hint='Write mw.Feature("name", "Float64").'
            )
    refuse_twice([feature.name for feature in found], f"'{view}' has a feature")
    return found


def check_moments(timestamp: str, created: str | None, ttl: timedelta | None, view: str) -> None:
    """Refuse columns of moments that have no name, and a time to live that is none.

    Raises:
        InvalidInputError: One of these.
    """
    checked_column_name(timestamp, f"the timestamp of '{view}'")
    if created:
        checked_column_name(created, f"the created timestamp of '{view}'")
    if ttl is not None and (not isinstance(ttl, timedelta) or ttl <= timedelta(0)):
        raise InvalidInputError(
            f"Expected a duration above 0 as the ttl of '{view}', found {ttl!r}.",
            hint="For example timedelta(days=90); leave it out to let values count for ever.",
        )
