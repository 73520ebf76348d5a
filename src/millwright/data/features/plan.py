"""What has to be looked up and computed for some features, each view once however often it is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from millwright.core.errors import InvalidInputError
from millwright.data.features.naming import refuse_twice
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.view import FeatureSelection, FeatureView

if TYPE_CHECKING:
    from collections.abc import Sequence

StoredView: TypeAlias = FeatureView | StreamFeatureView


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookup:
    """Features that one join finds.

    Attributes:
        view: Where they are.
        entity_columns: The columns of the entity rows that hold the view's keys, in the view's order.
        features: The view's features that are wanted, in the view's order.
    """

    view: StoredView
    entity_columns: tuple[str, ...]
    features: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FeaturePlan:
    """How some features are found.

    Attributes:
        selections: What is wanted, in the order of the columns.
        lookups: The joins; no two of the same view with the same entity columns.
    """

    selections: tuple[FeatureSelection, ...]
    lookups: tuple[Lookup, ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the columns that come out, in their order."""
        return tuple(name for selection in self.selections for name in selection.outputs)

    @property
    def entity_columns(self) -> tuple[str, ...]:
        """The columns of keys that the entity rows must have, each once."""
        return tuple(dict.fromkeys(column for lookup in self.lookups for column in lookup.entity_columns))

    @property
    def request_columns(self) -> tuple[str, ...]:
        """The columns that on-demand views want of the request, each once."""
        return tuple(self.request_types)

    @property
    def request_types(self) -> dict[str, str]:
        """These columns with their Polars types."""
        views = [one.view for one in self.selections if isinstance(one.view, OnDemandFeatureView)]
        return {feature.name: feature.dtype for view in views for feature in view.request}

    @property
    def views(self) -> tuple[StoredView | OnDemandFeatureView, ...]:
        """Every view that takes part, each once."""
        found = {id(lookup.view): lookup.view for lookup in self.lookups}
        found |= {id(one.view): one.view for one in self.selections}
        return tuple(found.values())


def plan_features(selections: Sequence[FeatureSelection]) -> FeaturePlan:
    """How features are found.

    Args:
        selections: What is wanted; on-demand views stand beside others.

    Raises:
        InvalidInputError: Nothing is wanted, or two features would have one name.
    """
    if not selections:
        raise InvalidInputError("Expected features, found none.", hint="Name a feature service, or view:feature.")
    refuse_twice([name for one in selections for name in one.outputs], "There would be a column")
    stored: list[FeatureSelection] = []
    for selection in selections:
        stored += selection.view.sources if isinstance(selection.view, OnDemandFeatureView) else [selection]
    wanted: dict[tuple[str, tuple[str, ...]], tuple[StoredView, set[str]]] = {}
    for one in stored:
        _, names = wanted.setdefault((one.view.name, one.entity_columns), (one.view, set()))
        names.update(one.names)
    lookups = [
        Lookup(view=view, entity_columns=columns, features=tuple(name for name in view.names if name in names))
        for (_, columns), (view, names) in wanted.items()
    ]
    return FeaturePlan(selections=tuple(selections), lookups=tuple(lookups))
