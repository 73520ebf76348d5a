from __future__ import annotations

import pytest

from millwright.core.errors import ConfigurationError
from millwright.server.options import ServerOptions, is_loopback, require_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LocalHost"])
def test_loopback_is_taken(host):
    assert is_loopback(host)
    require_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.0.4", "10.0.0.1", "example.org", "localhost.example", ""],  # noqa: S104 (refused)
)
def test_address_that_others_reach_is_refused_for_there_are_no_accounts_yet(host):
    with pytest.raises(ConfigurationError) as refused:
        require_loopback(host)
    assert "no authentication yet" in refused.value.message
    assert "--host 127.0.0.1" in refused.value.hint


def test_known_hosts_are_the_loopback_names_the_host_and_what_is_allowed():
    options = ServerOptions(host="127.0.0.7", allowed_hosts=("Mill.Example",))
    assert options.known_hosts == {"localhost", "127.0.0.1", "[::1]", "127.0.0.7", "mill.example"}
    assert "[::1]" in ServerOptions(host="::1").known_hosts
