from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.workspace.duration import read_duration


@pytest.mark.parametrize(
    ("said", "expected"),
    [("90s", timedelta(seconds=90)), ("1.5h", timedelta(minutes=90)), (" 2 w ", timedelta(weeks=2))],
)
def test_duration_is_a_number_and_a_unit(said: str, expected: timedelta):
    assert read_duration(said) == read_duration(expected) == expected


@pytest.mark.parametrize("said", ["0h", "soon", "1y", "", 5])
def test_what_is_no_duration_is_refused_with_examples(said: object):
    with pytest.raises(ValueError, match="expected a duration above zero, such as 90s, 10m"):
        read_duration(said)
