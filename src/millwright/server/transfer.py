"""Addresses of this server that are given out for one transfer of a file, and what proves that they were.

Clients send the parts of an upload, and read a presigned file, without their credentials. What they get instead is good
for one method at one address, for a short while, in the name of whoever asked for it; the same rule is asked again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from millwright.core.errors import UnauthenticatedError
from millwright.server.asgi import header_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BEGINNING = "mwg_"
_FORM = re.compile(r"mwg_([0-9]{1,12})_([A-Za-z0-9_-]{1,400})_([0-9a-f]{64})")


class Transfers:
    """Gives out addresses, and knows the ones it gave out.

    Args:
        secret: Signs; the same in all workers.
        public_url: Where clients reach the server when a proxy stands in front of it; empty when none does.
        asks_who: Whether callers must say who they are.
        max_bytes: Largest file; 0 for any size.
        now: Seconds since 1970.
    """

    def __init__(
        self,
        secret: bytes = b"",
        *,
        public_url: str = "",
        asks_who: bool = False,
        max_bytes: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._key = hmac.digest(secret or os.urandom(32), b"millwright transfer", hashlib.sha256)
        self._public_url = public_url
        self._asks_who = asks_who
        self._now = now
        self.max_bytes = max_bytes

    def address(self, scope: Mapping[str, Any], path: str, query: str = "") -> str:
        """The URL of a path on this server, as the sender of a request reaches it."""
        base = self._public_url or f"{scope.get('scheme', 'http')}://{header_of(dict(scope), b'host')}"
        return f"{base}{quote(path, safe='/')}" + (f"?{query}" if query else "")

    def headers(self, actor: str, method: str, path: str, query: str = "", *, lasts_s: float) -> dict[str, str]:
        """What has to be sent along to an address; nothing where nobody asks.

        Args:
            actor: In whose name: `user:ada`.
            method: The only one that it is good for.
            path: Not encoded.
            query: As in the address.
            lasts_s: For how long.
        """
        if not self._asks_who:
            return {}
        until = str(round(self._now() + lasts_s))
        name = base64.urlsafe_b64encode(actor.encode()).decode().rstrip("=")
        return {"Authorization": f"Bearer {BEGINNING}{until}_{name}_{self._proof(until, name, method, path, query)}"}

    def actor_of(self, text: str, scope: Mapping[str, Any]) -> str:
        """In whose name a request comes.

        Args:
            text: What was sent along.
            scope: The request.

        Raises:
            UnauthenticatedError: It was given out for something else, or its time is over.
        """
        found = _FORM.fullmatch(text)
        until, name, proof = found.groups() if found is not None else ("0", "", "")
        query = scope.get("query_string", b"").decode("latin-1")
        expected = self._proof(until, name, scope["method"], scope["path"], query)
        if not hmac.compare_digest(expected, proof) or int(until) < self._now():
            raise UnauthenticatedError(
                "Expected a transfer that this server has begun a short while ago, found another.",
                hint="Begin it again.",
            )
        try:
            return base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UnauthenticatedError("Expected a name inside what proves a transfer.", hint="Begin again.") from error

    def _proof(self, *parts: str) -> str:
        # Lengths stand between the parts: none can be moved from one into the next.
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._key, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
