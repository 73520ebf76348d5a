"""On-demand views: features that are computed when they are read, by one function everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.testing import assert_frame_equal

from millwright.core.errors import InvalidInputError
from millwright.data.features.entity import Feature
from millwright.data.features.naming import checked_definition_name, refuse_twice
from millwright.data.features.source_code import normalised_source
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.view import FeatureSelection, FeatureView, checked_features

if TYPE_CHECKING:
    from typing import TypeAlias

_ROUNDING = 1e-6  # vectorised arithmetic may round otherwise; Float32 has seven digits

Source: TypeAlias = "FeatureView | StreamFeatureView | FeatureSelection"


@dataclass(frozen=True, slots=True, eq=False)
class OnDemandFeatureView:
    """Features computed from other views' features and from the request, by one function offline and online.

    Attributes:
        name: Letters, digits, `_` and `-`.
        sources: The views (or selections of them) whose features the function gets as columns.
        request: What must come with the request (in training sets: with the entity rows), as columns.
        features: What the function gives.
        transform: Takes a Polars data frame of the sources' features and the request's columns, one row per wanted
            row, and gives a frame of as many rows, in their order, with the features among its columns. Each row must
            be computed from itself alone.
        description: For people.
        owner: Who answers for it.
        tags: Anything else to be found by.

    Raises:
        InvalidInputError: Something of it is not as said here.

    Example:
        >>> view = OnDemandFeatureView(
        ...     "budget_share",
        ...     request=[Feature("cost", "Float64"), Feature("budget", "Float64")],
        ...     features=[Feature("share", "Float64")],
        ...     transform=lambda frame: frame.select(share=pl.col("cost") / pl.col("budget")),
        ... )
        >>> view.compute(pl.DataFrame({"cost": [1.0], "budget": [4.0]}))["share"].to_list()
        [0.25]
    """

    name: str
    _: KW_ONLY
    sources: tuple[FeatureSelection, ...] = ()
    request: tuple[Feature, ...] = ()
    features: tuple[Feature, ...]
    transform: Callable[[pl.DataFrame], pl.DataFrame]
    description: str = ""
    owner: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    code: str = field(init=False, default="")

    def __post_init__(self) -> None:
        checked_definition_name(self.name, "an on-demand feature view")
        object.__setattr__(self, "sources", checked_sources(self.sources, self.name))
        object.__setattr__(self, "features", checked_features(self.features, self.name))
        request = (self.request,) if isinstance(self.request, Feature) else tuple(self.request)
        object.__setattr__(self, "request", checked_features(request, self.name) if request else ())
        if not self.sources and not self.request:
            raise InvalidInputError(f"'{self.name}' has neither sources nor a request.", hint="It needs one of them.")
        if not callable(self.transform):
            raise InvalidInputError(
                f"Expected a function as the transformation of '{self.name}', found {type(self.transform).__name__}.",
                hint="It takes a Polars data frame, and gives one.",
            )
        object.__setattr__(self, "code", normalised_source(self.transform))
        refuse_twice(self.inputs, f"'{self.name}' gets a column")

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the entity rows that its sources need, each once."""
        return tuple(dict.fromkeys(column for source in self.sources for column in source.entity_columns))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its features."""
        return tuple(feature.name for feature in self.features)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that its function gets: the sources' features, then the request's."""
        stored = [name for source in self.sources for name in source.outputs]
        return (*stored, *(feature.name for feature in self.request))

    def __getitem__(self, features: str | Sequence[str]) -> FeatureSelection:
        return FeatureSelection(view=self, names=(features,) if isinstance(features, str) else tuple(features))

    def compute(self, inputs: pl.DataFrame) -> pl.DataFrame:
        """Its features for some rows.

        Args:
            inputs: The columns that `inputs` names; others are not shown to the function.

        Returns:
            The features alone, with their types, one row per row of `inputs`.

        Raises:
            InvalidInputError: A column is missing, or the function fails, or gives something else than it should.
        """
        missing = [name for name in self.inputs if name not in inputs.columns]
        if missing:
            raise InvalidInputError(
                f"'{self.name}' needs {', '.join(map(repr, missing))}, which is not there.",
                hint="Columns of the request come with the entity rows.",
            )
        request = [pl.col(feature.name).cast(feature.polars_type) for feature in self.request]
        try:
            given = inputs.select(self.inputs).with_columns(request)
            found = self.transform(given)
        except Exception as error:
            said = " ".join(str(error).split())[:300]
            raise InvalidInputError(
                f"The transformation of '{self.name}' failed: {type(error).__name__}: {said}",
                hint="Call its compute() with a few rows to see where.",
            ) from error
        return self._checked(found, inputs.height)

    def refuse_mixed_rows(self, inputs: pl.DataFrame, values: pl.DataFrame) -> None:
        """Refuse a function that looks at other rows than the one it computes: online there are none.

        The first, the middle and the last row are computed once more, each alone.

        Args:
            inputs: What `compute` was given.
            values: What it gave.

        Raises:
            InvalidInputError: A row alone gets other values than among the others.
        """
        for row in sorted({0, inputs.height // 2, inputs.height - 1}) if inputs.height > 1 else ():
            among, alone = values[row : row + 1], self.compute(inputs[row : row + 1])
            try:
                assert_frame_equal(among, alone, check_exact=False, rel_tol=_ROUNDING, abs_tol=_ROUNDING)
            except AssertionError:
                raise InvalidInputError(
                    f"The transformation of '{self.name}' does not compute each row from itself alone: row {row} gives "
                    f"{alone.row(0)} alone and {among.row(0)} among the others, and online it is alone.",
                    hint="Compute aggregates over rows in a feature view instead.",
                ) from None

    def _checked(self, found: Any, rows: int) -> pl.DataFrame:
        if not isinstance(found, pl.DataFrame):
            raise InvalidInputError(f"Expected a Polars data frame from '{self.name}', found {type(found).__name__}.")
        missing = [name for name in self.names if name not in found.columns]
        if missing:
            raise InvalidInputError(f"The transformation of '{self.name}' gave no {', '.join(map(repr, missing))}.")
        if found.height != rows:
            raise InvalidInputError(f"Expected {rows:,} rows from '{self.name}', found {found.height:,}.")
        try:
            return found.select(pl.col(feature.name).cast(feature.polars_type) for feature in self.features)
        except pl.exceptions.PolarsError as error:
            raise InvalidInputError(
                f"The transformation of '{self.name}' gave values of other types than its features have: "
                f"{' '.join(str(error).split())[:200]}"
            ) from error


def checked_sources(sources: Sequence[Source] | Source, name: str) -> tuple[FeatureSelection, ...]:
    """Views and selections of views as selections.

    Raises:
        InvalidInputError: One is neither.
    """
    given = (sources,) if isinstance(sources, FeatureView | StreamFeatureView | FeatureSelection) else tuple(sources)
    found = []
    for source in given:
        if isinstance(source, FeatureView | StreamFeatureView):
            found.append(FeatureSelection(view=source, names=source.names))
        elif isinstance(source, FeatureSelection) and not isinstance(source.view, OnDemandFeatureView):
            found.append(source)
        else:
            shown = getattr(source, "view", source)
            raise InvalidInputError(
                f"Expected feature views as sources of '{name}', found {getattr(shown, 'name', shown)!r}.",
                hint="On-demand views are made from feature views, stream views and the request.",
            )
    return tuple(found)
