from __future__ import annotations

import itertools

import pytest

from millwright.core.records.account import Role, SessionRecord, UserRecord
from millwright.testing import sample

ORDER = [Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER, Role.ADMIN]


@pytest.mark.parametrize(("have", "need"), list(itertools.product(range(4), repeat=2)))
def test_role_covers_itself_and_the_ones_before_it(have, need):
    assert ORDER[have].covers(ORDER[need]) == (have >= need)
    assert ORDER[have].capped(ORDER[need]) == ORDER[min(have, need)]


def test_secrets_are_left_out_of_what_a_record_shows():
    shown = repr(UserRecord(name="ada", created_at=sample.NOON, password_hash="$argon2id$x"))
    shown += repr(
        SessionRecord(id_hash="idh", user="ada", csrf_token="forms", created_at=sample.NOON, expires_at=sample.NOON)
    )
    assert "argon2" not in shown
    assert "idh" not in shown
    assert "forms" not in shown
