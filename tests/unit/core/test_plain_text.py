from __future__ import annotations

import json

import pytest

from millwright.core.plain_text import visible


@pytest.mark.parametrize("text", ["", "plain", "größe 日本 🙂", "two\nlines\tand a tab", "[bold] \\u001b"])
def test_plain_text_stays_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize("control", ["\x1b]0;t\x07", "\x1b[31m", "\r", "\x00", "\x7f", "\x9b31m", "\u2028", "\u202e"])
def test_control_characters_are_written_out(control):
    shown = visible(f"a{control}b")
    assert shown.isprintable()
    assert json.loads(f'"{shown}"') == f"a{control}b"


def test_json_means_the_same():
    text = json.dumps({"a\x9b": "\u2028\x1b"}, ensure_ascii=False, indent=2)
    assert json.loads(visible(text)) == json.loads(text)
