"""Training sets of views whose rows stay out of memory are those that are made in memory; Spark's are tested in
tests/unit/data/engines/test_spark_engine.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import DatasetKind
from millwright.data.engines.engine import EngineOptions
from millwright.data.features import training_sets
from millwright.data.features.catalog import FeatureCatalog
from millwright.data.features.definition import Entity, Feature, FeatureView
from unit.data.features.large_view_cases import HOUR, START, events, service, wanted

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINES = ["duckdb", "streaming"]


@pytest.mark.parametrize("engine", ENGINES)
def test_views_of_every_kind_have_the_values_that_they_have_in_memory(features, datasets, engine) -> None:
    rows = events()
    datasets.write(rows[:150], "events", kind=DatasetKind.TABLE)
    datasets.write(rows[150:], "events", kind=DatasetKind.TABLE, options=training_sets.WriteOptions(mode="append"))
    expected = features.training_set(wanted(), service(), engine="polars")
    made = features.training_set(wanted(), service(), engine=engine)
    assert_frame_equal(made.frame, expected.frame, check_exact=True)
    assert made.record == expected.record
    assert sum(made.record.matched.values()) > 200


hours = st.one_of(st.integers(0, 6), st.none())
keys = st.one_of(st.sampled_from(["a", "b"]), st.none())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(keys, hours, hours), min_size=1, max_size=12),
    asked=st.lists(st.tuples(keys, hours), min_size=1, max_size=6),
    ttl=st.sampled_from([None, 2]),
    has_created=st.booleans(),
)
def test_the_rule_read_aloud_holds_on_every_engine(features, datasets, rows, asked, ttl, has_created) -> None:
    def moments(values: list[int | None]) -> pl.Series:
        return pl.Series(
            [None if one is None else START + one * HOUR for one in values], dtype=pl.Datetime("us", "UTC")
        )

    frame = pl.DataFrame(
        {
            "k": pl.Series([row[0] for row in rows], dtype=pl.String),
            "ts": moments([row[1] for row in rows]),
            "noted": moments([row[2] for row in rows]),
            "value": range(len(rows)),
        }
    )
    datasets.write(frame, "few", kind=DatasetKind.TABLE)
    view = FeatureView(
        "few",
        entities=[Entity("k")],
        source="few",
        features=[Feature("value", "Int64")],
        timestamp="ts",
        created="noted" if has_created else "",
        ttl=None if ttl is None else ttl * HOUR,
    )
    entities = pl.DataFrame(
        {
            "k": pl.Series([row[0] for row in asked], dtype=pl.String),
            "event_timestamp": moments([one for _, one in asked]),
        }
    )
    expected = [_oracle(rows, key, at, ttl=ttl, has_created=has_created) for key, at in asked]
    for engine in ("polars", *ENGINES):
        made = features.training_set(entities, [view], engine=engine)
        assert made.frame["value"].to_list() == expected
        assert made.record.matched["few"] == sum(one is not None for one in expected)


def _oracle(rows: Any, key: str | None, at: int | None, *, ttl: int | None, has_created: bool) -> int | None:
    best = None
    for place, (other, ts, noted) in enumerate(rows):
        created = noted if has_created else ts
        if None in (key, at, other, ts, created) or other != key or ts > at or created > at:
            continue
        best = max(best or (ts, created, place), (ts, created, place))
    if best is None or (ttl is not None and at - best[0] > ttl):
        return None
    return best[2]


def test_rows_stay_in_the_engine(features, datasets, forbid_collect) -> None:
    datasets.write(events(), "events", kind=DatasetKind.TABLE)
    chosen = [
        selection for selection in service().features if selection.view.name in {"plain", "by_sql", "by_function"}
    ]
    features.training_set(wanted(), chosen, engine="polars")
    forbid_collect()
    made = features.training_set(wanted(), chosen, engine="duckdb")
    assert made.frame.height == 120


@pytest.fixture
def forbid_collect(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Afterwards, frames of more rows than are wanted cannot be brought into memory."""
    collect = pl.LazyFrame.collect

    def small(frame: pl.LazyFrame, *given_: Any, **options: Any) -> Any:
        found = collect(frame, *given_, **options)
        assert found.height <= 120
        return found

    return lambda: monkeypatch.setattr(pl.LazyFrame, "collect", small)


def test_size_decides_when_nobody_does(stores, datasets, clock, monkeypatch) -> None:
    datasets.write(events(), "events", kind=DatasetKind.TABLE)
    used = []
    join = training_sets.LargeViews.find

    def watched(large: Any, lookup: Any, *given_: Any) -> Any:
        used.append(large.engine_of(lookup.view).value)
        return join(large, lookup, *given_)

    monkeypatch.setattr(training_sets.LargeViews, "find", watched)
    plain = service().features[0]
    made = []
    for options in (EngineOptions(), EngineOptions(memory_gb=1e-6), EngineOptions(name="streaming")):
        features = FeatureCatalog(stores=stores, datasets=datasets, clock=clock, actor="ada", engine=options)
        made.append(features.training_set(wanted(), [plain]).frame)
    assert used == ["polars", "duckdb", "streaming"]
    assert_frame_equal(made[0], made[1], check_exact=True)
    assert_frame_equal(made[0], made[2], check_exact=True)


def test_values_that_an_engine_would_round_are_refused_or_left_to_polars(stores, datasets, clock) -> None:
    rows = pl.DataFrame({"k": ["a"], "ts": [START], "sum": pl.Series([2**63 + 1], dtype=pl.UInt64)})
    datasets.write(rows, "sums", kind=DatasetKind.TABLE)
    view = FeatureView(
        "sums", entities=[Entity("k")], source="sums", features=[Feature("sum", "UInt64")], timestamp="ts"
    )
    asked = pl.DataFrame({"k": ["a"], "event_timestamp": [START + timedelta(days=1)]})
    small = EngineOptions(memory_gb=1e-9)
    features = FeatureCatalog(stores=stores, datasets=datasets, clock=clock, actor="ada", engine=small)
    assert features.training_set(asked, [view]).frame["sum"].to_list() == [2**63 + 1]
    with pytest.raises(InvalidInputError, match=r"Decimal.* in 'sum', which duckdb would round"):
        features.training_set(asked, [view], engine="duckdb")


def test_faults_are_told_as_in_memory(features, datasets) -> None:
    datasets.write(events(), "events", kind=DatasetKind.TABLE)
    lacking = FeatureView(
        "lacking",
        entities=[Entity("building")],
        source="events",
        features=[Feature("lateness", "Int64")],
        timestamp="ended",
    )
    wrong = FeatureView(
        "wrong", entities=[Entity("building")], source="events", features=[Feature("note", "Int64")], timestamp="ended"
    )
    for engine in ("polars", *ENGINES):
        with pytest.raises(InvalidInputError, match="'lacking' needs the column 'lateness'"):
            features.training_set(wanted(), [lacking], engine=engine)
        with pytest.raises(InvalidInputError, match=r"Int64|i64"):
            features.training_set(wanted(), [wrong], engine=engine)
    with pytest.raises(InvalidInputError, match="no engine 'duckbd'"):
        features.training_set(wanted(), [wrong], engine="duckbd")
