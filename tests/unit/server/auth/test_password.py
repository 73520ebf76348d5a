from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.server.auth.password import PasswordCheck, hash_password

GOOD = "correct horse battery"


def test_password_gives_another_argon2id_hash_each_time():
    hashes = {hash_password(GOOD) for _ in range(2)}
    assert len(hashes) == 2
    assert all(each.startswith("$argon2id$") for each in hashes)


@pytest.mark.parametrize("password", ["", "short", "x" * 1025, "lone \ud800 surrogate"])
def test_password_that_is_not_allowed_is_refused(password):
    with pytest.raises(InvalidInputError, match="Expected a password"):
        hash_password(password)


def test_right_password_is_remembered_for_its_hash_only():
    now = [0.0]
    check = PasswordCheck(keep_s=10, now=lambda: now[0])
    stored = hash_password(GOOD)
    assert not check.knows(GOOD, stored)
    assert check.is_right(GOOD, stored)
    assert check.knows(GOOD, stored)
    assert not check.knows(GOOD, hash_password(GOOD))
    assert not check.knows("another", stored)
    now[0] = 10.0
    assert not check.knows(GOOD, stored)


@pytest.mark.parametrize("password", ["another horse", "", "lone \ud800", "x" * 2000])
def test_wrong_password_is_wrong(password):
    check = PasswordCheck()
    stored = hash_password(GOOD)
    assert not check.is_right(password, stored)
    assert not check.knows(password, stored)


def test_nothing_is_right_where_there_is_no_password_or_a_broken_hash():
    check = PasswordCheck()
    assert not check.is_right(GOOD, None)
    assert not check.is_right("", None)
    assert not check.is_right(GOOD, "not a hash")
