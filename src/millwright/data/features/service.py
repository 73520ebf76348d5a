"""Feature services: the features that one model uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.data.features.naming import checked_definition_name, refuse_twice
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.view import FeatureSelection, FeatureView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

View: TypeAlias = "FeatureView | StreamFeatureView | OnDemandFeatureView"


@dataclass(frozen=True, slots=True, eq=False)
class FeatureService:
    """What one model uses: the same list for its training sets and for its predictions.

    Attributes:
        name: Letters, digits, `_` and `-`.
        features: Views, or selections of them, in the order of the columns.
        description: For people.
        owner: Who answers for it.
        tags: Anything else to be found by.

    Raises:
        InvalidInputError: There is nothing in it, or two features would have one name.

    Example:
        >>> from millwright.data.features.entity import Entity, Feature
        >>> history = FeatureView(
        ...     "history", entities=[Entity("building")], source="phases", features=[Feature("late", "Float64")]
        ... )
        >>> FeatureService("delay", [history]).outputs
        ('late',)
    """

    name: str
    features: tuple[FeatureSelection, ...]
    _: KW_ONLY
    description: str = ""
    owner: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_definition_name(self.name, "a feature service")
        object.__setattr__(self, "features", checked_selections(self.features, self.name))
        if not self.features:
            raise InvalidInputError(f"'{self.name}' has no features.", hint="Give it views: features=[view, …].")
        refuse_twice(self.outputs, f"'{self.name}' would have a feature")

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its features, in their order."""
        return tuple(name for selection in self.features for name in selection.outputs)

    @property
    def code(self) -> str:
        """No code of its own."""
        return ""


def checked_selections(features: Sequence[View | FeatureSelection], name: str) -> tuple[FeatureSelection, ...]:
    """Views and selections of views as selections.

    Raises:
        InvalidInputError: One is neither.
    """
    kinds = FeatureView | StreamFeatureView | OnDemandFeatureView
    found = []
    for one in (features,) if isinstance(features, kinds | FeatureSelection) else tuple(features):
        if isinstance(one, kinds):
            found.append(FeatureSelection(view=one, names=one.names))
        elif isinstance(one, FeatureSelection):
            found.append(one)
        else:
            raise InvalidInputError(
                f"Expected feature views in '{name}', found {one!r}.", hint='Give views, or view[["a", "b"]].'
            )
    return tuple(found)
