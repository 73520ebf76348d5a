"""Entities and features."""

from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.entity import Entity, Feature


def test_entity_is_known_by_its_own_name_unless_keys_are_given() -> None:
    assert Entity("building").keys == ("building",)
    assert Entity("building", "building_id").keys == ("building_id",)
    assert Entity("phase", keys=["project", "phase"]).keys == ("project", "phase")


@pytest.mark.parametrize("name", ["", "9lives", "a b", "a:b", "../x", "ä", "x" * 101, 3])
def test_entity_refuses_what_is_no_name(name) -> None:
    with pytest.raises(InvalidInputError, match=r"Expected the name of an entity .*found"):
        Entity(name)


@pytest.mark.parametrize("keys", [("a", "a"), ("",), ("a:b",), ("a\nb",), (3,), ("__millwright_row",)])
def test_entity_refuses_keys_that_are_none(keys) -> None:
    with pytest.raises(InvalidInputError):
        Entity("building", keys=keys)


@pytest.mark.parametrize("dtype", [pl.Float64, pl.Float64(), "Float64"])
def test_feature_keeps_the_name_of_its_type(dtype) -> None:
    feature = Feature("late days", dtype)
    assert (feature.dtype, feature.polars_type) == ("Float64", pl.Float64())


def test_feature_of_an_unknown_type_is_told_the_closest() -> None:
    with pytest.raises(InvalidInputError, match="Did you mean 'Float64'"):
        Feature("x", "float64")
