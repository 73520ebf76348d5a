"""Feature views and selections of them."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.view import FeatureSelection, FeatureView


def view(**changes) -> FeatureView:
    options = {
        "entities": [Entity("building"), Entity("contractor", keys=("firm", "trade"))],
        "source": "phases",
        "features": [Feature("a", "Float64"), Feature("b", "Int64")],
        "timestamp": "known_at",
    }
    return FeatureView("history", **(options | changes))


def test_keys_are_those_of_all_entities() -> None:
    assert view().keys == ("building", "firm", "trade")
    assert view(entities=()).keys == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"entities": ["building"]}, "Write mw.Entity"),
        ({"entities": [Entity("a"), Entity("b", keys=("a",))]}, "have a key twice: 'a'"),
        ({"source": "../phases"}, "Expected a dataset name"),
        ({"features": []}, "has no features"),
        ({"features": ["a"]}, "Write mw.Feature"),
        ({"features": [Feature("a", "Int8"), Feature("a", "Int8")]}, "has a feature twice: 'a'"),
        ({"features": [Feature("known_at", "Int8")]}, "as a feature and as a key or moment"),
        ({"created": "known_at"}, "as key or moment twice"),
        ({"timestamp": ""}, "the timestamp of 'history'"),
        ({"ttl": timedelta(0)}, "duration above 0"),
        ({"ttl": 3}, "duration above 0"),
        ({"transform": 3}, "found int"),
        ({"transform": " "}, "found empty text"),
        ({"transform": [pl.col("a").map_batches(lambda x: x)]}, "holds a Python function"),
    ],
)
def test_view_refuses_what_is_wrong_and_says_what(changes, said) -> None:
    with pytest.raises(InvalidInputError, match=said):
        view(**changes)


def test_selection_chooses_features_in_the_order_asked_for() -> None:
    chosen = view()[["b", "a"]]
    assert chosen.names == chosen.outputs == ("b", "a")
    assert view()["a"].names == ("a",)
    assert chosen.entity_columns == ("building", "firm", "trade")


def test_selection_of_what_is_not_there_names_the_closest() -> None:
    with pytest.raises(InvalidInputError, match="has no feature 'c'"):
        view()[["c"]]
    with pytest.raises(InvalidInputError, match=r"has no key 'bilding'\. Did you mean 'building'"):
        view().with_keys({"bilding": "x"})
    with pytest.raises(InvalidInputError, match="Nothing is chosen"):
        view()[[]]
    with pytest.raises(InvalidInputError, match="read from a column twice"):
        view().with_keys({"building": "firm"})


def test_keys_can_have_other_names_where_they_are_wanted() -> None:
    origin = view().with_keys({"building": "origin_building"}, prefix="origin_")
    assert isinstance(origin, FeatureSelection)
    assert origin.entity_columns == ("origin_building", "firm", "trade")
    assert origin.outputs == ("origin_a", "origin_b")
    assert view()["a"].with_keys({"building": "x"}).names == ("a",)
