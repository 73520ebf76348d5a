from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import All, Comparison, Field, Kind
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.registry.registry_query import (
    MODEL_FIELDS,
    MODEL_ORDER,
    PROMPT,
    VERSION_FIELDS,
    VERSION_ORDER,
    check_limit,
    read_query,
)

MODELS = (MODEL_FIELDS, MODEL_ORDER)
VERSIONS = (VERSION_FIELDS, VERSION_ORDER)


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("", False),
        ("tags.`mlflow.prompt.is_prompt` = 'true'", True),
        ("tags.`mlflow.prompt.is_prompt` != 'false'", True),
        ("tags.`mlflow.prompt.is_prompt` = 'false'", False),
        ("name = 'a' AND tags.`mlflow.prompt.is_prompt` != 'true'", False),
    ],
)
def test_prompts_are_left_out_unless_they_are_asked_for(text, prompts):
    query, without = read_query(MODELS, text, (), (10, ""))
    assert without == (None if prompts else PROMPT)
    assert ("is_prompt" in repr(query.where)) is prompts


def test_numbers_of_versions_are_whole():
    query, _ = read_query(VERSIONS, "version_number > 1", ("name DESC",), (10, "token"))
    field = Field(kind=Kind.ATTRIBUTE, key="version_number")
    assert query.where == All(parts=(Comparison(field=field, op=">", value=1),))
    assert (query.limit, query.after, query.order[0].ascending) == (10, "token", False)
    with pytest.raises(WireError, match="Invalid value for numeric attribute"):
        read_query(VERSIONS, "version_number > 1.5", (), (10, ""))


def test_orders_name_each_field_once_and_no_tags():
    with pytest.raises(WireError, match="duplicate fields"):
        read_query(MODELS, "", ("name", "name DESC"), (10, ""))
    with pytest.raises(WireError, match="expected an attribute"):
        read_query(MODELS, "", ("tags.a",), (10, ""))
    with pytest.raises(InvalidInputError, match="Invalid attribute key"):
        read_query(MODELS, "", ("creation_timestamp",), (10, ""))


def test_limit_is_between_none_and_the_most():
    assert check_limit(0, 5) == 0
    for limit in (-1, 6):
        with pytest.raises(WireError, match="max_results"):
            check_limit(limit, 5)
