"""Serializers that installed packages add.

A package adds them under the entry point group `millwright.serializers`; each entry names a serializer, or a class or
function that makes one without arguments, and the entry's name is the serializer's. They are loaded when a type comes
up that no built-in serializer knows, or a stored value names one.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConfigurationError
from millwright.core.extension import entry_points

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from importlib.metadata import EntryPoint

    from millwright.pipelines.serializers.base import PartSerializer, Serializer

ENTRY_POINT_GROUP = "millwright.serializers"
_PAIRS = (("dumps", "loads"), ("store", "fetch"))

logger = logging.getLogger(__name__)


class InstalledSerializers:
    """The serializers of installed packages.

    One that cannot be loaded, or is none, is left out with a warning; the others work.

    Args:
        taken: Names that packages may not use.
    """

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = taken
        self._entries: dict[str, EntryPoint] | None = None
        self._loaded: dict[str, Serializer | PartSerializer] = {}
        self.broken: dict[str, str] = {}

    def find(self, name: str) -> Serializer | PartSerializer | None:
        """The one of that name; None when no package has it, or it is broken.

        Raises:
            ConfigurationError: Two packages use one name, or one uses a built-in name.
        """
        entry = self._found().get(name)
        if entry is None or name in self.broken:
            return None
        if name not in self._loaded:
            try:
                self._loaded[name] = _checked(entry)
            except Exception as error:  # noqa: BLE001 - whatever a package's module does must not stop the others
                self.broken[name] = f"{type(error).__name__}: {error}"
                logger.warning(
                    "The serializer '%s' (%s%s) cannot be used: %s. Update or uninstall the package.",
                    name,
                    entry.value,
                    f" of {entry.dist.name}" if entry.dist else "",
                    self.broken[name],
                )
                return None
        return self._loaded[name]

    def iter(self) -> Iterator[Serializer | PartSerializer]:
        """All that work, by name.

        Raises:
            ConfigurationError: See `find`.
        """
        for name in sorted(self._found()):
            found = self.find(name)
            if found is not None:
                yield found

    def _found(self) -> dict[str, EntryPoint]:
        if self._entries is None:
            entries = entry_points(ENTRY_POINT_GROUP)
            uses = Counter(entry.name for entry in entries)
            for entry in entries:
                if entry.name in self._taken or uses[entry.name] > 1:
                    others = [each for each in entries if each.name == entry.name]
                    raise ConfigurationError(
                        f"Expected one serializer named '{entry.name}', found "
                        f"{'one that is built in, and ' if entry.name in self._taken else ''}"
                        f"{' and '.join(_origin(each) for each in others)}.",
                        hint="Uninstall one of the packages: stored values name their serializer.",
                    )
            self._entries = {entry.name: entry for entry in entries}
        return self._entries


def _checked(entry: EntryPoint) -> Serializer | PartSerializer:
    loaded: Any = entry.load()
    made = loaded if not isinstance(loaded, type) and hasattr(loaded, "handles") else loaded()
    if not callable(getattr(made, "handles", None)) or not any(
        all(callable(getattr(made, method, None)) for method in pair) for pair in _PAIRS
    ):
        raise TypeError("it has no methods handles, dumps and loads")
    if getattr(made, "name", None) != entry.name:
        raise TypeError(f"it calls itself {getattr(made, 'name', None)!r}")
    serializer: Serializer | PartSerializer = made
    return serializer


def _origin(entry: EntryPoint) -> str:
    return f"{entry.value} of {entry.dist.name}" if entry.dist else entry.value
