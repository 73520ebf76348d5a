"""How software writes a secret that it was given: quoted, escaped and encoded; and where that stands in a text.

Letters and digits stay what they are in every form of a text, which is how the others are found: the longest run of
them is looked for first, and only a text that has it is searched with a pattern. In a pattern each other character has
all its ways to be written side by side, so that it does not matter which of them a library leaves alone. Within one
form no way to write a character begins with another one, so that a search never goes back far: it takes time in
proportion to the text.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from string import ascii_letters, digits

_SHORTEST_LINE = 8  # characters of a line of a long secret that are hidden on their own
_SHORTEST_CORE = 4  # characters of Base64 that say enough of a secret to be taken for it
_SHORTEST_HEX = 6
_PLAIN = frozenset(ascii_letters + digits)
_SHORT_ESCAPES = {"\n": "n", "\t": "t", "\r": "r", "\b": "b", "\f": "f", "\v": "v", "\a": "a"}
_MARKUP = {"<": ("lt",), ">": ("gt",), "&": ("amp",), '"': ("quot",), "'": ("apos",)}
_WINDOW = 32  # shorter than any line of Base64, so that one of two halves is in one line

_Encoder = Callable[[str], Sequence[str]]
_Part = tuple[str, int]  # a pattern, and how many characters it matches at most


class Spelling:
    """One kind of ways to write a secret.

    Args:
        needles: Texts of which one is in whatever it matches.
        parts: Makes its patterns, when the first text has a needle.
    """

    def __init__(self, needles: Iterable[str], parts: Callable[[], Sequence[_Part]]) -> None:
        self._needles = tuple(dict.fromkeys(needles))
        self._make = parts

    @cached_property
    def longest(self) -> int:
        """Characters that it takes at most."""
        return max(width for _, width in self._parts)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the secret is written so: the first character and the one after the last; may overlap."""
        for start, end in self._windows(text):
            # One after the other, since which form takes most of a text depends on the text: `&` or `&amp;`.
            for pattern in self._patterns:
                for found in pattern.finditer(text, start, end):
                    yield found.span()

    def _windows(self, text: str) -> Iterator[tuple[int, int]]:
        """The parts of a text in which it can be, in order, none of which touches another."""
        needles = [needle for needle in self._needles if needle in text]
        if not all(needles):
            yield 0, len(text)
            return
        start = end = 0
        for at in sorted(place for needle in needles for place in _places(needle, text)):
            if at - self.longest > end:
                if end:
                    yield start, end
                start = at - self.longest
            end = at + self.longest
        if end:
            yield max(0, start), end

    @cached_property
    def _parts(self) -> Sequence[_Part]:
        return self._make()

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        return [re.compile(pattern) for pattern in dict.fromkeys(pattern for pattern, _ in self._parts)]


def _places(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + 1)


def spellings(value: str) -> list[Spelling]:
    """All ways to write a secret that are known here; none of an empty one.

    As text: as it is, percent-encoded with any characters left alone, escaped with backslashes (JSON, `repr`, also of
    bytes, shells) up to three times, for HTML, with quotes doubled or closed, and the usual ones of these in each
    other. As Base64 of both alphabets, wherever it stands in what was encoded, if it has four bytes or more; and in
    hexadecimal digits, if it has three. Of a value of several lines, such as a private key, each longer line, too.

    Args:
        value: The secret; blanks around it may be missing where it is written.
    """
    texts = dict.fromkeys(each for each in (value, value.strip()) if each)
    lines = value.splitlines()
    shown = dict.fromkeys(line.strip() for line in lines if len(line.strip()) >= _SHORTEST_LINE)
    found = [_text(each) for each in dict.fromkeys([*texts, *(shown if len(lines) > 1 else ())])]
    contents = {data: None for text in texts for data in _contents(text)}
    for data in contents:
        found += _base64(data)
        digits_only = data.hex()
        if len(digits_only) >= _SHORTEST_HEX:
            found += [_literal(digits_only), _literal(digits_only.upper())]
    return found


def _contents(text: str) -> Iterator[bytes]:
    """The bytes that a text is when it is encoded by itself, and within JSON."""
    for each in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield _utf8(each)


def _literal(text: str) -> Spelling:
    return Spelling([text], lambda: [(re.escape(text), len(text))])


# Texts ----------------------------------------------------------------------------------------------------------------


def _text(text: str) -> Spelling:
    needle = max(re.findall("[A-Za-z0-9]+", text), key=len, default="")
    return Spelling([needle], lambda: list(dict.fromkeys(_joined(text, encoders) for encoders in _FORMS)))


def _joined(text: str, encoders: tuple[_Encoder, ...]) -> _Part:
    parts = [_character(character, encoders) for character in text]
    return "".join(pattern for pattern, _ in parts), sum(width for _, width in parts)


@lru_cache(maxsize=4096)
def _character(character: str, encoders: tuple[_Encoder, ...]) -> _Part:
    """The ways to write a character that is encoded by one after the other."""
    if character in _PLAIN or not encoders:
        return re.escape(character), 1
    ways = list(dict.fromkeys(_joined(word, encoders[1:]) for word in encoders[0](character)))
    pattern = "|".join(way for way, _ in ways)
    return pattern if len(ways) == 1 else f"(?:{pattern})", max(width for _, width in ways)


