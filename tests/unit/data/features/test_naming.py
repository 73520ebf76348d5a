"""Names of definitions and columns."""

from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.naming import checked_column_name, checked_definition_name, refuse_twice


def test_names_that_serve_are_given_back() -> None:
    assert checked_definition_name("building_history-2", "a view") == "building_history-2"
    assert checked_column_name("Planned End (ä)", "a key") == "Planned End (ä)"


@pytest.mark.parametrize("name", ["a@1", "a/b", " a", "a.b"])
def test_definition_name_that_could_mean_something_else_is_refused(name) -> None:
    with pytest.raises(InvalidInputError, match="the name of a view"):
        checked_definition_name(name, "a view")


def test_name_that_stands_twice_is_told() -> None:
    refuse_twice(["a", "b"], "It has")
    with pytest.raises(InvalidInputError, match="It has twice: 'a'"):
        refuse_twice(["a", "b", "a"], "It has")
