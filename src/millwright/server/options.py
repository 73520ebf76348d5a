"""Where the server listens, and who may reach it."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from millwright.core.errors import ConfigurationError

if TYPE_CHECKING:
    from millwright.workspace.settings import ServerSettings

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_MIB = 1 << 20
_MOST_WORKERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class OidcOptions:
    """An OpenID provider.

    Attributes:
        issuer: Its URL; empty for none.
        roles: Group → roles, as `ROLE` for all projects or `ROLE:PROJECT`, separated by commas.
    """

    issuer: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scopes: str = "openid profile email"
    name_claim: str = "preferred_username"
    roles_claim: str = "groups"
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerOptions:
    """How the server is to run.

    Attributes:
        host: Address to listen on; others than loopback need authentication.
        port: 0 takes a free one.
        workers: Processes that answer; with 1 it is this one.
        auth: Whether callers must say who they are; None: unless only this machine reaches the server.
        allowed_hosts: Names that requests may carry as `Host` besides this machine's, without a port.
        public_url: Where browsers reach the server when a proxy stands in front of it; empty when none does.
        cors_origins: Origins whose pages may use the server.
        max_body_bytes: Largest body that is no artifact.
        max_artifact_bytes: Largest artifact; 0 for any size.
        requests_per_minute: Of one client, in one worker; 0 for any number.
        session_hours: How long a login in a browser lasts.
        access_log: Whether every request is logged.
        oidc: The OpenID provider.
        drain_seconds: How long requests in flight may take when the server is asked to stop.
        secret: Signs what browsers bring back; the same in all workers, and another after each start.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    auth: bool | None = None
    allowed_hosts: tuple[str, ...] = ()
    public_url: str = ""
    cors_origins: tuple[str, ...] = ()
    max_body_bytes: int = 64 * _MIB
    max_artifact_bytes: int = 0
    requests_per_minute: int = 0
    session_hours: float = 12.0
    access_log: bool = False
    oidc: OidcOptions = field(default_factory=OidcOptions)
    drain_seconds: float = 10.0
    secret: bytes = field(default_factory=partial(os.urandom, 32), repr=False)

    @property
    def known_hosts(self) -> frozenset[str]:
        """Every name that a request may carry as `Host`, in lower case."""
        own = f"[{self.host}]" if ":" in self.host else self.host
        public = urlsplit(self.public_url).hostname or ""
        named = (own, public, *self.allowed_hosts, *_machine_names(self.host))
        return _LOCAL_NAMES | {name.lower() for name in named if name}

    @property
    def asks_who(self) -> bool:
        """Whether callers must say who they are."""
        return not is_loopback(self.host) if self.auth is None else self.auth


def options_of(settings: ServerSettings, *, on_sqlite: bool) -> ServerOptions:
    """The options that a project's settings ask for.

    Args:
        settings: The section `[server]`.
        on_sqlite: Whether the records are in SQLite, where one process writes at a time.
    """
    usual = 1 if on_sqlite else min(_MOST_WORKERS, os.cpu_count() or 1)
    return ServerOptions(
        host=settings.host,
        port=settings.port,
        workers=settings.workers or usual,
        auth={"auto": None, "on": True, "off": False}[settings.auth],
        allowed_hosts=settings.allowed_hosts,
        public_url=settings.public_url.rstrip("/"),
        cors_origins=settings.cors_origins,
        max_body_bytes=round(settings.max_body_mb * _MIB),
        max_artifact_bytes=round(settings.max_artifact_mb * _MIB),
        requests_per_minute=settings.requests_per_minute,
        session_hours=settings.session_hours,
        access_log=settings.access_log,
        oidc=OidcOptions(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            scopes=settings.oidc_scopes,
            name_claim=settings.oidc_name_claim,
            roles_claim=settings.oidc_roles_claim,
            roles=settings.oidc_roles,
        ),
    )


def require_protection(options: ServerOptions, *, has_admin: bool) -> None:
    """Refuse to let people in whom nobody asks who they are, and to lock everyone out.

    Args:
        options: How the server is to run.
        has_admin: Whether there is an enabled user with the role admin on all projects.

    Raises:
        ConfigurationError: Others reach the address and authentication is off, or nobody could log in.
    """
    if not options.asks_who:
        if is_loopback(options.host):
            return
        raise ConfigurationError(
            f"Expected authentication on '{options.host}', which other machines can reach; found server.auth = off.",
            hint="Leave --auth out, or listen on 127.0.0.1.",
            details={"host": options.host},
        )
    if has_admin or options.oidc.issuer:
        return
    raise ConfigurationError(
        f"Expected at least one user with the role admin before others can reach '{options.host}', found none.",
        hint="Add one with: mw users add NAME --role admin (or set server.oidc_issuer), or listen on 127.0.0.1.",
        details={"host": options.host},
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address; names other than `localhost` are not trusted to stay one."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _machine_names(host: str) -> tuple[str, ...]:
    """What others call this machine, when they can reach it."""
    if is_loopback(host):
        return ()
    import socket

    name = socket.gethostname()
    return (name, name.partition(".")[0])
