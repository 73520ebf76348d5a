"""The socket that a server listens on."""

from __future__ import annotations

import errno
import socket

from millwright.core.errors import ConfigurationError, ServiceUnavailableError

_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - recognised, not chosen


def open_listener(host: str, port: int) -> socket.socket:
    """Take an address.

    Args:
        host: A name or address of this machine.
        port: 0 to 65535; 0 takes a free one.

    Returns:
        A bound socket that does not listen yet. Connections inherit its TCP_NODELAY: small answers leave at once.

    Raises:
        ConfigurationError: The host or port is none of this machine.
        ServiceUnavailableError: The port is in use, or not allowed.
    """
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"Expected a port from 0 to 65535, found {port}.", hint="--port 0 takes a free one.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(
            f"Expected a host of this machine to listen on, found '{host}': {error}.", hint="Try --host 127.0.0.1."
        ) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        # Also listen: until then two sockets with SO_REUSEADDR may hold one port.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    listener.setblocking(False)
    return listener


def listener_url(listener: socket.socket, host: str) -> str:
    """Where callers reach a listener: by this machine's name when it listens on every address."""
    port = listener.getsockname()[1]
    if host in _EVERY_ADDRESS:
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _refused(host: str, port: int, error: OSError) -> ServiceUnavailableError | ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        return ServiceUnavailableError(
            f"Port {port} on {host} is in use.",
            hint="Choose another one, or let --port 0 take a free one.",
            details={"host": host, "port": port},
        )
    if error.errno == errno.EACCES:
        return ServiceUnavailableError(
            f"Port {port} on {host} needs rights that this process does not have.",
            hint="Choose a port from 1024 on, or let --port 0 take a free one.",
            details={"host": host, "port": port},
        )
    return ConfigurationError(
        f"Expected an address of this machine to listen on, found {host}:{port}: {error.strerror}.",
        hint="Try --host 127.0.0.1.",
    )
