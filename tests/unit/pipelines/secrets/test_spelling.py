from __future__ import annotations

import base64
import csv
import html
import io
import json
import shlex
import string
import urllib.parse
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from millwright.pipelines.secrets import Masks
from millwright.pipelines.secrets.spelling import spellings

if TYPE_CHECKING:
    from collections.abc import Callable

AWS = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSj/+==\n-----END PRIVATE KEY-----\n"
SECRETS = st.one_of(
    st.text(string.ascii_letters + string.digits + string.punctuation + " ", min_size=4, max_size=40),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=4, max_size=20),
).filter(lambda text: text == text.strip())
SAFE = st.text(string.punctuation + " ", max_size=12)


def masked(secret: str, text: str) -> str:
    masks = Masks()
    masks.add(secret)
    return masks.mask(text)


def csv_cell(secret: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerow([secret])
    return stream.getvalue().strip()[1:-1]


TEXTS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json of non-ASCII": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "json with slashes escaped": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "json of a browser's": lambda secret: json.dumps(secret)[1:-1].replace("<", "\\u003c").replace("&", "\\u0026"),
    "json in json": lambda secret: json.dumps(json.dumps(secret)[1:-1])[1:-1],
    "json in json in json": lambda secret: json.dumps(json.dumps(json.dumps(secret)[1:-1])[1:-1])[1:-1],
    "json in a query": lambda secret: urllib.parse.quote(json.dumps(secret)[1:-1], safe=""),
    "json in a page": lambda secret: html.escape(json.dumps(secret)[1:-1]),
    "repr": lambda secret: repr(secret)[1:-1],
    "repr of repr": lambda secret: repr(repr(secret)[1:-1])[1:-1],
    "ascii": lambda secret: ascii(secret)[1:-1],
    "repr of bytes": lambda secret: repr(secret.encode())[2:-1],
    "quote": urllib.parse.quote,
    "quote of all": lambda secret: urllib.parse.quote(secret, safe=""),
    "quote of quote": lambda secret: urllib.parse.quote(urllib.parse.quote(secret, safe=""), safe=""),
    "quote_plus": urllib.parse.quote_plus,
    "form": lambda secret: urllib.parse.urlencode({"k": secret})[2:],
    "html": html.escape,
    "html without quotes": lambda secret: html.escape(secret, quote=False),
    "xml": lambda secret: secret.encode("ascii", "xmlcharrefreplace").decode(),
    "csv": csv_cell,
    "sql": lambda secret: secret.replace("'", "''"),
}


@pytest.mark.parametrize("way", TEXTS)
@settings(max_examples=25)
@given(secret=SECRETS)
@example(secret=AWS)
@example(secret="a'b\"c\\d&e%f<g>h i+j/k")
@example(secret="\\\\\"\"''%%&&++")
@example(secret="pässwört-😀")
@example(secret="00&¡")
def test_secret_is_hidden_whole_in_each_form_of_text(way: str, secret: str) -> None:
    assert masked(secret, f"⟦{TEXTS[way](secret)}⟧") == "⟦***⟧"


@given(secret=SECRETS, safe=SAFE)
@example(secret=AWS, safe="/")
def test_secret_is_hidden_whatever_a_library_leaves_alone_in_a_url(secret: str, safe: str) -> None:
    quoted = urllib.parse.quote(secret, safe=safe.replace("%", ""))
    lower = "".join(part.lower() if part[0] == "%" else part for part in _escapes(quoted))
    assert masked(secret, f"⟦{quoted}⟧{lower}⟧") == "⟦***⟧***⟧"


def _escapes(quoted: str) -> list[str]:
    found, at = [], 0
    while at < len(quoted):
        size = 3 if quoted[at] == "%" else 1
        found.append(quoted[at : at + size])
        at += size
    return found


