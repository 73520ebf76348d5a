"""Names made from people's names: of datasets, models and projects."""

from __future__ import annotations

import keyword
import re
import unicodedata


def slug(text: str, *, fallback: str = "table") -> str:
    """Lower-case letters, digits and single dashes, at most 60; accents are dropped.

    Args:
        text: Any text, such as a file's name.
        fallback: What is returned when nothing is left (`表`, `---`).
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")
    return found or fallback


def identifier(text: str, *, fallback: str = "table") -> str:
    """A Python identifier made from a name, for the function in a written pipeline."""
    name = slug(text, fallback=fallback).replace("-", "_")
    return f"{fallback}_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name
