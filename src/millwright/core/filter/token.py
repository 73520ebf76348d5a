"""A filter's text as tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from millwright.core.errors import InvalidInputError

MAX_LENGTH = 100_000  # characters; longer texts are refused before anything looks at them


class TokenKind(Enum):
    """What a token is."""

    FIELD = "a field"  # metrics.auc, tags.`a b`, status
    WORD = "a keyword"  # AND, OR, NOT, IN, IS, NULL, LIKE, ILIKE, RLIKE
    TEXT = "a quoted text"
    NUMBER = "a number"
    OPERATOR = "a comparison"
    OPEN = "("
    CLOSE = ")"
    COMMA = ","
    END = "the end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        text: As it was written; of a quoted text without its quotes, of keywords in capitals.
        at: Its place in the filter, from 0.
        quoted: Whether a text had double quotes, which make it a key where a key is expected.
    """

    kind: TokenKind
    text: str
    at: int
    quoted: bool = False


WORDS = frozenset({"AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "ILIKE", "RLIKE"})
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.|'')*')
      | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<field>[^\W\d][\w\-/]*(?:\.(?:`[^`]*`|"[^"]*"|[\w\-/.:]+(?:`[^`]*`)?))?|`[^`]*`)
      | (?P<double>"(?:[^"\\]|\\.)*")
      | (?P<operator><=|>=|!=|<>|==|=|<|>)
      | (?P<open>\()
      | (?P<close>\))
      | (?P<comma>,)
    )""",
    re.VERBOSE | re.DOTALL,
)
_KINDS = {
    "number": TokenKind.NUMBER,
    "operator": TokenKind.OPERATOR,
    "open": TokenKind.OPEN,
    "close": TokenKind.CLOSE,
    "comma": TokenKind.COMMA,
}
_ESCAPED = re.compile(r"\\(['\"\\])|''")


def tokens(text: str) -> list[Token]:
    """The tokens of a filter, the last one being `END`.

    Raises:
        InvalidInputError: A character begins no token, a quote is not closed, or the text is too long.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidInputError(f"Expected a filter of at most {MAX_LENGTH:,} characters, found {len(text):,}.")
    found: list[Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise InvalidInputError(
                f"Invalid clause(s) in filter string: {text[at : at + 50]!r} at position {at}.",
                hint="Texts stand in single quotes, keys with odd characters in back-ticks.",
            )
        found.append(_token(match))
        at = match.end()
    found.append(Token(TokenKind.END, "", len(text)))
    return found


def _token(match: re.Match[str]) -> Token:
    group = str(match.lastgroup)
    written, at = match[group], match.start(group)
    if group == "text":
        return Token(TokenKind.TEXT, _ESCAPED.sub(lambda each: each[1] or "'", written[1:-1]), at)
    if group == "double":
        return Token(TokenKind.TEXT, _ESCAPED.sub(lambda each: each[1] or "''", written[1:-1]), at, quoted=True)
    if group == "field":
        upper = written.upper()
        return Token(TokenKind.WORD, upper, at) if upper in WORDS else Token(TokenKind.FIELD, written, at)
    return Token(_KINDS[group], {"==": "=", "<>": "!="}.get(written, written), at)
