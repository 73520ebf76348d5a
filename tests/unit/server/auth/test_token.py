from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.server.auth.token import hash_secret, is_accepted, new_token, parse_token
from millwright.testing import sample
from millwright.testing.accounts import token as record


def test_token_comes_back_from_its_text():
    token = new_token()
    assert parse_token(str(token)) == token
    assert len({new_token().secret for _ in range(50)}) == 50


@pytest.mark.parametrize("text", ["", "mw_", "mw_123_abc", "MW_000000000000_" + "a" * 43, "mw_" + "ä" * 56])
def test_other_text_is_no_token(text):
    assert parse_token(text) is None


def test_token_is_accepted_until_it_expires_or_is_revoked():
    token = new_token()
    made = record(secret_hash=hash_secret(token.secret), expires_at=sample.moment(60))
    assert is_accepted(made, token.secret, sample.moment(59))
    assert not is_accepted(made, token.secret, sample.moment(60))
    assert not is_accepted(made, token.secret[:-1] + "x", sample.moment(0))
    assert not is_accepted(replace(made, revoked_at=sample.NOON), token.secret, sample.moment(0))
    assert is_accepted(replace(made, expires_at=None), token.secret, sample.moment(10**9))
