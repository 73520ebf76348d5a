"""Definitions made again from their records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.applying import draft
from millwright.data.features.definition import (
    Entity,
    Feature,
    FeatureService,
    FeatureView,
    OnDemandFeatureView,
    StreamFeatureView,
    Window,
    definition_digest,
)
from millwright.data.features.restoring import has_function, restored

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VIEW = FeatureView(
    "history",
    entities=[Entity("phase", keys=("building", "phase"))],
    source="phases",
    features=[Feature("late", "Float64", "Days"), Feature("tags", pl.List(pl.String))],
    timestamp="ended",
    created="",
    ttl=timedelta(days=3, microseconds=1),
    transform=[pl.col("days").mean().over("building").alias("late")],
    online=False,
    description="d",
    owner="o",
    tags={"a": "b"},
)
STREAM = StreamFeatureView(
    "events",
    entities=[Entity("building")],
    source="events",
    windows=[
        Window("n", over=timedelta(hours=1), hop=timedelta(minutes=5)),
        Window("last", "x", "last", over=timedelta(days=1), n=3, dtype="String"),
    ],
)


@pytest.mark.parametrize(
    "definition",
    [
        Entity("building", keys=("id", "part"), description="d", owner="o", tags={"a": "b"}),
        VIEW,
        replace(VIEW, transform="SELECT 1", ttl=None, created=None, entities=()),
        STREAM,
        FeatureService("s", [VIEW[["late"]].with_keys({"phase": "p"}, prefix="x_"), STREAM]),
    ],
)
def test_definition_comes_back_as_it_was(definition) -> None:
    record = draft(definition, at=NOW, actor="ada")
    again = restored(record, lambda _, name: {"history": VIEW, "events": STREAM}[name])
    assert definition_digest(again) == definition_digest(definition)
    assert draft(again, at=NOW, actor="ada") == record
    assert not has_function(record)


def test_python_function_does_not_come_back_from_its_record() -> None:
    view = OnDemandFeatureView(
        "v", request=[Feature("x", "Int64")], features=[Feature("x", "Int64")], transform=lambda frame: frame
    )
    for definition in (view, replace(VIEW, transform=lambda phases: phases)):
        record = draft(definition, at=NOW, actor="ada")
        assert has_function(record)
        with pytest.raises(InvalidInputError, match="Load the file that defines it"):
            restored(record, lambda *_: VIEW)


def test_record_that_cannot_be_read_is_told() -> None:
    record = replace(draft(VIEW, at=NOW, actor="ada"), definition={"entities": []})
    with pytest.raises(InvalidInputError, match="The record of 'history@0' cannot be read: KeyError"):
        restored(record, lambda *_: VIEW)
