from __future__ import annotations

from datetime import UTC, datetime

import pytest

from millwright.core.records.account import EVERY_PROJECT, GrantRecord, Role
from millwright.server.auth.mlflow_caller import (
    PERMISSIONS,
    caller_of,
    is_admin,
    name_of,
    number,
    require_another_admin,
)
from millwright.server.mlflow.call import Call
from millwright.server.mlflow.failure import WireError
from millwright.server.principal import KEY, Principal
from millwright.server.service import services_of


def grant(role: Role, project: str) -> GrantRecord:
    return GrantRecord(
        user="ada", project=project, role=role, granted_at=datetime(2026, 1, 1, tzinfo=UTC), granted_by="x"
    )


def test_admin_is_who_is_admin_of_everything():
    assert is_admin([grant(Role.ADMIN, EVERY_PROJECT)])
    assert not is_admin([grant(Role.ADMIN, "default"), grant(Role.APPROVER, EVERY_PROJECT)])


def test_numbers_are_the_same_at_each_call_and_exact_in_javascript():
    assert number("user", "ada") == number("user", "ada") < 2**53
    assert len({number("a", "bc"), number("ab", "c"), number("abc")}) == 3


def test_every_role_has_a_permission():
    assert set(PERMISSIONS) == set(Role)


def test_caller_is_known_or_refused(empty_workspace):
    services = services_of(empty_workspace)
    ada = Principal(actor="user:ada", roles={})
    assert name_of(caller_of(Call(services=services, actor="user:ada", scope={KEY: ada}))) == "ada"
    with pytest.raises(WireError) as refused:
        caller_of(Call(services=services, actor="nobody"))
    assert refused.value.status == 401


def test_disabled_admin_does_not_count_as_another_one(empty_workspace):
    from millwright.server.auth.account import Accounts

    accounts = Accounts(empty_workspace.stores, empty_workspace.clock, "test")
    for name in ("ada", "bob"):
        accounts.add(name)
        accounts.grant(name, Role.ADMIN)
    call = Call(services=services_of(empty_workspace), actor="user:ada")
    require_another_admin(call, "ada")
    accounts.disable("bob")
    with pytest.raises(WireError, match="another admin"):
        require_another_admin(call, "ada")
