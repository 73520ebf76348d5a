from __future__ import annotations

import pytest

from millwright.core.records.account import Role
from millwright.server.principal import KEY, Principal, owner, principal_of, roles_of
from millwright.testing.accounts import grant, token

GRANTS = [grant("ada", "*", Role.VIEWER), grant("ada", "churn", Role.ADMIN)]


def test_role_in_all_projects_holds_in_each_beside_the_one_there():
    ada = Principal(actor="user:ada", roles=roles_of(GRANTS))
    assert ada.may(Role.VIEWER, "any")
    assert not ada.may(Role.CONTRIBUTOR, "any")
    assert ada.may(Role.ADMIN, "churn")
    assert not ada.may(Role.CONTRIBUTOR, "*")
    assert ada.may_somewhere(Role.ADMIN)
    assert ada.projects is None


def test_projects_are_those_of_the_roles():
    bob = Principal(actor="user:bob", roles={"b": Role.VIEWER, "a": Role.ADMIN})
    assert bob.projects == ("a", "b")
    assert not bob.may(Role.VIEWER, "c")
    assert not Principal(actor="user:nix", roles={}).may_somewhere(Role.VIEWER)


def test_owner_may_do_everything():
    assert owner("root").may(Role.ADMIN, "*")


@pytest.mark.parametrize(
    ("role", "projects", "expected"),
    [
        (Role.ADMIN, (), {"*": Role.VIEWER, "churn": Role.ADMIN}),
        (Role.CONTRIBUTOR, (), {"*": Role.VIEWER, "churn": Role.CONTRIBUTOR}),
        (Role.ADMIN, ("churn",), {"churn": Role.ADMIN}),
        (Role.ADMIN, ("other",), {"other": Role.VIEWER}),
        (Role.VIEWER, ("churn", "other"), {"churn": Role.VIEWER, "other": Role.VIEWER}),
    ],
)
def test_token_narrows_the_roles_of_its_user(role, projects, expected):
    assert roles_of(GRANTS, token(role=role, projects=projects)) == expected


def test_token_gives_nothing_that_its_user_has_not():
    assert roles_of([grant("ada", "churn", Role.VIEWER)], token(role=Role.ADMIN, projects=("other", "*"))) == {}


def test_principal_stands_in_the_scope():
    assert principal_of({}) is None
    assert principal_of({KEY: "text"}) is None
    assert principal_of({KEY: owner("root")}) == owner("root")
