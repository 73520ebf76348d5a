"""The pages to log in and out."""

from __future__ import annotations

import asyncio
import hmac
import math
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from millwright.core.errors import ForbiddenError, MillwrightError, TooManyRequestsError
from millwright.core.records.account import EVERY_PROJECT
from millwright.server.asgi import client_of, send_bytes
from millwright.server.auth.form import HTML, page, read_form, redirect
from millwright.server.principal import principal_of
from millwright.server.traffic.limit import retry_after

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from millwright.server.asgi import App, Header, Receive, Scope, Send
    from millwright.server.auth.authentication import Authenticator
    from millwright.server.auth.oidc import OidcLogin
    from millwright.server.auth.session import Sessions
    from millwright.server.principal import Principal


class Login:
    """Answers `/login`, `/login/oidc…` and `/logout`; hands everything else on.

    Args:
        app: What answers the rest.
        authenticator: Verifies passwords.
        sessions: Begins and ends logins.
        oidc: Logs in by an OpenID provider; None when there is none.
    """

    def __init__(
        self, app: App, authenticator: Authenticator, sessions: Sessions, oidc: OidcLogin | None = None
    ) -> None:
        self._app = app
        self._authenticator = authenticator
        self._sessions = sessions
        self._oidc = oidc
        self._pages: Mapping[tuple[str, str], Callable[[Scope, Receive, Send], Awaitable[None]]] = {
            ("GET", "/login"): self._show,
            ("POST", "/login"): self._log_in,
            ("GET", "/logout"): self._show,
            ("POST", "/logout"): self._log_out,
            ("GET", "/login/oidc"): self._ask_provider,
            ("GET", "/login/oidc/callback"): self._hear_provider,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or hand on."""
        answer = self._pages.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        try:
            await answer(scope, receive, send)
        except MillwrightError as error:
            await self._answer(scope, send, status=error.http_status, said=str(error), more=_more(error))

    async def _show(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        await self._answer(scope, send)

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        form = await read_form(receive)
        user = await asyncio.to_thread(
            self._authenticator.check_password, form.get("name", ""), form.get("password", ""), client_of(scope)
        )
        cookie = await asyncio.to_thread(self._sessions.begin, user.name)
        await redirect(send, local_path(form.get("next", "")), [cookie])

    async def _log_out(self, scope: Scope, receive: Receive, send: Send) -> None:
        form = await read_form(receive)
        principal = principal_of(scope)
        expected = principal.csrf_token if principal is not None else ""
        if not expected or not hmac.compare_digest(form.get("csrf_token", "").encode(), expected.encode()):
            raise ForbiddenError("Expected this server's own form, found another request.", hint="Open /logout.")
        cookie = await asyncio.to_thread(self._sessions.end, principal.session if principal is not None else "")
        self._authenticator.forget()
        await redirect(send, "/login", [cookie])

    async def _ask_provider(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if self._oidc is None:
            await self._answer(scope, send, status=404, said="No OpenID provider is configured.")
            return
        url, cookie = await asyncio.to_thread(self._oidc.begin, scope, _next(scope))
        await redirect(send, url, [cookie])

    async def _hear_provider(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if self._oidc is None:
            await self._answer(scope, send, status=404, said="No OpenID provider is configured.")
            return
        user, target, cookie = await asyncio.to_thread(self._oidc.finish, scope)
        session = await asyncio.to_thread(self._sessions.begin, user)
        await redirect(send, local_path(target), [cookie, session])

    async def _answer(
        self, scope: Scope, send: Send, *, status: int = 200, said: str = "", more: Sequence[Header] = ()
    ) -> None:
        html = _page(principal_of(scope), _next(scope), said, by_provider=self._oidc is not None)
        await send_bytes(send, status, html.encode(), content_type=HTML, more=more)


def local_path(target: str) -> str:
    """Where to go after a login: a path of this server, whatever was asked for."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if plain and target.isascii() and not parts.netloc and not parts.scheme else "/"


def _next(scope: Scope) -> str:
    values = parse_qs(scope["query_string"].decode("latin-1")).get("next", [""])
    return local_path(values[0])


def _more(error: MillwrightError) -> list[Header]:
    if isinstance(error, TooManyRequestsError):
        return retry_after(math.ceil(float(error.details.get("wait_s", 1))))
    return []


def _page(principal: Principal | None, target: str, said: str, *, by_provider: bool) -> str:
    told = f"<p><strong>{escape(said)}</strong></p>" if said else ""
    body = _log_out_form(principal) if principal is not None else _log_in_form(target, by_provider=by_provider)
    return page("Log in", told + body)


def _log_in_form(target: str, *, by_provider: bool) -> str:
    provider = (
        f'<p><a href="/login/oidc?next={escape(target)}">Log in with your organisation</a></p>' if by_provider else ""
    )
    return f"""<h2>Log in</h2>
<form method="post" action="/login">
<input type="hidden" name="next" value="{escape(target)}">
<p><label>Name <input name="name" autocomplete="username" required autofocus></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Log in</button></p>
</form>{provider}"""


def _log_out_form(principal: Principal) -> str:
    roles = ", ".join(
        f"{role.value} {'everywhere' if project == EVERY_PROJECT else f'in {project}'}"
        for project, role in sorted(principal.roles.items())
    )
    return f"""<h2>{escape(principal.actor.removeprefix("user:"))}</h2>
<p>{escape(roles) or "You have no role in any project yet; ask an admin for one."}</p>
<form method="post" action="/logout">
<input type="hidden" name="csrf_token" value="{escape(principal.csrf_token)}">
<p><button>Log out</button></p>
</form>
<p><a href="/account">Your tokens</a></p>"""
