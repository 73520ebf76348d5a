from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from millwright.server.auth.account import Accounts
from millwright.server.auth.session import Sessions, cookie_of


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(empty_workspace, clock) -> Sessions:
    Accounts(empty_workspace.stores, clock, "test").add("ada")
    return Sessions(empty_workspace.stores.accounts, clock, hours=1, secure=False)


def scope(cookie: bytes) -> dict[str, object]:
    return {"headers": [(b"cookie", cookie)]}


def test_session_is_found_by_its_cookie_until_it_is_over(sessions, clock):
    name, header = sessions.begin("ada")
    assert name == b"set-cookie"
    cookie = header.split(b";")[0]
    found = sessions.find(sessions.id_of(scope(b"other=1; " + cookie)))
    assert found.user == "ada"
    assert cookie.partition(b"=")[2].decode() not in str(found.id_hash)
    clock.at += timedelta(hours=1)
    assert sessions.find(found.id_hash) is None


def test_ended_session_is_gone(sessions):
    _, header = sessions.begin("ada")
    id_hash = sessions.id_of(scope(header.split(b";")[0]))
    _, cleared = sessions.end(id_hash)
    assert b"Max-Age=0" in cleared
    assert sessions.find(id_hash) is None


def test_cookie_is_for_https_alone_where_browsers_come_by_it(empty_workspace, clock):
    Accounts(empty_workspace.stores, clock, "test").add("ada")
    _, header = Sessions(empty_workspace.stores.accounts, clock, hours=1, secure=True).begin("ada")
    assert header.startswith(b"__Host-mw_session=")
    assert header.endswith(b"; Secure")


@pytest.mark.parametrize("cookie", [b"", b"=", b";;;", b"mw_session", b"\xff=\xfe", b'mw_session="'])
def test_broken_cookie_is_none(sessions, cookie):
    assert sessions.id_of(scope(cookie)) == "" or sessions.find(sessions.id_of(scope(cookie))) is None
    assert cookie_of(scope(cookie), "another") == ""
