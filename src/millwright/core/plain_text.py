"""Text that people have chosen, made harmless for terminals and logs."""

from __future__ import annotations

_KEPT = "\n\t"
# Controls of 7 and 8 bits, other ends of lines, and marks that turn the direction of what follows.
_CODES = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_ESCAPES = {code: f"\\u{code:04x}" for code in _CODES if chr(code) not in _KEPT}


def visible(text: str) -> str:
    r"""The text with its control characters written out, but for ends of lines and tabs; JSON stays the same JSON.

    Example:
        >>> print(visible("a\x1b[31mred"))
        a\u001b[31mred
    """
    return text if text.isascii() and text.isprintable() else text.translate(_ESCAPES)
