from __future__ import annotations

import pytest

from millwright.tracking.capture.secret import MASK, mask_command, mask_line, mask_text


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("+PASSWORD = 'hunter2'", "+PASSWORD = ***"),
        ('+  "api_key": "abc",', '+  "api_key": ***'),
        ("+url = postgresql://ada:hunter2@db/x", "+url = postgresql://ada:***@db/x"),
        ("+curl -H 'Authorization: Bearer abcdefgh12345'", "+curl -H 'Authorization: Bearer ***'"),
        ("+key AKIAABCDEFGHIJKLMNOP", "+key ***"),
        ("+x = 'ghp_" + "a" * 36 + "'", "+x = '***'"),
        ("+learning_rate = 0.1", "+learning_rate = 0.1"),
        ("+def tokenize(text):", "+def tokenize(text):"),
    ],
)
def test_line_shows_no_secret(line: str, masked: str) -> None:
    assert mask_line(line) == masked


def test_private_key_is_masked_over_its_lines() -> None:
    text = "+a\n+-----BEGIN RSA PRIVATE KEY-----\n+MIIEow\n+-----END RSA PRIVATE KEY-----\n+b"
    assert mask_text(text) == "+a\n***\n***\n***\n+b"


def test_command_shows_no_secret() -> None:
    command = ["python", "a.py", "--password", "hunter2", "--db-token=abc", "--epochs", "3", "--api-key", "--verbose"]
    expected = ["python", "a.py", "--password", "***", "--db-token=***", "--epochs", "3", "--api-key", "--verbose"]
    assert mask_command(command) == expected


def test_one_word_of_a_megabyte_is_looked_through_once() -> None:
    picture = "x" * 1_000_000
    assert mask_line(f'"image/png": "{picture}"') == f'"image/png": "{picture}"'
    assert mask_line(f"{picture}_token = abc") == f"{picture}_token = {MASK}"
    assert mask_line('a"api_key": "abc"') == f'a"api_key": {MASK}'
