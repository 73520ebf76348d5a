from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.filter import RUNS
from millwright.core.filter.schema import FilterSchema
from millwright.core.records.search import Field, Kind

SMALL = FilterSchema(what="things", texts={"name": "name", "title": "name"}, numbers={"size": "size"})


def test_field_is_found_under_each_of_its_names():
    name = Field(kind=Kind.ATTRIBUTE, key="name")
    assert (
        SMALL.field("name") == SMALL.field("title") == SMALL.field("attributes.title") == SMALL.field("`name`") == name
    )
    assert SMALL.field("tags.a.b") == Field(kind=Kind.TAG, key="a.b")


def test_kinds_that_a_family_has_not_are_refused():
    with pytest.raises(InvalidInputError, match=r"Invalid entity type 'metrics'.*things"):
        SMALL.field("metrics.auc")


def test_numbers_are_metrics_and_the_attributes_named_so():
    assert RUNS.is_number(RUNS.field("metrics.a"))
    assert RUNS.is_number(RUNS.field("start_time"))
    assert not RUNS.is_number(RUNS.field("params.a"))


def test_number_is_written_without_quotes():
    field = SMALL.field("size")
    assert SMALL.comparison(field, ">", 3).value == 3
    for wrong in ("3", "x", None, ("1",)):
        with pytest.raises(InvalidInputError, match="Expected numeric value type"):
            SMALL.comparison(field, ">", wrong)


def test_list_needs_texts():
    with pytest.raises(InvalidInputError, match="list of quoted texts"):
        RUNS.comparison(RUNS.field("run_id"), "IN", "a")
