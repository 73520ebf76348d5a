"""Whether what is online is what the datasets say: the same features, read online and computed point-in-time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.data.features.coding import decode_key, moment_of, plain_value
from millwright.data.features.features_at import features_at
from millwright.data.features.online.place import place_of
from millwright.data.features.online.reader import OnlineReader
from millwright.data.features.plan import plan_features
from millwright.data.features.view import FeatureSelection
from millwright.data.features.view_rows import view_rows

if TYPE_CHECKING:
    from millwright.data.features.online.materialization import Means
    from millwright.data.features.online.place import StoredView

_EXAMPLES = 5
_AT_ONCE = 100_000
_MOMENT = "__millwright_moment"
# Sums of the same numbers in another order differ by rounding; nothing else may differ at all.
_RELATIVE, _ABSOLUTE = 1e-9, 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A value that is not the same online and offline.

    Attributes:
        key: Whose value.
        online: As it is read, `offline`: as it is computed.
        status: Whether the value was there online.
    """

    key: tuple[Any, ...]
    online: Any
    offline: Any
    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureConsistency:
    """How one feature compares.

    Attributes:
        compared: Entities of which the feature was compared.
        different: For how many of them it differs.
        examples: Up to five differences.
    """

    feature: str
    compared: int
    different: int
    examples: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsistencyReport:
    """How a view compares online and offline.

    Attributes:
        source: The dataset version that was compared with.
        at: The moment of the comparison.
        entities: How many there are, in the dataset and online together.
        compared: How many were compared.
        only_online: How many of the compared are not in the dataset; `only_offline`: not online.
        features: One per feature.
    """

    view: str
    source: str
    at: datetime
    entities: int
    compared: int
    only_online: int
    only_offline: int
    features: tuple[FeatureConsistency, ...]

    @property
    def is_consistent(self) -> bool:
        """Whether nothing differs."""
        return not any(feature.different for feature in self.features)


def check_view(means: Means, view: StoredView, *, sample: int | None, now: datetime) -> ConsistencyReport:
    """Compare a view's values online with what point-in-time gives for a moment; see `OnlineFeatures.check`."""
    dataset = means.datasets.get(view.source)
    rows = view_rows(view, dataset)
    keys, entities, both = _keys(means, view, rows, sample)
    reader = OnlineReader(means.store, [FeatureSelection(view=view, names=view.names)])
    plan = plan_features([FeatureSelection(view=view, names=view.names)])
    differing: dict[str, int] = dict.fromkeys(view.names, 0)
    examples: dict[str, list[Difference]] = {name: [] for name in view.names}
    for start in range(0, max(keys.height, 1), _AT_ONCE):
        part = keys.slice(start, _AT_ONCE)
        if not part.height:
            break
        asked = part.with_columns(pl.lit(now).cast(pl.Datetime("us", "UTC")).alias(_MOMENT))
        offline = features_at(asked, plan, timestamp=_MOMENT, read=lambda _: rows).frame
        online = reader.read(part, now=now)
        for name in view.names:
            places = _different(online.frame[name], offline[name]) if view.keys or part.height else []
            differing[name] += len(places)
            for place in places[: _EXAMPLES - len(examples[name])]:
                status = online.status(name)[place].value
                found = Difference(
                    key=part.row(place) if view.keys else (),
                    online=plain_value(online.frame[name], place),
                    offline=plain_value(offline[name], place),
                    status=status,
                )
                examples[name].append(found)
    return ConsistencyReport(
        view=view.name,
        source=dataset.record.ref,
        at=now,
        entities=entities,
        compared=keys.height,
        only_online=both["only_online"],
        only_offline=both["only_offline"],
        features=tuple(
            FeatureConsistency(
                feature=name, compared=keys.height, different=differing[name], examples=tuple(examples[name])
            )
            for name in view.names
        ),
    )


def _keys(
    means: Means, view: StoredView, rows: pl.LazyFrame, sample: int | None
) -> tuple[pl.DataFrame, int, dict[str, int]]:
    """Keys to compare, from both sides; a sample is the same as long as the keys are."""
    if not view.keys:
        return pl.DataFrame({"__millwright_nobody": [0]}), 1, {"only_online": 0, "only_offline": 0}
    offline = rows.select(view.keys).unique().collect()
    offline = offline.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)).unique()
    coded = [decode_key(key) for key in means.store.iter_keys(place_of(view))]
    online = pl.DataFrame(coded, schema=offline.schema, orient="row", strict=False) if coded else offline.clear()
    flagged = pl.concat([offline.with_columns(is_online=False), online.with_columns(is_online=True)])
    every = flagged.group_by(view.keys).agg(
        pl.col("is_online").any().alias("online"), (~pl.col("is_online")).any().alias("offline")
    )
    every = every.sort(pl.struct(view.keys).hash())
    chosen = every if sample is None else every.head(sample)
    counts = {
        "only_online": chosen.filter(~pl.col("offline")).height,
        "only_offline": chosen.filter(~pl.col("online")).height,
    }
    return chosen.select(view.keys), every.height, counts


def _different(online: pl.Series, offline: pl.Series) -> list[int]:
    """Where two columns of one type differ; null equals null, and NaN NaN."""
    same = online.eq_missing(offline)
    if online.dtype.is_float():
        # Polars orders NaN above all numbers and takes it as equal to itself: only finite numbers can be near.
        near = (online - offline).abs() <= _ABSOLUTE + _RELATIVE * offline.abs()
        same = same | (near & online.is_finite() & offline.is_finite()).fill_null(value=False)
    return same.not_().arg_true().to_list()


def until_of(us: int | None) -> datetime | None:
    """A moment as it is shown; None when there is none."""
    return None if us is None else moment_of(us)
