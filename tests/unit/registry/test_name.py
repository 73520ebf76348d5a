from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.registry.name import check_alias, check_model_name


@pytest.mark.parametrize("name", ["delay", "Delay-2.1_x", "3", "a" * 128])
def test_model_name_is_allowed(name: str) -> None:
    check_model_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a/b", "a@b", ".", "..", ".hidden", "-x", "_x", "größe", "a\n", "a\0", "a" * 129, "a%2Fb", "a:b"],
)
def test_model_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="letters"):
        check_model_name(name)


@given(st.text(max_size=200))
def test_model_name_that_is_refused_comes_with_one_that_is_not(name: str) -> None:
    try:
        check_model_name(name)
    except InvalidInputError as error:
        if error.hint.startswith("Try '"):
            check_model_name(error.hint[5:-2])


@pytest.mark.parametrize("alias", ["champion", "Champion", "prod.eu-1", "v1b", "version1", "2nd"])
def test_alias_is_allowed(alias: str) -> None:
    check_alias(alias)


@pytest.mark.parametrize("alias", ["1", "007", "v1", "V12", "latest", "Latest", "", "a b", "a/b", "a@b", "é"])
def test_alias_is_refused(alias: str) -> None:
    with pytest.raises(InvalidInputError, match="alias"):
        check_alias(alias)
