"""What features are about, and what a feature is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from millwright.data.features.naming import checked_column_name, checked_definition_name, refuse_twice
from millwright.data.features.value_type import type_name, value_type

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Entity:
    """What features are about, such as a building, and the columns that identify one.

    Attributes:
        name: Letters, digits, `_` and `-`.
        keys: The columns whose values together identify one; the entity's own name when none are given.
        description: For people.
        owner: Who answers for it.
        tags: Anything else to be found by.

    Raises:
        InvalidInputError: A name is none, or a key stands there twice.

    Example:
        >>> Entity("building").keys
        ('building',)
    """

    name: str
    keys: tuple[str, ...] = ()
    _: KW_ONLY
    description: str = ""
    owner: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_definition_name(self.name, "an entity")
        keys = (self.keys,) if isinstance(self.keys, str) else tuple(self.keys) or (self.name,)
        object.__setattr__(self, "keys", keys)
        for key in keys:
            checked_column_name(key, f"a key of the entity '{self.name}'")
        refuse_twice(keys, f"The entity '{self.name}' has a key")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a view.

    Attributes:
        name: The column that holds it; any text without `:`.
        dtype: The Polars type of its values or the name of one, such as `Float64`, `String` or `List(Float32)`; kept
            as its name. Values come as this type, offline and online.
        description: For people.

    Raises:
        InvalidInputError: The name is none, or features cannot have this type.

    Example:
        >>> import polars as pl
        >>> Feature("mean_late", pl.Float64)
        Feature(name='mean_late', dtype='Float64', description='')
    """

    name: str
    dtype: str
    description: str = ""

    def __post_init__(self) -> None:
        checked_column_name(self.name, "a feature")
        object.__setattr__(self, "dtype", type_name(self.dtype))

    @property
    def polars_type(self) -> pl.DataType:
        """Its type in Polars."""
        return value_type(self.dtype)
