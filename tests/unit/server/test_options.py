from __future__ import annotations

import os
import socket

import pytest

from millwright.core.errors import ConfigurationError
from millwright.server.options import OidcOptions, ServerOptions, is_loopback, options_of, require_protection
from millwright.workspace.settings import ServerSettings

EVERYWHERE = "0.0.0.0"  # noqa: S104
PROVIDER = OidcOptions(issuer="https://id.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_needs_no_authentication(host):
    options = ServerOptions(host=host)
    assert is_loopback(host)
    assert not options.asks_who
    require_protection(options, has_admin=False)


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.168.1.4", "mill.example", "127.0.0.1.example", ""])
def test_other_address_is_refused_as_long_as_nobody_could_log_in(host):
    options = ServerOptions(host=host)
    assert not is_loopback(host)
    assert options.asks_who
    with pytest.raises(ConfigurationError, match="mw users add NAME --role admin"):
        require_protection(options, has_admin=False)
    require_protection(options, has_admin=True)
    require_protection(ServerOptions(host=host, oidc=PROVIDER), has_admin=False)


def test_authentication_cannot_be_off_where_others_reach_the_server():
    with pytest.raises(ConfigurationError, match=r"server\.auth = off"):
        require_protection(ServerOptions(host=EVERYWHERE, auth=False), has_admin=True)


def test_authentication_can_be_on_for_loopback():
    with pytest.raises(ConfigurationError, match="found none"):
        require_protection(ServerOptions(auth=True), has_admin=False)
    require_protection(ServerOptions(auth=True), has_admin=True)
    assert ServerOptions(auth=True).asks_who


def test_known_hosts_are_this_machine_the_proxy_and_what_was_allowed():
    options = ServerOptions(host="::1", allowed_hosts=("Mill.Example",), public_url="https://Ml.example:8443")
    assert options.known_hosts == {"localhost", "127.0.0.1", "[::1]", "mill.example", "ml.example"}


def test_machine_is_known_by_its_name_where_others_reach_it():
    assert socket.gethostname().lower() in ServerOptions(host=EVERYWHERE).known_hosts


def test_settings_become_options():
    section = ServerSettings(
        host=EVERYWHERE, port=1, workers=3, auth="on", public_url="https://m.example/", max_body_mb=0.5, oidc_issuer="x"
    )
    options = options_of(section, on_sqlite=True)
    assert (options.host, options.port, options.workers, options.auth) == (EVERYWHERE, 1, 3, True)
    assert (options.public_url, options.max_body_bytes, options.oidc.issuer) == ("https://m.example", 2**19, "x")


def test_workers_are_one_on_sqlite_and_up_to_four_elsewhere():
    assert options_of(ServerSettings(), on_sqlite=True).workers == 1
    assert options_of(ServerSettings(), on_sqlite=False).workers == min(4, os.cpu_count() or 1)


def test_secret_of_the_provider_is_not_shown():
    assert "hush" not in repr(OidcOptions(client_secret="hush"))
