"""Small pages with forms, and what comes back from them."""

from __future__ import annotations

import hmac
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from millwright.core.errors import ForbiddenError, PayloadTooLargeError
from millwright.server.asgi import send_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.server.asgi import Header, Receive, Send
    from millwright.server.principal import Principal

HTML = b"text/html; charset=utf-8"
_MOST_BYTES = 16_384


async def read_form(receive: Receive) -> dict[str, str]:
    """The first value of each field.

    Raises:
        PayloadTooLargeError: It is longer than any form of ours.
    """
    data = b""
    while True:
        message = await receive()
        data += message.get("body", b"")
        if len(data) > _MOST_BYTES:
            raise PayloadTooLargeError("Expected a short form, found a long one.")
        if not message.get("more_body", False):
            break
    found = parse_qs(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in found.items()}


def require_own_form(principal: Principal | None, given: str) -> None:
    """Make sure that a form which changes something came from a page that this login has seen.

    A browser sends its session's cookie whoever made it ask. Callers without a session prove who they are by
    themselves, or are nobody's browser.

    Args:
        principal: Who sent it.
        given: Its field `csrf_token`.

    Raises:
        ForbiddenError: The session has another token.
    """
    if principal is None or not principal.session:
        return
    if not hmac.compare_digest(given.encode(), principal.csrf_token.encode()):
        raise ForbiddenError(
            "Expected this server's own form, found another.", hint="Open the page again, and send its form."
        )


async def redirect(send: Send, target: str, more: Iterable[Header] = ()) -> None:
    """Send the browser somewhere else."""
    await send_bytes(send, 303, b"", more=[(b"location", target.encode("ascii", "replace")), *more])


def page(title: str, body: str) -> str:
    """A page as text.

    Args:
        title: Plain text.
        body: HTML inside its first section.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · Millwright</title>
<link rel="icon" href="/assets/mark.svg">
<link rel="stylesheet" href="/assets/page.css">
</head>
<body>
<div class="top"><div><a class="brand" href="/"><img src="/assets/mark.svg" alt="">Millwright</a></div></div>
<main><section>{body}</section></main>
</body>
</html>
"""
