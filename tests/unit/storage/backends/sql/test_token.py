from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.storage.backends.sql.token import read_token, write_token

PLACE = [1, "ä", -1.5, float("inf"), None]


def test_token_leads_back_to_its_place() -> None:
    assert read_token(write_token("x", PLACE), "x", 5) == PLACE


@pytest.mark.parametrize("token", ["", "x", "ä", "bnVsbA", "e30", "W10", "W1tdXQ", "MQ"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidInputError, match="page token"):
        read_token(token, "x", 0)


def test_token_of_another_question_or_length_is_refused() -> None:
    token = write_token("x", PLACE)
    for asked, length in (("y", 5), ("x", 4)):
        with pytest.raises(InvalidInputError, match="first page"):
            read_token(token, asked, length)
