"""From a request's credentials to who sends it; nothing gets by without, but for a few open paths."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from millwright.core.errors import (
    ForbiddenError,
    MillwrightError,
    StorageError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from millwright.server.asgi import client_of, header_of, send_bytes, send_error
from millwright.server.auth.token import is_accepted, parse_token
from millwright.server.principal import KEY, Principal, roles_of
from millwright.server.traffic.limit import retry_after
from millwright.server.transfer import BEGINNING

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.records.account import SessionRecord, TokenRecord, UserRecord
    from millwright.server.asgi import App, Receive, Scope, Send
    from millwright.server.auth.attempt import Attempts
    from millwright.server.auth.password import PasswordCheck
    from millwright.server.auth.session import Sessions
    from millwright.server.auth.token import Token
    from millwright.server.transfer import Transfers
    from millwright.storage.base import AccountStore

logger = logging.getLogger(__name__)

OPEN = frozenset({"/health", "/version", "/login", "/login/oidc", "/login/oidc/callback"})
# Forms of our own pages carry the session's token as a field; who answers them looks at it.
FORMS = frozenset(
    {
        "/logout", "/account/tokens", "/account/tokens/revoke", "/alerts/acknowledge", "/alerts/resolve",
        "/silences/add", "/silences/end",
    }
)  # fmt: skip
OPEN_FOLDER = "/assets/"  # style sheets, figures and scripts that come with the program
OPEN_HOOKS = "/api/v1/hooks/"  # the rest of the path is a secret of its own
_SAFE = frozenset({"GET", "HEAD"})
_KEEP_S = 2.0  # so long a revoked token, a taken role or a disabled user may still be let in
_KEPT = 4096
_CHALLENGE = (b"www-authenticate", b'Basic realm="millwright", charset="UTF-8"')
_NOTE_USE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Credentials:
    """What a request carries: one of a token, a name with a password, a session, and a transfer that was begun."""

    kind: str
    first: str
    second: str = ""

    @property
    def trace(self) -> bytes:
        """What stands for them in memory."""
        text = f"{self.kind}\x00{self.first}\x00{self.second}"
        return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


class Authenticator:
    """Knows who sends a request.

    Args:
        accounts: Users, tokens and sessions.
        clock: The time.
        sessions: Logins in browsers.
        passwords: Verifies passwords.
        attempts: Counts failures.
        transfers: Knows what was given out for one transfer of a file; None where nothing is.
    """

    def __init__(
        self,
        accounts: AccountStore,
        clock: Clock,
        sessions: Sessions,
        passwords: PasswordCheck,
        attempts: Attempts,
        transfers: Transfers | None = None,
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._sessions = sessions
        self._passwords = passwords
        self._attempts = attempts
        self._transfers = transfers
        self._known: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()

    async def identify(self, scope: Scope) -> Principal | None:
        """Who sends a request; None when it carries no credentials.

        Raises:
            UnauthenticatedError: The credentials are not valid.
            TooManyRequestsError: There were too many that were not.
        """
        carried = self._carried(scope)
        if carried is None:
            return None
        found = self._known.get(carried.trace)
        if found is not None and time.monotonic() < found[1]:
            return found[0]
        principal = await asyncio.to_thread(self._look_up, carried, client_of(scope))
        self._known.pop(carried.trace, None)
        self._known[carried.trace] = (principal, time.monotonic() + _KEEP_S)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return principal

    def check_password(self, name: str, password: str, client: str) -> UserRecord:
        """The user of a name and password.

        Raises:
            UnauthenticatedError: They do not belong together; it is not told which is wrong.
            TooManyRequestsError: This address has failed too often with this name.
        """
        user = self._accounts.find_user(name.lower())
        stored = user.password_hash if user is not None and not user.disabled else None
        if user is not None and stored is not None and self._passwords.knows(password, stored):
            return user
        key = f"{client} {name.lower()}"
        self._refuse_haste(key)
        if user is None or not self._passwords.is_right(password, stored):
            self._attempts.fail(key)
            logger.warning("failed login", extra={"fields": {"user": name[:100], "client": client}})
            raise UnauthenticatedError("Expected the name and password of a user, found others.")
        self._attempts.succeed(key)
        return user

    def forget(self) -> None:
        """Look everybody up anew."""
        self._known.clear()

    def _carried(self, scope: Scope) -> _Credentials | None:
        header = header_of(scope, b"authorization")
        if not header:
            session = self._sessions.id_of(scope)
            return _Credentials("session", session) if session else None
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "bearer" and value.startswith(BEGINNING) and self._transfers is not None:
            return _Credentials("transfer", self._transfers.actor_of(value, scope))
        if scheme.lower() == "bearer":
            return _Credentials("token", value.strip())
        if scheme.lower() == "basic":
            return _basic(value.strip())
        raise UnauthenticatedError("Expected 'Bearer' or 'Basic' credentials, found others.", hint=_HOW)

    def _look_up(self, carried: _Credentials, client: str) -> Principal:
        if carried.kind == "session":
            return self._of_session(self._sessions.find(carried.first))
        if carried.kind == "transfer":
            return self._of_transfer(carried.first)
        if carried.kind == "token":
            return self._of_token(carried.first, client)
        if parse_token(carried.second) is not None:
            return self._of_token(carried.second, client, name=carried.first)
        return self._of_user(self.check_password(carried.first, carried.second, client))

    def _of_session(self, session: SessionRecord | None) -> Principal:
        user = self._accounts.find_user(session.user) if session is not None else None
        if session is None or user is None or user.disabled:
            raise UnauthenticatedError("The login has ended.", hint="Log in again.")
        return self._of_user(user, session=session)

    def _of_transfer(self, actor: str) -> Principal:
        user = self._accounts.find_user(actor.removeprefix("user:"))
        if user is None or user.disabled:
            raise UnauthenticatedError("Expected a transfer of a user, found that of another.", hint=_HOW)
        return self._of_user(user)

    def _of_token(self, text: str, client: str, name: str = "") -> Principal:
        self._refuse_haste(client)
        token = parse_token(text)
        record = self._accounts.find_token(token.prefix) if token is not None else None
        now = self._clock.now()
        user = self._accounts.find_user(record.user) if record is not None else None
        if token is None or record is None or not _is_valid(record, token, user, now, name):
            self._attempts.fail(client)
            logger.warning("token refused", extra={"fields": {"client": client}})
            raise UnauthenticatedError("Expected a token that is valid, found another.", hint=_HOW)
        self._note_use(record, now)
        roles = roles_of(self._accounts.list_grants(record.user), record)
        return Principal(actor=f"user:{record.user}", roles=roles, user=record.user, token=record.prefix)

    def _of_user(self, user: UserRecord, session: SessionRecord | None = None) -> Principal:
        roles = roles_of(self._accounts.list_grants(user.name))
        id_hash, csrf_token = ("", "") if session is None else (session.id_hash, session.csrf_token)
        return Principal(actor=f"user:{user.name}", roles=roles, session=id_hash, csrf_token=csrf_token, user=user.name)

    def _refuse_haste(self, key: str) -> None:
        wait = self._attempts.wait_s(key)
        if wait:
            raise TooManyRequestsError(
                "Expected fewer failed logins.", hint=f"Try again in {wait:.0f} s.", details={"wait_s": round(wait, 1)}
            )

    def _note_use(self, record: TokenRecord, now: datetime) -> None:
        if record.last_used_at is not None and now - record.last_used_at < _NOTE_USE:
            return
        try:
            self._accounts.touch_token(record.id, now)
        except StorageError:
            logger.warning("the use of a token could not be noted", exc_info=True)


class Authentication:
    """Lets requests through that somebody known sends, and those to the open paths.

    Args:
        app: What answers them.
        authenticator: Knows who sends a request.
    """

    def __init__(self, app: App, authenticator: Authenticator) -> None:
        self._app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who sends a request, and pass it on or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_open = scope["path"] in OPEN or scope["path"].startswith((OPEN_FOLDER, OPEN_HOOKS))
        try:
            principal = await self._authenticator.identify(scope)
            if principal is None and not is_open:
                raise UnauthenticatedError("Expected credentials, found none.", hint=_HOW)
            if principal is not None and not is_open:
                _require_same_site(scope, principal)
        except MillwrightError as error:
            if not is_open or isinstance(error, StorageError):
                await _refuse(scope, send, error)
                return
            principal = None
        await self._app({**scope, KEY: principal}, receive, send)


class Everyone:
    """Takes everybody for the one who started the server.

    Args:
        app: What answers.
        principal: Who everybody is.
    """

    def __init__(self, app: App, principal: Principal) -> None:
        self._app = app
        self._principal = principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        scope[KEY] = self._principal
        await self._app(scope, receive, send)


_HOW = "Send a token (MLFLOW_TRACKING_TOKEN), or a name and password; mw tokens create makes a token."


def _basic(value: str) -> _Credentials:
    try:
        name, separator, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        name = separator = password = ""
    if not separator:
        raise UnauthenticatedError("Expected a name and password in Base64, found something else.", hint=_HOW)
    return _Credentials("basic", name, password)


def _is_valid(record: TokenRecord, token: Token, user: UserRecord | None, now: datetime, name: str) -> bool:
    named = not name or name.lower() in {"token", record.user}
    return is_accepted(record, token.secret, now) and user is not None and not user.disabled and named


def _require_same_site(scope: Scope, principal: Principal) -> None:
    """A browser sends its cookie whoever made it ask: what changes something has to prove that our page did."""
    if not principal.session or scope["method"] in _SAFE or scope["path"] in FORMS:
        return
    if not hmac.compare_digest(header_of(scope, b"x-csrf-token").encode(), principal.csrf_token.encode()):
        raise ForbiddenError(
            "Expected the session's token in the header X-CSRF-Token, found another or none.",
            hint="Programs use an API token instead of a browser's session.",
        )


async def _refuse(scope: Scope, send: Send, error: MillwrightError) -> None:
    asks_page = "text/html" in header_of(scope, b"accept") and not scope["path"].startswith(("/api/", "/ajax-api/"))
    if isinstance(error, UnauthenticatedError) and asks_page and scope["method"] in _SAFE:
        target = f"/login?next={quote(scope['path'], safe='/')}"
        await send_bytes(send, 303, b"", more=[(b"location", target.encode())])
        return
    more = []
    if isinstance(error, UnauthenticatedError):
        more = [_CHALLENGE]
    elif isinstance(error, TooManyRequestsError):
        more = retry_after(float(error.details.get("wait_s", 1)))
    await send_error(scope, send, error, more=more)
