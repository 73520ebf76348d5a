"""One's own tokens as JSON; `tests/unit/server/auth` has a server with users, and asks it over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from millwright.core.ids import TokenId
from millwright.core.records.account import Role, TokenRecord
from millwright.server.api.token import NewToken, told


def test_secret_is_not_told():
    record = TokenRecord(
        id=TokenId("1"), prefix="ab", secret_hash="hidden", user="ada", label="x", role=Role.VIEWER,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    text = msgspec.json.encode(told(record)).decode()
    assert "hidden" not in text
    assert '"prefix":"ab"' in text


@pytest.mark.parametrize("body", ['{"days": 0}', '{"days": 40000}', '{"role": "boss"}', '{"user": "root"}'])
def test_what_a_token_cannot_be_is_refused(body):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=NewToken)


def test_token_is_a_contributors_for_ever_unless_said_otherwise():
    made = msgspec.json.decode("{}", type=NewToken)
    assert (made.role, made.projects, made.days, made.label) == (Role.CONTRIBUTOR, [], None, "")
