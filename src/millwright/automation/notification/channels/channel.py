"""What a channel is, and what it does with a digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from millwright.automation.delivery.options import DeliveryOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.automation.notification.digest import Digest

_SHORTEST_SECRET = 6  # characters of a part of an address that may be a key; shorter ones are words


class ChannelError(Exception):
    """A channel did not take a digest. Its text holds no secrets.

    Attributes:
        retry_after_s: How long the receiver asks to wait; None when it does not say.
    """

    def __init__(self, text: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A way to tell somebody, as it was configured.

    Attributes:
        kind: Which module sends.
        url: Where to; as likely as not it holds a password or a token, and it is never written anywhere.
        secret: Signs what is sent, where the kind can; empty for none.
    """

    name: str
    kind: str
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """What may be shown of the address: its scheme. In many services' addresses even the host is a token."""
        scheme, is_url, _ = self.url.partition("://")
        return f"{scheme}://…" if is_url else "…"

    def secrets(self) -> Iterator[str]:
        """The texts that no message may repeat."""
        yield self.url
        if self.secret:
            yield self.secret
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return
        login, _, host = parts.netloc.rpartition("@")
        pieces = [login, *login.split(":", 1), *parts.path.split("/")]
        pieces += [pair.partition("=")[2] for pair in parts.query.split("&")]
        pieces += [] if "." in host or host.partition(":")[0] == "localhost" else [host]
        for piece in pieces:
            for form in {piece, unquote(piece)}:
                if len(form) >= _SHORTEST_SECRET and form not in _NO_SECRETS:
                    yield form


_NO_SECRETS = frozenset({"api/v2", "alerts", "webhook", "webhooks", "services"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """One attempt.

    Attributes:
        delivery_id: The same for each attempt of a delivery.
        now: The time.
        options: Limits of time and size.
    """

    delivery_id: str
    now: datetime
    options: DeliveryOptions


class Sender(Protocol):
    """What each kind's module has."""

    def send(self, channel: Channel, digest: Digest, sending: Sending) -> None:
        """Bring a digest to its receiver, and return when the receiver has taken it.

        Raises:
            ChannelError: It has not.
            MissingExtraError: The library for it is not installed.
            InvalidInputError: The address is none.
            OSError: The receiver cannot be reached.
        """
        ...
