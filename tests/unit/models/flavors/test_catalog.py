from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.flavors.catalog import BUILT_IN, flavor_names, flavor_of, get_flavor


@pytest.mark.parametrize("name", BUILT_IN)
def test_flavor_goes_by_its_name_and_needs_no_library_to_be_known(name: str) -> None:
    flavor = get_flavor(name)

    assert flavor.name == name
    assert flavor.members
    assert not flavor.handles(object())


def test_flavor_that_is_unknown_names_the_nearest() -> None:
    with pytest.raises(InvalidInputError, match="no model flavor 'lightgmb'") as caught:
        get_flavor("lightgmb")

    assert "lightgbm" in caught.value.hint


def test_object_of_no_flavor_says_what_was_expected() -> None:
    with pytest.raises(InvalidInputError, match=r"found a builtins\.dict") as caught:
        flavor_of({})

    assert all(name in caught.value.message for name in flavor_names())
