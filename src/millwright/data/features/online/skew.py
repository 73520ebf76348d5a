"""Whether models are served with the values that they are trained with: the prediction log against point-in-time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, NotFoundError, closest
from millwright.data.features.coding import key_caster, key_types, plain_value
from millwright.data.features.features_at import features_at
from millwright.data.features.plan import plan_features
from millwright.data.features.view_rows import view_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.core.records.prediction import PredictionRecord
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.features.entity import Feature
    from millwright.data.features.plan import FeaturePlan, StoredView
    from millwright.data.features.view import FeatureSelection
    from millwright.storage.base import PredictionStore

_EXAMPLES = 5
_MOMENT = "__millwright_moment"
# A signature may have had the value as a 32-bit float.
_RELATIVE, _ABSOLUTE = 1e-6, 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class SkewExample:
    """One value that was served and is not what the datasets say.

    Attributes:
        prediction: The prediction's id.
        at: When it was made.
        served: What the model saw, `offline`: what point-in-time gives for that moment.
    """

    prediction: str
    at: datetime
    served: Any
    offline: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureSkew:
    """How one feature was served.

    Attributes:
        compared: Predictions that logged it.
        different: For how many of them it differs.
        share: `different / compared`; 0 where nothing was compared.
        largest: The largest difference of two numbers; None where none differ, or they are no numbers.
        examples: Up to five, those of numbers with the largest differences.
    """

    feature: str
    compared: int
    different: int
    share: float
    largest: float | None
    examples: tuple[SkewExample, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SkewReport:
    """How an endpoint's features compare with the offline ones.

    Attributes:
        predictions: How many were read from the log.
        without_entity: How many of them name no entity, and were left out.
        not_logged: Features that no prediction logged.
        features: One per feature that was logged.
    """

    endpoint: str
    predictions: int
    without_entity: int
    not_logged: tuple[str, ...]
    features: tuple[FeatureSkew, ...]

    @property
    def is_skewed(self) -> bool:
        """Whether any value differs."""
        return any(feature.different for feature in self.features)

    @property
    def is_empty(self) -> bool:
        """Whether nothing could be compared, so that nothing is known."""
        return not any(feature.compared for feature in self.features)


def measure_skew(
    predictions: PredictionStore,
    datasets: DatasetCatalog,
    selections: Sequence[FeatureSelection],
    endpoint: str,
    *,
    since: datetime | None = None,
    limit: int = 10_000,
) -> SkewReport:
    """Compare what a model saw with what was known at that moment; see `OnlineFeatures.skew`."""
    known = predictions.list_endpoints()
    if endpoint not in known:
        raise NotFoundError(f"The prediction log has no endpoint '{endpoint}'.", hint=closest(endpoint, known))
    logged = list(deque(predictions.iter(endpoint, start=since), maxlen=limit))
    plan = plan_features(selections)
    sources = {view.name: view_rows(view, datasets.get(view.source)) for view in _stored(plan)}
    rows, kept = _entity_rows(plan, logged, sources)
    wanted = [feature for selection in selections for feature in _features(selection)]
    if not kept:
        found: list[FeatureSkew] = []
    else:
        offline = features_at(rows, plan, timestamp=_MOMENT, read=lambda view: sources[view.name]).frame
        found = [
            _compared(feature, offline[feature.name], kept)
            for feature in wanted
            if any(feature.name in record.features for record in kept)
        ]
    told = {feature.feature for feature in found}
    return SkewReport(
        endpoint=endpoint,
        predictions=len(logged),
        without_entity=len(logged) - len(kept),
        not_logged=tuple(feature.name for feature in wanted if feature.name not in told),
        features=tuple(found),
    )


def _stored(plan: FeaturePlan) -> list[StoredView]:
    return list({lookup.view.name: lookup.view for lookup in plan.lookups}.values())


def _features(selection: FeatureSelection) -> list[Feature]:
    known = {feature.name: feature for feature in selection.view.features}
    pairs = zip(selection.names, selection.outputs, strict=True)
    return [type(known[name])(output, known[name].dtype) for name, output in pairs]


def _entity_rows(
    plan: FeaturePlan, logged: Sequence[PredictionRecord], sources: dict[str, pl.LazyFrame]
) -> tuple[pl.DataFrame, list[PredictionRecord]]:
    """Entities of the predictions that name one: by columns that the model saw, or by the caller's own key."""
    casters: dict[str, Callable[[Any], Any]] = {}
    types: dict[str, pl.DataType] = {}
    for lookup in plan.lookups:
        source = sources[lookup.view.name]
        schema = source.collect_schema()
        names = key_types(source, lookup.view.keys)
        for key, column, name in zip(lookup.view.keys, lookup.entity_columns, names, strict=True):
            casters[column], types[column] = key_caster(name, column), schema[key]
    kept, entities = [], []
    for record in logged:
        found = {column: record.features.get(column) for column in casters}
        missing = [column for column, value in found.items() if value is None]
        if len(missing) == 1 and record.key is not None:
            whole = types[missing[0]].is_integer() and record.key.lstrip("-").isdigit()
            found[missing[0]] = int(record.key) if whole else record.key
            missing = []
        try:
            entities.append({column: casters[column](value) for column, value in found.items()})
        except InvalidInputError:
            continue
        if missing:
            entities.pop()
            continue
        kept.append(record)
    asked = [pl.Series(column, [each[column] for each in entities]).cast(dtype) for column, dtype in types.items()]
    asked.append(pl.Series(_MOMENT, [record.at for record in kept], dtype=pl.Datetime("us", "UTC")))
    views = [selection.view for selection in plan.selections]
    request = {feature.name: feature for view in views for feature in getattr(view, "request", ())}
    asked += [_typed(feature, [record.features.get(name) for record in kept]) for name, feature in request.items()]
    return pl.DataFrame(asked), kept


