"""Where the control plane listens, and who may reach it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from millwright.core.errors import ConfigurationError

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerOptions:
    """How the server is to run.

    Attributes:
        host: Address to listen on; only loopback addresses are taken.
        port: 0 takes a free one.
        allowed_hosts: Names that requests may carry as `Host` besides this machine's loopback names, without a port:
            those that a reverse proxy on this machine passes on.
        drain_seconds: How long requests in flight may take when the server is asked to stop.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    allowed_hosts: tuple[str, ...] = ()
    drain_seconds: float = 10.0

    @property
    def known_hosts(self) -> frozenset[str]:
        """Every name that a request may carry as `Host`, in lower case."""
        own = f"[{self.host}]" if ":" in self.host else self.host
        return _LOCAL_NAMES | {own.lower()} | {name.lower() for name in self.allowed_hosts}


def require_loopback(host: str) -> None:
    """Refuse an address that other machines can reach.

    Args:
        host: A name or address to listen on.

    Raises:
        ConfigurationError: It is not a loopback address; names other than `localhost` are not trusted to stay one.
    """
    if is_loopback(host):
        return
    raise ConfigurationError(
        f"Expected a loopback address to listen on, found '{host}': this server has no authentication yet, so that "
        "anyone who reaches it reads everything.",
        hint="Use --host 127.0.0.1, and reach it through an SSH tunnel. Accounts and roles come in a later version.",
        details={"host": host},
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
