"""What has to be looked up to predict, as a model's version records it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.definition import Feature, FeatureService, OnDemandFeatureView
from millwright.data.features.feature_lookup import FeatureLookup, lookup_of

ROWS = pl.DataFrame({"building": ["a"], "days": [2.0], "event_timestamp": [datetime(2026, 1, 9, tzinfo=UTC)]})


def service(history):
    per_day = OnDemandFeatureView(
        "per_day",
        sources=[history],
        request=[Feature("days", "Float64")],
        features=[Feature("daily", "Float64")],
        transform=lambda frame: frame.select(daily=pl.col("cost") / pl.col("days")),
    )
    return FeatureService("delay", [history.with_keys({}, prefix="my_"), per_day])


@pytest.mark.usefixtures("phases")
def test_training_set_says_where_its_columns_come_from(features, history):
    features.apply([service(history)])
    lookup = lookup_of(features.training_set(ROWS, "delay").record)
    assert lookup == FeatureLookup(
        service="delay@1",
        definitions=("service/delay@1", "on_demand_view/per_day@1", "view/history@1"),
        keys={"building": "String"},
        request={"days": "Float64"},
        columns={"my_late": "history:late", "my_cost": "history:cost", "daily": "per_day:daily"},
    )
    assert FeatureLookup.from_json(msgspec.json.decode(msgspec.json.encode(lookup.to_json()))) == lookup
    assert lookup.limited_to(["daily", "other"]).columns == {"daily": "per_day:daily"}


@pytest.mark.usefixtures("phases")
def test_nothing_is_told_where_definitions_are_not_recorded(features, history):
    features.apply([history])
    assert lookup_of(features.training_set(ROWS, ["history:cost"]).record) is None
    assert lookup_of(features.training_set(ROWS, service(history)).record) is None


@pytest.mark.parametrize("data", [None, [], {}, {"service": "delay@1"}, {"service": 3}])
def test_record_of_something_else_is_refused(data):
    with pytest.raises(InvalidInputError, match="record of a feature look-up"):
        FeatureLookup.from_json(data)


@pytest.mark.usefixtures("phases")
def test_service_is_found_as_it_was(features, history):
    features.apply([service(history)])
    definitions = lookup_of(features.training_set(ROWS, "delay").record).definitions
    features.apply([replace(history, ttl=None)])
    stored, computed = features.lookup.recorded(definitions)
    assert (stored.view.ttl, stored.prefix) == (history.ttl, "my_")
    assert [source.view.ttl for source in computed.view.sources] == [history.ttl]
    with pytest.raises(InvalidInputError, match="Expected a feature service"):
        features.lookup.recorded(["view/history@1"])
