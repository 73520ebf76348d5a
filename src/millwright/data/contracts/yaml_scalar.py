"""Text as YAML scalars that every reader of YAML takes for text."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/()-]*(?: [A-Za-z0-9_/()-]+)*", flags=re.ASCII)
_WORDS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}  # which other readers of YAML take for values
# Characters that YAML forbids, or takes for line ends, inside quotes.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def scalar(text: str) -> str:
    """Text as a YAML scalar: plain where nobody could read it as something else, else in quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Text as a YAML scalar in double quotes."""
    # JSON strings are YAML strings, but for some characters.
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
