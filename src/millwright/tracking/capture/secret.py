"""Masks what looks like a secret, before it is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MASK = "***"

_NAME = (
    r"[\w.-]*(?:passwd|password|passphrase|secret|credential|token|api[_-]?key|access[_-]?key|private[_-]?key)[\w.-]*"
)
_URL_PASSWORD = re.compile(r"(://[^/\s:@'\"]*:)[^@\s/'\"]+(?=@)")
# A name is looked for where a word begins, and not again at each of its letters: a changed notebook holds pictures that
# are one word of a megabyte, and a run that is tracked would wait for minutes.
_ASSIGNED = re.compile(rf"(?<![\w.-])(?P<name>[\"']?{_NAME}[\"']?\s*(?::|=)\s*)\S.*", re.IGNORECASE)
_OPTION = re.compile(rf"--?{_NAME}", re.IGNORECASE)
# Forms that giving away is enough to misuse them, whatever they are called.
_KNOWN = re.compile(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}"
    r"|sk-[\w-]{20,}|hf_\w{20,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_AUTHORIZATION = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)


def mask_line(line: str) -> str:
    """A line of text with passwords in URLs, values of names that speak of secrets, and known tokens masked."""
    masked = _URL_PASSWORD.sub(rf"\g<1>{MASK}", line)
    masked = _ASSIGNED.sub(rf"\g<name>{MASK}", masked)
    masked = _KNOWN.sub(MASK, masked)
    return _AUTHORIZATION.sub(rf"\g<1> {MASK}", masked)


def mask_text(text: str) -> str:
    """Each line of a text masked, and what stands between the lines of a private key."""
    lines: list[str] = []
    inside_key = False
    for line in text.split("\n"):
        if "PRIVATE KEY-----" in line:
            inside_key = "BEGIN" in line
            lines.append(MASK)
        else:
            lines.append(MASK if inside_key else mask_line(line))
    return "\n".join(lines)


def mask_command(words: Sequence[str]) -> list[str]:
    """The words of a command line, with the values of options that speak of secrets masked."""
    masked: list[str] = []
    hide_next = False
    for word in words:
        if hide_next and not word.startswith("-"):
            masked.append(MASK)
        else:
            masked.append(mask_line(word))
        hide_next = _OPTION.fullmatch(word) is not None
    return masked
