"""The page of one's own tokens, and that of all users; small forms, no JavaScript."""

from __future__ import annotations

import asyncio
import hmac
from html import escape
from typing import TYPE_CHECKING

from millwright.core.errors import ForbiddenError, InvalidInputError, MillwrightError, UnauthenticatedError
from millwright.core.records.account import EVERY_PROJECT, Role
from millwright.server.asgi import send_bytes
from millwright.server.auth.account import parse_role
from millwright.server.auth.form import HTML, page, read_form, redirect
from millwright.server.auth.own_token import OwnTokens
from millwright.server.principal import principal_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.records.account import TokenRecord
    from millwright.server.asgi import App, Receive, Scope, Send
    from millwright.server.principal import Principal
    from millwright.storage.catalog import Stores

_PRIVATE = ((b"cache-control", b"no-store"),)


class AccountPages:
    """Answers `/account…` and `/users`; hands everything else on.

    Args:
        app: What answers the rest.
        stores: Users, grants and tokens.
        clock: The time.
    """

    def __init__(self, app: App, stores: Stores, clock: Clock) -> None:
        self._app = app
        self._stores = stores
        self._clock = clock
        self._pages: Mapping[tuple[str, str], Callable[[Principal, Receive, Send], Awaitable[None]]] = {
            ("GET", "/account"): self._show,
            ("POST", "/account/tokens"): self._create,
            ("POST", "/account/tokens/revoke"): self._revoke,
            ("GET", "/users"): self._show_users,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or hand on."""
        answer = self._pages.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        try:
            principal = principal_of(scope)
            if principal is None:
                raise UnauthenticatedError("Expected credentials, found none.", hint="Log in at /login.")
            await answer(principal, receive, send)
        except MillwrightError as error:
            said = f'<p><strong>{escape(str(error))}</strong></p><p><a href="/account">Your tokens</a></p>'
            await _send(send, "Tokens", said, status=error.http_status)

    async def _show(self, principal: Principal, receive: Receive, send: Send) -> None:
        del receive
        records = await asyncio.to_thread(self._own(principal).list)
        await _send(send, "Tokens", self._account(principal, records))

    async def _create(self, principal: Principal, receive: Receive, send: Send) -> None:
        form = await _own_form(principal, receive)
        token, record = await asyncio.to_thread(
            self._own(principal).create,
            label=form.get("label", "").strip(),
            role=parse_role(form.get("role", "")),
            projects=[each for each in form.get("projects", "").replace(",", " ").split() if each],
            days=_days(form.get("days", "").strip()),
        )
        told = (
            "<h2>Your new token</h2><p>Copy it now: it is shown this once, and only a hash of it is kept.</p>"
            f"<pre tabindex='0'>{escape(str(token))}</pre><p>{escape(record.label)} {_ends(record.expires_at)}</p>"
            '<p><a href="/account">Your tokens</a></p>'
        )
        await _send(send, "Your new token", told)

    async def _revoke(self, principal: Principal, receive: Receive, send: Send) -> None:
        form = await _own_form(principal, receive)
        await asyncio.to_thread(self._own(principal).revoke, form.get("id", ""))
        await redirect(send, "/account", _PRIVATE)

    async def _show_users(self, principal: Principal, receive: Receive, send: Send) -> None:
        del receive
        if not principal.may(Role.ADMIN, EVERY_PROJECT):
            raise ForbiddenError("Expected an admin of all projects; you are none.", hint="Ask one: mw users list.")
        await _send(send, "Users", await asyncio.to_thread(self._users))

    def _own(self, principal: Principal) -> OwnTokens:
        return OwnTokens(self._stores, self._clock, principal)

    def _account(self, principal: Principal, records: list[TokenRecord]) -> str:
        now = self._clock.now()
        rows = [
            [
                escape(each.label),
                f"<code>mw_{escape(each.prefix)}_…</code>",
                each.role.value,
                escape(", ".join(each.projects)) or "wherever you can",
                _at(each.created_at),
                _at(each.last_used_at),
                _state(each, now),
                "" if _is_over(each, now) else _revoke_form(principal, each),
            ]
            for each in records
        ]
        headers = ["Label", "Token", "Role", "Projects", "Made", "Last used", "State", ""]
        users = '<p><a href="/users">Users and roles</a></p>' if principal.may(Role.ADMIN, EVERY_PROJECT) else ""
        return (
            f"<h2>Tokens of {escape(principal.user)}</h2>{_table(headers, rows, 'You have no tokens.')}"
            f"</section><section><h2>Make a token</h2>{_create_form(principal)}"
            f'<p><a href="/logout">Log out</a></p>{users}'
        )

    def _users(self) -> str:
        store, now = self._stores.accounts, self._clock.now()
        grants, tokens = store.list_grants(), store.list_tokens()
        rows = [
            [
                escape(user.name),
                "<br>".join(
                    f"{grant.role.value} {_where(grant.project)}, by {escape(grant.granted_by)}"
                    for grant in grants
                    if grant.user == user.name
                )
                or "no role",
                "password" if user.password_hash else escape(user.issuer) or "tokens only",
                str(sum(each.user == user.name and not _is_over(each, now) for each in tokens)),
                _at(user.created_at),
                "disabled" if user.disabled else "",
            ]
            for user in store.list_users()
        ]
        headers = ["Name", "Roles", "Comes in by", "Tokens", "Added", ""]
        return (
            f"<h2>Users</h2>{_table(headers, rows, 'There are no users.')}<p>To change them: mw users, mw tokens.</p>"
        )


async def _own_form(principal: Principal, receive: Receive) -> dict[str, str]:
    """The form, which must come from a page that this session has seen."""
    form = await read_form(receive)
    given = form.get("csrf_token", "").encode()
    if not principal.csrf_token or not hmac.compare_digest(given, principal.csrf_token.encode()):
        raise ForbiddenError(
            "Expected this server's own form in a browser that is logged in, found another request.",
            hint="Open /account; programs use /api/v1/tokens.",
        )
    return form


def _days(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise InvalidInputError(f"Expected a number of days, found '{text[:40]}'.") from None


def _create_form(principal: Principal) -> str:
    if not principal.session:
        return '<p>Log in <a href="/login">in a browser</a> to make tokens here, or use /api/v1/tokens.</p>'
    chosen = Role.CONTRIBUTOR
    roles = "".join(f"<option{' selected' if role is chosen else ''}>{role.value}</option>" for role in Role)
    return f"""<form method="post" action="/account/tokens">{_field(principal)}
<p><label>What it is for <input name="label" maxlength="200" required></label></p>
<p><label>At most as <select name="role">{roles}</select></label></p>
<p><label>Only in these projects <input name="projects" placeholder="wherever you can"></label></p>
<p><label>Days until it ends <input name="days" type="number" min="1" max="36500" value="90"></label></p>
<p><button>Make it</button></p>
</form>"""


def _revoke_form(principal: Principal, record: TokenRecord) -> str:
    if not principal.session:
        return ""
    return (
        f'<form method="post" action="/account/tokens/revoke">{_field(principal)}'
        f'<input type="hidden" name="id" value="{escape(record.id)}"><button>Revoke</button></form>'
    )


def _field(principal: Principal) -> str:
    return f'<input type="hidden" name="csrf_token" value="{escape(principal.csrf_token)}">'


def _table(headers: Iterable[str], rows: list[list[str]], empty: str) -> str:
    if not rows:
        return f'<p class="empty">{empty}</p>'
    head = "".join(f"<th>{each}</th>" for each in headers)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _is_over(record: TokenRecord, now: datetime) -> bool:
    return record.revoked_at is not None or (record.expires_at is not None and record.expires_at <= now)


def _state(record: TokenRecord, now: datetime) -> str:
    if record.revoked_at is not None:
        return f"revoked {_at(record.revoked_at)}"
    return f"expired {_at(record.expires_at)}" if _is_over(record, now) else _ends(record.expires_at)


def _ends(at: datetime | None) -> str:
    return "never ends" if at is None else f"ends {_at(at)}"


def _at(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _where(project: str) -> str:
    return "everywhere" if project == EVERY_PROJECT else f"in {escape(project)}"


async def _send(send: Send, title: str, body: str, *, status: int = 200) -> None:
    await send_bytes(send, status, page(title, body).encode(), content_type=HTML, more=_PRIVATE)
