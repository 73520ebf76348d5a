from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from millwright.data.features.definition import Entity, Feature, FeatureView, OnDemandFeatureView
from millwright.deployment.realtime.enrichment.feature_group import feature_groups
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task


def view(*features: Feature) -> FeatureView:
    return FeatureView("history", entities=[Entity("site", ("a", "b"))], source="phases", features=features)


def signature(**types: ColumnType) -> Signature:
    inputs = tuple(SignatureColumn(name=name, type=kind) for name, kind in types.items())
    return Signature(inputs=inputs, outputs=(), task=Task.REGRESSION, target="y")


def test_group_has_only_what_the_model_takes_and_the_training_rows_had():
    history = view(Feature("late", "Float64"), Feature("crews", "Int64"), Feature("kind", "String"))
    selection = history.with_keys({"a": "from_site"}, prefix="origin_")
    takes = signature(origin_late=ColumnType.NUMBER, origin_crews=ColumnType.INTEGER, size=ColumnType.NUMBER)
    (group,) = feature_groups([selection], {"origin_late", "origin_kind"}, takes)
    assert (group.names, group.needs, group.selection.names) == (("origin_late",), ("from_site", "b"), ("late",))
    assert feature_groups([selection], {"size"}, takes) == []


@pytest.mark.parametrize(
    ("dtype", "fitting"),
    [
        ("Int32", {ColumnType.INTEGER, ColumnType.NUMBER}),
        ("Float32", {ColumnType.NUMBER}),
        ("Boolean", {ColumnType.BOOLEAN}),
        ("Date", {ColumnType.DATE}),
        ("Datetime", {ColumnType.DATE}),
        ("String", {ColumnType.CATEGORY, ColumnType.TEXT}),
        ("Binary", set()),
        ("List(Float64)", set()),
    ],
)
def test_feature_of_another_type_than_its_column_is_left_out(dtype, fitting):
    selections = [view(Feature("x", dtype))[["x"]]]
    assert {kind for kind in ColumnType if feature_groups(selections, {"x"}, signature(x=kind))} == fitting


def test_computed_features_need_the_keys_of_their_sources_and_the_request():
    per_visit = OnDemandFeatureView(
        "per_visit",
        sources=[view(Feature("late", "Float64"))],
        request=[Feature("days", "Float64")],
        features=[Feature("share", "Float64")],
        transform=lambda frame: frame.select(share=pl.col("late") / pl.col("days")),
    )
    (group,) = feature_groups([per_visit["share"]], {"share"}, signature(share=ColumnType.NUMBER))
    assert group.needs == ("a", "b", "days")


def test_values_become_those_of_json():
    history = view(Feature("late", "Float64"), Feature("day", "Date"), Feature("at", "Datetime"), Feature("n", "Int64"))
    takes = signature(late=ColumnType.NUMBER, day=ColumnType.DATE, at=ColumnType.DATE, n=ColumnType.INTEGER)
    (group,) = feature_groups([history[list(history.names)]], {"late", "day", "at", "n"}, takes)
    assert group.plain["late"](float("nan")) is None
    assert group.plain["late"](-float("inf")) is None
    assert group.plain["late"](2.5) == 2.5
    assert group.plain["day"](date(2026, 1, 31)) == "2026-01-31"
    moment = datetime(2026, 1, 31, 10, tzinfo=UTC) + timedelta(microseconds=5)
    assert group.plain["at"](moment) == "2026-01-31T10:00:00.000005+00:00"
    assert "n" not in group.plain
