"""SQL text as every engine takes it in the same sense: one query, its decimal numbers floats.

Polars, DuckDB and Spark read `0.5` as a decimal and go on differently: `days / 3.0` has six digits on Polars and all of
them on the others. `0.5e0` is a float everywhere, so numbers with a decimal point get an exponent.
"""

from __future__ import annotations

import re

from millwright.core.errors import InvalidInputError

_TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`)
    |(?P<word>[^\W\d]\w*)
    |(?P<exponent>(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+)
    |(?P<decimal>\d+\.\d*|\.\d+)
    |(?P<integer>\d+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_CHANGES = {"INSERT", "UPDATE", "DELETE", "MERGE"}  # what may stand behind a WITH


def query_text(sql: str) -> str:
    """A query with floats for decimal numbers; lines stay where they are.

    Args:
        sql: One SELECT, perhaps with a WITH in front and a semicolon behind it.

    Raises:
        InvalidInputError: It is something else; only queries are computed, and only one.

    Example:
        >>> query_text("SELECT a * 0.5 FROM t -- 1.5")
        'SELECT a * 0.5e0 FROM t'
    """
    tokens = [(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(sql)]
    while tokens and (tokens[-1][0] == "blank" or tokens[-1][1] == ";"):
        tokens.pop()
    words = [text.upper() for kind, text in tokens if kind == "word"]
    first = next((text for kind, text in tokens if kind != "blank" and text != "("), "")
    if first.upper() not in {"SELECT", "WITH"}:
        raise _not_one_query(f"'{first}' at its start" if first else "nothing")
    if ("sign", ";") in tokens:
        raise _not_one_query("several statements")
    if first.upper() == "WITH" and _CHANGES & set(words):
        raise _not_one_query(f"'{min(_CHANGES & set(words))}'")
    return "".join(f"{text}e0" if kind == "decimal" else text for kind, text in tokens)


def is_ordered(sql: str) -> bool:
    """Whether a query sorts its result: an ORDER BY that stands in no parentheses.

    Example:
        >>> is_ordered("SELECT a FROM t ORDER BY a"), is_ordered("SELECT RANK() OVER (ORDER BY a) FROM t")
        (True, False)
    """
    depth, before = 0, ""
    for found in _TOKEN.finditer(sql):
        if found.lastgroup == "blank":
            continue
        text = found[0].upper()
        if found.lastgroup == "sign":
            depth += {"(": 1, ")": -1}.get(text, 0)
        if depth == 0 and (before, text) == ("ORDER", "BY"):
            return True
        before = text
    return False


def _not_one_query(found: str) -> InvalidInputError:
    return InvalidInputError(
        f"Expected one SELECT as SQL, found {found}.", hint="Leave the rest out; a WITH in front of the SELECT is fine."
    )
