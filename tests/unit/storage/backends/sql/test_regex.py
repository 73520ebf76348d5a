from __future__ import annotations

import time

import pytest

from millwright.core.errors import InvalidInputError
from millwright.storage.backends.sql.regex import check_regex, matches


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [("^a.c$", "abc", True), ("^a.c$", "abcd", False), ("b", "abc", True), ("ü+", "grüün", True), ("x", None, False)],
)
def test_expression_matches_somewhere_in_the_text(pattern: str, text: str | None, *, expected: bool) -> None:
    assert matches(check_regex(pattern), text) is expected


def test_expression_cannot_hold_the_server_up() -> None:
    before = time.monotonic()
    assert not matches(check_regex("(a+)+$"), "a" * 5000 + "b")
    assert time.monotonic() - before < 1


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "a(?=b)", "a" * 1001])
def test_what_is_no_expression_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInputError, match="regular expression"):
        check_regex(pattern)
