from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.filter.token import TokenKind, tokens


def kinds(text):
    return [(token.kind.name, token.text) for token in tokens(text)][:-1]


def test_text_becomes_tokens():
    assert kinds("metrics.`a b`>=-1.5e3 AND tags.x in ('a''b', 'c\\\\')") == [
        ("FIELD", "metrics.`a b`"),
        ("OPERATOR", ">="),
        ("NUMBER", "-1.5e3"),
        ("WORD", "AND"),
        ("FIELD", "tags.x"),
        ("WORD", "IN"),
        ("OPEN", "("),
        ("TEXT", "a'b"),
        ("COMMA", ","),
        ("TEXT", "c\\"),
        ("CLOSE", ")"),
    ]


def test_double_quotes_mark_a_text_that_may_be_a_key():
    (token, end) = tokens(' "a b" ')
    assert (token.kind, token.text, token.quoted, token.at) == (TokenKind.TEXT, "a b", True, 1)
    assert end.kind is TokenKind.END


def test_other_spellings_of_operators_are_read():
    assert kinds("a == 1") == kinds("a = 1")
    assert kinds("a <> 1") == kinds("a != 1")


@pytest.mark.parametrize("text", ["'open", "a = 'b", "a ; b", "`open", "1x"])
def test_what_begins_no_token_is_named_with_its_place(text):
    with pytest.raises(InvalidInputError, match="at position"):
        tokens(text)