@given(secret=SECRETS)
@example(secret="a'b")
def test_secret_is_hidden_in_a_command_line(secret: str) -> None:
    quoted = shlex.quote(secret)
    assert masked(secret, f"login {quoted} now") in {"login *** now", "login '***' now"}
    slashed = "".join(each if each.isalnum() or not each.isascii() else f"\\{each}" for each in secret)
    assert masked(secret, f"login {slashed} now").replace("\\", "") == "login *** now"


@given(
    secret=SECRETS,
    before=st.binary(max_size=7),
    after=st.binary(max_size=7),
    encode=st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]),
)
@example(secret=AWS, before=b"user:", after=b"", encode=base64.b64encode)
def test_no_character_of_base64_that_tells_of_the_secret_is_left(
    secret: str, before: bytes, after: bytes, encode: Callable[[bytes], bytes]
) -> None:
    data = secret.encode()
    text = encode(before + data + after).decode()
    # Six bits a character: those that have one of the secret's.
    first, last = 8 * len(before) // 6, -(-8 * (len(before) + len(data)) // 6)
    masks = Masks()
    masks.add(secret)
    (start, end), *others = masks.spans(text)
    assert start <= first
    assert end >= last
    assert not others


@pytest.mark.parametrize(
    "encode",
    [
        base64.encodebytes,
        lambda data: base64.encodebytes(data).replace(b"\n", b"\r\n"),
        lambda data: urllib.parse.quote(base64.b64encode(data)).encode(),
        lambda data: urllib.parse.quote(base64.b64encode(data), safe="").encode(),
        lambda data: json.dumps(base64.b64encode(data).decode()).replace("/", "\\/").encode(),
    ],
)
@pytest.mark.parametrize("before", range(3))
def test_base64_is_hidden_in_lines_and_in_urls(encode: Callable[[bytes], bytes], before: int) -> None:
    secret = "".join(chr(0x21 + (7 * number) % 94) for number in range(150)) + "ÿþ~~??>>"
    left = masked(secret, encode(b"-" * before + secret.encode()).decode())
    assert len(left.replace("***", "").strip('"=%3D\r\n')) <= before + 1


def test_bearer_within_a_web_token_is_hidden() -> None:
    secret = 'pa"ss/wörd'
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "ada", "password": secret}).encode()).decode()
    assert base64.b64encode(b'pa\\"ss').decode()[4:8] not in masked(secret, claims)
    assert "***" in masked(secret, claims)


@given(secret=SECRETS, before=st.binary(max_size=3))
def test_secret_is_hidden_in_hexadecimal_digits(secret: str, before: bytes) -> None:
    for text in ((before + secret.encode()).hex(), (before + secret.encode()).hex().upper()):
        assert secret.encode().hex() not in masked(secret, f"⟦{text}⟧").lower()


@pytest.mark.parametrize("way", ["raw", "json", "repr", "quote", "quote of all", "html", "json in json"])
def test_secret_of_several_lines_is_hidden_whole_and_line_by_line(way: str) -> None:
    assert masked(KEY, f"⟦{TEXTS[way](KEY)}⟧") == "⟦***⟧"
    assert masked(KEY, f"⟦{TEXTS[way](KEY.strip())}⟧") == "⟦***⟧"
    for line in KEY.splitlines():
        assert masked(KEY, f"> {TEXTS[way](line)}") == "> ***"


def test_short_secret_does_not_hide_digits_and_letters_that_could_be_its_code() -> None:
    assert masked("a", "61 YQ Y") == "61 YQ Y"


@given(secret=SECRETS, text=st.text(string.ascii_letters + string.punctuation, max_size=60))
def test_text_without_the_secret_stays_as_it_is(secret: str, text: str) -> None:
    left = masked(secret, text)
    assert left == text or "***" in left


@given(secret=SECRETS)
def test_no_span_is_longer_than_the_longest(secret: str) -> None:
    for spelling in spellings(secret):
        for way in TEXTS.values():
            assert all(end - start <= spelling.longest for start, end in spelling.spans(way(secret) * 2))
