from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.datasets.name import checked_name, parse_ref


@pytest.mark.parametrize("name", ["schedules", "schedules.quarantine", "A-1_b", "0"])
def test_name_of_letters_digits_and_dots_is_taken(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "a..b", ".a", "a.", "a/b", "a\\b", "a b", "é", "-a", "a\n", "a" * 101])
def test_name_that_could_be_a_path_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a dataset name"):
        checked_name(name)


@given(st.text(max_size=20))
def test_name_that_is_taken_never_leaves_its_folder(name: str) -> None:
    try:
        checked_name(name)
    except InvalidInputError:
        return
    assert not set(name) & set("/\\\0: ")
    assert not name.startswith(".")


def test_reference_has_a_name_and_perhaps_a_version() -> None:
    assert parse_ref("schedules") == ("schedules", None)
    assert parse_ref("schedules@12") == ("schedules", 12)


@pytest.mark.parametrize("ref", ["schedules@", "schedules@0", "schedules@x", "schedules@-1", "schedules@²"])
def test_reference_with_another_version_is_refused(ref: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a dataset version"):
        parse_ref(ref)
