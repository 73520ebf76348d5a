"""Whether definitions fit their sources, one another, and what is recorded."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import MillwrightError, NotFoundError, closest
from millwright.data.features.definition import (
    Definition,
    Entity,
    FeatureService,
    FeatureView,
    OnDemandFeatureView,
    StreamFeatureView,
    WindowKind,
)
from millwright.data.features.leak_check import find_leak
from millwright.data.features.view_rows import created_column, schema_of, transformed, value_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from millwright.core.records.feature import FeatureDefinitionRecord
    from millwright.data.datasets.dataset import Dataset

_TRIED = 1_000_000  # rows that are read to see whether a transformation looks ahead
_OF_NUMBERS = {WindowKind.SUM, WindowKind.MEAN}
_KEY_TYPES = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Datetime)


def problems(
    definitions: Sequence[Definition],
    *,
    recorded: Sequence[FeatureDefinitionRecord],
    dataset: Callable[[str], Dataset],
    leaks: bool = True,
) -> list[str]:
    """What speaks against recording some definitions, in sentences; empty when nothing does.

    Args:
        definitions: All of them, those that others are made of included.
        recorded: The latest versions of those that stay beside them.
        dataset: Gives the latest version of a dataset by its name.
        leaks: Whether to try if transformations look ahead; see `find_leak`.
    """
    found = list(_kinds_of_views(definitions, recorded))
    types: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for view in definitions:
        if isinstance(view, FeatureView | StreamFeatureView):
            try:
                schema = schema_of(view, transformed(view, dataset(view.source).scan().head(0).collect().lazy()))
            except NotFoundError as error:
                found.append(f"'{view.name}' reads a dataset that is not there: {error}")
                continue
            except MillwrightError as error:
                found.append(f"'{view.name}': {error}")
                continue
            wrong = list(_against_source(view, schema))
            found += wrong
            if leaks and not wrong and isinstance(view, FeatureView) and view.transform is not None:
                leak = find_leak(view, dataset(view.source).scan().head(_TRIED).collect())
                found += [] if leak is None else [str(leak)]
            for entity in view.entities:
                shown = ", ".join(kind_of_key(schema[key]) for key in entity.keys if key in schema)
                types[entity.name][view.name] = shown
    for name, by_view in types.items():
        if len(set(by_view.values())) > 1:
            shown = "; ".join(f"{kinds} in '{view}'" for view, kinds in by_view.items())
            found.append(f"The keys of the entity '{name}' have several types: {shown}.")
    return found + list(_against_users(definitions, recorded))


def kind_of_key(dtype: pl.DataType) -> str:
    """What keys of a type are compared as: integers of any size are alike, and so are kinds of text and of moments."""
    if dtype.is_integer():
        return "integer"
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return "text"
    return "moment" if isinstance(dtype, pl.Datetime) else str(dtype)


def fits(found: pl.DataType, declared: pl.DataType) -> bool:
    """Whether every value of a type has an equal one in the declared type; floats may be rounded to Float32."""
    if found == declared or isinstance(found, pl.Null):
        return True
    if isinstance(found, pl.List) and isinstance(declared, pl.List):
        return fits(_instance(found.inner), _instance(declared.inner))
    if isinstance(declared, pl.String):
        return isinstance(found, pl.Categorical | pl.Enum)
    if isinstance(declared, pl.Datetime):
        return isinstance(found, pl.Date | pl.Datetime)
    if declared.is_float():
        return found.is_numeric()
    if declared.is_integer() and found.is_integer():
        low, high = (_bounds(dtype) for dtype in (found, declared))
        return high[0] <= low[0] and low[1] <= high[1]
    return False


def _bounds(dtype: pl.DataType) -> tuple[int, int]:
    low, high = pl.select(low=dtype.min(), high=dtype.max()).row(0)  # type: ignore[attr-defined]
    return int(low), int(high)


def _instance(dtype: object) -> pl.DataType:
    instance: pl.DataType = dtype() if isinstance(dtype, type) else dtype  # type: ignore[assignment]
    return instance


def _kinds_of_views(definitions: Sequence[Definition], recorded: Sequence[FeatureDefinitionRecord]) -> Iterator[str]:
    """References name views without their kind, so a name belongs to one view of all kinds."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for record in recorded:
        if record.kind.value.endswith("view"):
            kinds[record.name].add(record.kind.value)
    for one in definitions:
        if not isinstance(one, Entity | FeatureService):
            kinds[one.name].add(_KINDS[type(one)])
    for name, several in sorted(kinds.items()):
        if len(several) > 1:
            yield f"'{name}' is a {' and a '.join(sorted(several))}."


_KINDS = {FeatureView: "view", StreamFeatureView: "stream_view", OnDemandFeatureView: "on_demand_view"}


def _against_source(view: FeatureView | StreamFeatureView, schema: pl.Schema) -> Iterator[str]:
    created = created_column(view, schema.names())
    moments = [view.timestamp] if created is None else [view.timestamp, created]
    for name in [*view.keys, *moments, *value_columns(view)]:
        if name not in schema:
            told = f"'{view.name}' needs a column '{name}', which '{view.source}' has not. {closest(name, schema)}"
            yield told.strip()
    for name in moments:
        if name in schema and not isinstance(schema[name], pl.Date | pl.Datetime):
            yield f"'{view.name}' needs dates or moments in '{name}' of '{view.source}', found {schema[name]}."
    for key in view.keys:
        if key in schema and not (schema[key].is_integer() or isinstance(schema[key], _KEY_TYPES)):
            yield f"'{view.name}' needs whole numbers, text, dates or moments in its key '{key}', found {schema[key]}."
    yield from _values(view, schema)


def _values(view: FeatureView | StreamFeatureView, schema: pl.Schema) -> Iterator[str]:
    for name, declared in value_columns(view).items():
        if name in schema and declared is not None and not fits(schema[name], declared):
            yield f"The feature '{view.name}:{name}' is declared as {declared}, but '{view.source}' has {schema[name]}."
    for window in view.windows if isinstance(view, StreamFeatureView) else ():
        dtype = schema.get(window.column or "")
        if (
            dtype is not None
            and window.kind in _OF_NUMBERS
            and not (dtype.is_numeric() or isinstance(dtype, pl.Boolean))
        ):
            told = f"'{view.name}:{window.feature}' ({window.kind}) needs numbers in '{window.column}'"
            yield f"{told}, found {dtype}."


def _against_users(definitions: Sequence[Definition], recorded: Sequence[FeatureDefinitionRecord]) -> Iterator[str]:
    """Recorded services and on-demand views that use features which the new views have no more."""
    views: Mapping[tuple[str, str], tuple[str, ...]] = {
        (_KINDS[type(one)], one.name): one.names for one in definitions if not isinstance(one, Entity | FeatureService)
    }
    for record in recorded:
        chosen = record.definition.get("sources" if record.kind.value == "on_demand_view" else "features") or ()
        for one in chosen if record.kind.value in {"on_demand_view", "service"} else ():
            names = views.get((one["kind"], one["view"]))
            gone = [name for name in one["features"] if names is not None and name not in names]
            if gone:
                what = record.kind.value.replace("_", " ")
                shown = ", ".join(f"{one['view']}:{name}" for name in gone)
                yield f"The {what} '{record.ref}' uses {shown}, which would be gone."
