"""Hides values that are secret in texts and records."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from typing import TYPE_CHECKING, Any

from millwright.pipelines.secrets.spelling import Spelling, spellings

if TYPE_CHECKING:
    from collections.abc import Iterator

MASK = "***"


class Masks:
    """The values that must not be seen, and what hides them. Thread-safe; a value that was added stays.

    Besides the value itself the ways in which software writes it are hidden, see `spellings`. Where two secrets
    overlap, both are hidden.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: frozenset[str] = frozenset()
        self._spellings: tuple[Spelling, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._spellings)

    @property
    def longest(self) -> int:
        """Characters of the longest text that is hidden; 0 when there is none."""
        return max((spelling.longest for spelling in self._spellings), default=0)

    def add(self, value: str) -> None:
        """Hide a value from now on; an empty one hides nothing."""
        if value in self._values:  # a step asks for it again in each of its items
            return
        found = spellings(value)
        with self._lock:
            if value not in self._values:
                self._values |= {value, value.strip()}
                self._spellings += tuple(found)

    def mask(self, text: str) -> str:
        """The text with every secret in it replaced by `***`."""
        spans = self.spans(text)
        if not spans:
            return text
        parts, at = list[str](), 0
        for start, end in spans:
            parts += [text[at:start], MASK]
            at = end
        return "".join([*parts, text[at:]])

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where secrets stand in a text: first character and the one after the last, in order."""
        found: list[tuple[int, int]] = []
        for start, end in sorted(span for spelling in self._spellings for span in spelling.spans(text)):
            if found and start < found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((start, end))
        return found

    def mask_value(self, value: Any) -> Any:
        """A JSON value with the secrets masked in its texts, in the names of its members, and where a number is one."""
        if not self._spellings:
            return value
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {self.mask(str(name)): self.mask_value(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_value(each) for each in value]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return MASK if is_number and str(value) in self._values else value

    def mask_record(self, record: Any) -> Any:
        """A record (a frozen dataclass) with the secrets masked in those of its fields that are text."""
        if not self._spellings or not is_dataclass(record) or isinstance(record, type):
            return record
        # Enums and ids are texts, too; only what changes is replaced, so that they keep their types.
        texts = {name: value for name in record.__dataclass_fields__ if type(value := getattr(record, name)) is str}
        changed = {name: self.mask(value) for name, value in texts.items() if self.mask(value) != value}
        return replace(record, **changed) if changed else record

    def mask_error(self, error: BaseException) -> None:
        """Mask the texts that an exception carries, those of its causes included, as far as they can be replaced."""
        if not self._spellings:
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
