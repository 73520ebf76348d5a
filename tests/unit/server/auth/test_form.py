from __future__ import annotations

import asyncio

import pytest

from millwright.core.errors import PayloadTooLargeError
from millwright.server.auth.form import page, read_form


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


def test_title_is_escaped():
    assert "<title>&lt;b&gt; · Millwright</title>" in page("<b>", "")
