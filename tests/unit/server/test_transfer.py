from __future__ import annotations

import pytest

from millwright.core.errors import UnauthenticatedError
from millwright.server.transfer import Transfers

SCOPE = {"method": "PUT", "path": "/a b", "query_string": b"n=1", "scheme": "http", "headers": [(b"host", b"h:1")]}


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def given(transfers: Transfers, actor: str = "user:ada") -> str:
    return transfers.headers(actor, "PUT", "/a b", "n=1", lasts_s=60)["Authorization"].removeprefix("Bearer ")


def test_transfer_comes_in_the_name_of_who_asked_for_it():
    transfers = Transfers(b"secret", asks_who=True)
    assert transfers.actor_of(given(transfers), SCOPE) == "user:ada"
    assert Transfers(b"secret").actor_of(given(transfers, "user:größe"), SCOPE) == "user:größe"


@pytest.mark.parametrize(
    "other", [{"method": "GET"}, {"path": "/a"}, {"path": "/a bn=1"}, {"query_string": b"n=2"}, {"query_string": b""}]
)
def test_transfer_is_good_for_one_request_only(other):
    transfers = Transfers(b"secret", asks_who=True)
    with pytest.raises(UnauthenticatedError):
        transfers.actor_of(given(transfers), {**SCOPE, **other})


def test_transfer_ends_and_cannot_be_made_longer():
    time = Time()
    transfers = Transfers(b"secret", asks_who=True, now=time)
    text = given(transfers)
    time.now += 61
    for each in (text, text.replace("mwg_1060_", "mwg_9999_")):
        with pytest.raises(UnauthenticatedError):
            transfers.actor_of(each, SCOPE)


@pytest.mark.parametrize("text", ["", "mwg_", "mwg_1_a_", "mwg_9999999999_dXNlcjphZGE_" + "0" * 64])
def test_what_was_not_signed_here_proves_nothing(text):
    with pytest.raises(UnauthenticatedError):
        Transfers(b"secret", asks_who=True).actor_of(text, SCOPE)
    foreign = given(Transfers(b"another", asks_who=True))
    with pytest.raises(UnauthenticatedError):
        Transfers(b"secret", asks_who=True).actor_of(foreign, SCOPE)


def test_nothing_is_given_out_where_nobody_asks_and_addresses_are_those_of_the_client():
    assert Transfers(b"secret").headers("user:ada", "PUT", "/a", lasts_s=60) == {}
    assert Transfers(b"secret").address(SCOPE, "/a b#?é", "n=1") == "http://h:1/a%20b%23%3F%C3%A9?n=1"
    assert Transfers(b"secret", public_url="https://lab").address(SCOPE, "/a") == "https://lab/a"