def _percent(character: str) -> list[str]:
    """In URLs and forms; which characters are left alone is each library's own choice."""
    upper = "".join(f"%{byte:02X}" for byte in _utf8(character))
    more = {"%": [], " ": [" ", "+"]}.get(character, [character])
    return [upper, upper.lower(), *more]


def _escaped(character: str) -> list[str]:
    """With backslashes: in JSON, by `repr`, in shells and programs."""
    ways = [] if character == "\\" else [character]
    if character in _SHORT_ESCAPES:
        ways.append(f"\\{_SHORT_ESCAPES[character]}")
    if character.isascii() and character.isprintable():
        ways.append(f"\\{character}")
    code, units = ord(character), character.encode("utf-16-be", "surrogatepass").hex()
    ways += [f"\\x{code:02x}", f"\\x{code:02X}"] if code < 1 << 8 else []
    ways += [f"\\U{code:08x}", f"\\U{code:08X}"] if code >= 1 << 16 else []
    for each in (units, units.upper()):
        ways.append("".join(f"\\u{each[at : at + 4]}" for at in range(0, len(each), 4)))
    return ways


def _escaped_bytes(character: str) -> list[str]:
    """By `repr` of bytes, and in C."""
    if character.isascii():
        return _escaped(character)
    data = _utf8(character)
    return [f"{''.join(f'{begin}{byte:{form}}' for byte in data)}" for begin, form in (("\\x", "02x"), ("\\", "03o"))]


def _escaped_again(character: str) -> list[str]:
    """With backslashes, what has some already: JSON in JSON."""
    if character == "\\":
        return ["\\\\"]
    return [character, f"\\{character}"] if character in "\"'/" else [character]


def _markup(character: str) -> list[str]:
    """In HTML and XML."""
    code = ord(character)
    numbers = [f"{code}", f"{code:03}", f"x{code:x}", f"x{code:X}", f"x{code:02x}", f"X{code:X}"]
    ways = [f"&#{number};" for number in numbers] + [f"&{name};" for name in _MARKUP.get(character, ())]
    return ways if character == "&" else [character, *ways]


def _numbered(character: str) -> list[str]:
    """In text of ASCII alone, with all else as in XML: `&` stands for itself."""
    return [character] if character.isascii() else _markup(character)


def _markup_where_needed(character: str) -> list[str]:
    return _markup(character) if character in _MARKUP else [character]


def _quoted(character: str) -> list[str]:
    """In single quotes: of a shell, where they are closed and opened again, and of SQL, where they are doubled."""
    return ["'\"'\"'", "'\\''", "''"] if character == "'" else [character]


def _doubled(character: str) -> list[str]:
    """In double quotes that are doubled: CSV."""
    return ['""'] if character == '"' else [character]


_FORMS: tuple[tuple[_Encoder, ...], ...] = (
    (),
    (_percent,),
    (_percent, _percent),
    (_escaped,),
    (_escaped_bytes,),
    (_escaped, _escaped_again),
    (_escaped, _escaped_again, _escaped_again),
    (_escaped, _percent),
    (_escaped, _markup_where_needed),
    (_markup,),
    (_numbered,),
    (_quoted,),
    (_quoted, _escaped),
    (_doubled,),
)


def _utf8(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


# Base64 ---------------------------------------------------------------------------------------------------------------

_ANY = "[A-Za-z0-9+/_-]"
_BREAK = r"\r?\n?"  # of lines of 64 or 76 characters
_SIGNS: dict[str, _Part] = {
    "+": (r"(?:[+-]|%(?:25)?2[Bb]|\\{1,3}u002[Bb]|&#(?:43|x2[Bb]);)", 8),
    "/": (r"(?:[/_]|%(?:25)?2[Ff]|\\{1,3}/|\\{1,3}u002[Ff]|&#(?:47|x2[Ff]);)", 8),
}


def _base64(data: bytes) -> Iterator[Spelling]:
    """Base64 of whatever has these bytes in it: three bytes become four characters, so that there are three cases."""
    for before in range(3):
        bits = 8 * (before + len(data))
        encoded = base64.b64encode(b"\0" * before + data).decode()
        core = encoded[-(-8 * before // 6) : bits // 6]  # the characters that these bytes alone decide
        if len(core) >= _SHORTEST_CORE:
            yield _core(core, before=before > 0, after=bits % 6 > 0)


def _core(core: str, *, before: bool, after: bool) -> Spelling:
    """Characters of Base64, with those before and after them that have some bits of the secret."""

    def parts() -> list[_Part]:
        signs = [_SIGNS.get(sign, (sign, 1)) for sign in core]
        pattern = _BREAK.join(sign for sign, _ in signs)
        head, tail = f"(?:{_ANY}{_BREAK})?" if before else "", f"(?:{_BREAK}{_ANY})?" if after else ""
        return [(f"{head}{pattern}{tail}", sum(width + 2 for _, width in signs) + 6)]

    window = core[:_WINDOW]
    halves = (window[: len(window) // 2], window[len(window) // 2 :])
    return Spelling((max(re.findall("[A-Za-z0-9]+", half), key=len, default="") for half in halves), parts)
