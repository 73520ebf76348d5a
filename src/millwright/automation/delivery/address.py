"""Which URLs may be called, and at which address.

A webhook's URL is given by users, and called from inside the network: without a check it could read a cloud's metadata,
or reach services that trust whoever is near (server-side request forgery). So the name is looked up once, every address
that it has is checked, and the connection goes to one of those very addresses: what a name server says a moment later
does not matter. There are no redirects, and no proxy from the environment.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from millwright.core.errors import InvalidInputError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_METADATA = frozenset(map(ipaddress.ip_address, ("168.63.129.16", "100.100.100.200", "fd00:ec2::254")))
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 2000


class ForbiddenAddressError(Exception):
    """A name leads to an address that may not be called."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a webhook's requests go.

    Attributes:
        host: The name or address in ASCII, for the look-up, TLS and the `Host` header.
        path: With the query; percent-encoded.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str, *, allow_private: bool = False) -> Target:
    """The parts of a webhook's URL.

    Args:
        url: `https://…`; also `http://…` when private addresses are allowed.
        allow_private: See `DeliveryOptions`.

    Raises:
        InvalidInputError: It is not such a URL, or holds a password.
    """
    if not url.strip():
        raise InvalidInputError(f"Webhook URL cannot be empty or just whitespace: {url!r}.", hint="Write https://….")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        name = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError as error:
        raise InvalidInputError(f"Invalid webhook URL {url!r}: {error}.", hint="Write https://host/path.") from error
    schemes = ("https", "http") if allow_private else ("https",)
    if parts.scheme not in schemes:
        raise InvalidInputError(
            f"Invalid webhook URL scheme: {parts.scheme!r}. Allowed schemes are: {', '.join(schemes)}.",
            hint="Plain http is for this machine and private networks: see the setting webhooks.allow_private."
            if parts.scheme == "http"
            else "Write https://….",
        )
    if not name or parts.username is not None or parts.password is not None:
        what = "must not hold a user or password" if name else "must include a hostname"
        raise InvalidInputError(f"Webhook URL {what}: {url!r}.", hint="Sign deliveries with a secret instead.")
    if len(url) > _LONGEST_URL or any(ord(character) <= 32 or ord(character) == 127 for character in url):
        raise InvalidInputError(
            f"Invalid webhook URL {url[:80]!r}: it holds blanks or is longer than {_LONGEST_URL} characters.",
            hint="Write %20 for a blank.",
        )
    safe = "/%:@!$&'()*+,;=-._~?"
    path = quote(parts.path or "/", safe=safe) + (f"?{quote(parts.query, safe=safe)}" if parts.query else "")
    return Target(scheme=parts.scheme, host=name, port=port or _DEFAULT_PORTS[parts.scheme], path=path)


def look_up(target: Target, *, allow_private: bool, timeout_s: float) -> list[str]:
    """The addresses of a target, each of which may be called.

    Args:
        target: What to look up.
        allow_private: See `DeliveryOptions`.
        timeout_s: How long to wait for the name servers.

    Raises:
        ForbiddenAddressError: One of them may not be called. One is enough: another answer might come next time.
        OSError: There is no such name, or no answer in time.
    """
    addresses = list(dict.fromkeys(_addresses(target, timeout_s)))
    for address in addresses:
        reason = refusal(address, allow_private=allow_private)
        if reason:
            raise ForbiddenAddressError(f"{target.host} leads to {address}, {reason}")
    return addresses


def refusal(address: str, *, allow_private: bool) -> str:
    """Why an address may not be called; empty when it may.

    Example:
        >>> refusal("169.254.169.254", allow_private=True)
        'which is link-local or serves metadata.'
    """
    ip = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_link_local or ip in _METADATA:
        return "which is link-local or serves metadata."
    if ip.is_multicast or ip.is_unspecified or (ip.is_reserved and not ip.is_loopback):
        return "which is not the address of one machine."
    if not ip.is_global and not allow_private:
        return "which is private; the setting webhooks.allow_private would allow it."
    return ""


def _unwrapped(ip: _Address) -> _Address:
    """The IPv4 address inside an IPv6 one, which is where the packets end up."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
    if inner is None and (ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 1)):
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return inner or ip


def _addresses(target: Target, timeout_s: float) -> list[str]:
    found: list[str] = []
    failure: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            found.extend(str(answer[4][0]) for answer in answers)
        except OSError as error:
            failure.append(error)
        except UnicodeError as error:
            failure.append(OSError(f"not a host name: {error}"))

    # The system's look-up cannot be interrupted; a thread that is left behind ends by itself.
    thread = threading.Thread(target=ask, name="webhook-look-up", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if failure:
        raise failure[0]
    if not found:
        raise TimeoutError(f"the name {target.host} could not be looked up within {timeout_s:g} s")
    return found
