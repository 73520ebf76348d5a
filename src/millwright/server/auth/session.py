"""Logins in browsers: a cookie with a random id, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from millwright.core.records.account import SessionRecord
from millwright.server.asgi import header_of

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.server.asgi import Header, Scope
    from millwright.storage.base import AccountStore


class Sessions:
    """Begins, finds and ends sessions.

    Args:
        accounts: Where they are kept.
        clock: The time.
        hours: How long one lasts.
        secure: Whether browsers reach the server by HTTPS only; the cookie then is sent by no other way.
    """

    def __init__(self, accounts: AccountStore, clock: Clock, *, hours: float, secure: bool) -> None:
        self._accounts = accounts
        self._clock = clock
        self._lasts = timedelta(hours=hours)
        self._secure = secure
        # Browsers take a cookie of this beginning only from HTTPS, for this host alone.
        self.cookie = "__Host-mw_session" if secure else "mw_session"

    def begin(self, user: str) -> Header:
        """Begin a session; the header that gives the browser its cookie."""
        value, now = secrets.token_urlsafe(32), self._clock.now()
        self._accounts.create_session(
            SessionRecord(
                id_hash=_hash(value),
                user=user,
                csrf_token=secrets.token_urlsafe(32),
                created_at=now,
                expires_at=now + self._lasts,
            )
        )
        return self._header(value, round(self._lasts.total_seconds()))

    def find(self, id_hash: str) -> SessionRecord | None:
        """A session that goes on."""
        record = self._accounts.find_session(id_hash)
        return None if record is None or record.expires_at <= self._clock.now() else record

    def end(self, id_hash: str) -> Header:
        """End a session; the header that takes the cookie away."""
        if id_hash:
            self._accounts.delete_session(id_hash)
        return self._header("", 0)

    def id_of(self, scope: Scope) -> str:
        """The hash of the session's id that a request carries; empty when it carries none."""
        value = cookie_of(scope, self.cookie)
        return _hash(value) if value else ""

    def _header(self, value: str, seconds: int) -> Header:
        return cookie_header(self.cookie, value, seconds, secure=self._secure)


def cookie_of(scope: Scope, name: str) -> str:
    """A request's cookie; empty when it is not there."""
    try:
        jar = SimpleCookie(header_of(scope, b"cookie"))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def cookie_header(name: str, value: str, seconds: int, *, secure: bool) -> Header:
    """The header that sets a cookie which scripts cannot read and other sites' forms do not send."""
    text = f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
    return (b"set-cookie", text.encode("latin-1"))


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()
