"""Hides values that are secret in texts and records."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = "***"
_SHORTEST_LINE = 8  # characters of a line of a long secret that are hidden on their own


class Masks:
    """The values that must not be seen, and what hides them. Thread-safe; a value that was added stays.

    Besides the value itself its usual spellings are hidden: quoted in JSON and by `repr`, percent-encoded, and in
    Base64. Of a value of several lines, such as a private key, each longer line is hidden, too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        return self._pattern is not None

    @property
    def longest(self) -> int:
        """Characters of the longest text that is hidden; 0 when there is none."""
        return max(map(len, self._forms), default=0)

    def add(self, value: str) -> None:
        """Hide a value from now on; an empty one hides nothing."""
        forms = frozenset(form for form in _spellings(value) if form)
        with self._lock:
            if forms - self._forms:
                self._forms |= forms
                # The longest first: a secret that begins with another one is hidden whole.
                ordered = sorted(self._forms, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def mask(self, text: str) -> str:
        """The text with every secret in it replaced by `***`."""
        pattern = self._pattern
        return text if pattern is None else pattern.sub(MASK, text)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where secrets stand in a text: first character and the one after the last, in order."""
        pattern = self._pattern
        return [] if pattern is None else [found.span() for found in pattern.finditer(text)]

    def mask_value(self, value: Any) -> Any:
        """A JSON value with the secrets masked in its texts, in the names of its members, and where a number is one."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {self.mask(str(name)): self.mask_value(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_value(each) for each in value]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return MASK if is_number and str(value) in self._forms else value

    def mask_record(self, record: Any) -> Any:
        """A record (a frozen dataclass) with the secrets masked in those of its fields that are text."""
        if self._pattern is None or not is_dataclass(record) or isinstance(record, type):
            return record
        # Enums and ids are texts, too; only what changes is replaced, so that they keep their types.
        texts = {name: value for name in record.__dataclass_fields__ if type(value := getattr(record, name)) is str}
        changed = {name: self.mask(value) for name, value in texts.items() if self.mask(value) != value}
        return replace(record, **changed) if changed else record

    def mask_error(self, error: BaseException) -> None:
        """Mask the texts that an exception carries, those of its causes included, as far as they can be replaced."""
        if self._pattern is None:
            return
        for each in _chain(error):
            each.args = tuple(self._mask_argument(argument) for argument in each.args)
            for name, value in list(getattr(each, "__dict__", {}).items()):
                if isinstance(value, str | dict | list | tuple):
                    setattr(each, name, self._mask_argument(value))
            if isinstance(each, OSError):
                for name in ("strerror", "filename", "filename2"):
                    value = getattr(each, name)
                    if isinstance(value, str):
                        setattr(each, name, self.mask(value))

    def _mask_argument(self, value: Any) -> Any:
        if isinstance(value, bytes):
            text = value.decode(errors="surrogateescape")
            return self.mask(text).encode(errors="surrogateescape")
        if isinstance(value, tuple):
            return tuple(self._mask_argument(each) for each in value)
        if isinstance(value, str | dict | list):
            return self.mask_value(value)
        if isinstance(value, int | float | BaseException | None):
            return value
        shown = str(value)
        return self.mask(shown) if self.mask(shown) != shown else value


def _spellings(value: str) -> Iterator[str]:
    for each in (value, value.strip()):
        yield each
        yield json.dumps(each)[1:-1]
        yield json.dumps(each, ensure_ascii=False)[1:-1]
        yield repr(each)[1:-1]
        yield quote(each, safe="")
        yield quote_plus(each)
        encoded = each.encode(errors="surrogateescape")
        yield base64.b64encode(encoded).decode().rstrip("=")
        yield base64.urlsafe_b64encode(encoded).decode().rstrip("=")
    lines = value.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= _SHORTEST_LINE)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, its causes and the members of groups, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [other for other in (each.__cause__, each.__context__) if other is not None]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
