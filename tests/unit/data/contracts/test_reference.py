from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.reference import Reference


def test_reference_to_columns_of_the_same_names_needs_no_names() -> None:
    assert Reference(columns=("a", "b"), dataset="d").targets == ("a", "b")
    assert Reference(columns=("a",), dataset="d@2", to=("id",)).reason == "a: not in d@2 (id)"
    assert Reference(columns=("a", "b"), dataset="d").reason == "a, b: not in d"


@pytest.mark.parametrize("parts", [{"columns": ()}, {"dataset": ""}, {"to": ("x", "y")}])
def test_reference_of_unequal_columns_is_refused(parts) -> None:
    with pytest.raises(InvalidInputError, match="Expected a reference of columns to as many columns"):
        Reference(**{"columns": ("a",), "dataset": "d", **parts})
