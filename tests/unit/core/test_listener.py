from __future__ import annotations

import contextlib
import socket

import pytest

from millwright.core.errors import ConfigurationError, ServiceUnavailableError
from millwright.core.listener import listener_url, open_listener


def test_port_zero_takes_a_free_one_without_delay():
    with contextlib.closing(open_listener("127.0.0.1", 0)) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        port = listener.getsockname()[1]
        assert listener_url(listener, "127.0.0.1") == f"http://127.0.0.1:{port}"


def test_connections_inherit_no_delay():
    with contextlib.closing(open_listener("127.0.0.1", 0)) as listener:
        listener.setblocking(True)
        with socket.create_connection(listener.getsockname()):
            connection, _ = listener.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_port_in_use_is_told_with_what_to_do():
    with contextlib.closing(open_listener("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ServiceUnavailableError) as caught:
            open_listener("127.0.0.1", port)
    assert caught.value.message == f"Port {port} on 127.0.0.1 is in use."
    assert "--port 0" in caught.value.hint


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 70_000), ("127.0.0.1", -1), ("no such host", 0), ("192.0.2.1", 0)]
)
def test_address_that_is_none_of_this_machine_is_refused(host, port):
    with pytest.raises(ConfigurationError):
        open_listener(host, port)


def test_every_address_is_reached_by_the_name_of_the_machine():
    with contextlib.closing(open_listener("127.0.0.1", 0)) as listener:
        url = listener_url(listener, "0.0.0.0")  # noqa: S104
        assert url.startswith(f"http://{socket.gethostname()}:")
