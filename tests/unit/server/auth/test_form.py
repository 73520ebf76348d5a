from __future__ import annotations

import asyncio

import pytest

from millwright.core.errors import ForbiddenError, PayloadTooLargeError
from millwright.server.auth.form import page, read_form, require_own_form
from millwright.server.principal import Principal, owner


def read(*chunks: bytes) -> dict[str, str]:
    left = list(chunks)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return asyncio.run(read_form(receive))


def test_form_comes_in_pieces_and_the_first_value_counts():
    assert read(b"name=a%20", b"b&x=1&x=2&empty=") == {"name": "a b", "x": "1", "empty": ""}


def test_form_that_is_too_long_is_refused():
    with pytest.raises(PayloadTooLargeError):
        read(b"x=1&", b"y" * 20_000)


def test_form_of_a_login_needs_its_token():
    browser = Principal(actor="user:ann", roles={}, session="s", csrf_token="right")
    require_own_form(browser, "right")
    for given in ("", "wrong", "é"):
        with pytest.raises(ForbiddenError, match="own form"):
            require_own_form(browser, given)


def test_caller_without_a_login_needs_none():
    for caller in (None, owner("ann"), Principal(actor="user:ann", roles={}, token="abc")):
        require_own_form(caller, "")


def test_title_is_escaped():
    assert "<title>&lt;b&gt; · Millwright</title>" in page("<b>", "")