def _typed(feature: Feature, values: Sequence[Any]) -> pl.Series:
    """Logged values with a feature's type; null where they cannot have it."""
    dtype = feature.polars_type
    found = pl.Series(feature.name, values, strict=False)
    if found.dtype == pl.String and isinstance(dtype, pl.Date):
        return found.str.to_date(strict=False)
    if found.dtype == pl.String and isinstance(dtype, pl.Datetime):
        return found.str.to_datetime(time_unit="us", time_zone=dtype.time_zone, strict=False)
    return found.cast(dtype, strict=False)


def _compared(feature: Feature, offline: pl.Series, records: Sequence[PredictionRecord]) -> FeatureSkew:
    logged = pl.Series([feature.name in record.features for record in records])
    served = _typed(feature, [record.features.get(feature.name) for record in records])
    same = served.eq_missing(offline)
    gap: pl.Series | None = None
    if offline.dtype.is_numeric():
        one, other = served.cast(pl.Float64), offline.cast(pl.Float64)
        gap = (one - other).abs()
        # Polars orders NaN above all numbers and takes it as equal to itself: only finite numbers can be near.
        near = (gap <= _ABSOLUTE + _RELATIVE * other.abs()) & one.is_finite() & other.is_finite()
        # JSON has no NaN and no infinities: they were logged as null.
        lost = served.is_null() & ~other.is_finite()
        same = same | near.fill_null(value=False) | lost.fill_null(value=False)
    different = (logged & ~same).arg_true().to_list()
    gaps = {place: gap[place] for place in different if gap[place] is not None} if gap is not None else {}
    shown = sorted(different, key=lambda place: -gaps.get(place, 0.0))[:_EXAMPLES]
    compared = int(logged.sum())
    return FeatureSkew(
        feature=feature.name,
        compared=compared,
        different=len(different),
        share=len(different) / compared if compared else 0.0,
        largest=max(gaps.values(), default=None),
        examples=tuple(
            SkewExample(
                prediction=records[place].id,
                at=records[place].at,
                served=plain_value(served, place),
                offline=plain_value(offline, place),
            )
            for place in shown
        ),
    )
