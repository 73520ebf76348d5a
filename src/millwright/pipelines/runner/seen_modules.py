"""The project's modules that fingerprints could see, found out when somebody asks: most steps load nothing new."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from millwright.pipelines.fingerprint.origin import project_modules
from millwright.pipelines.label import module_label


class SeenModules(Collection[str]):
    """The project's modules among some loaded ones, as they are called in labels.

    To tell which are the project's takes milliseconds, thousands being loaded.

    Args:
        loaded: Names of modules that are loaded now.
    """

    def __init__(self, loaded: Iterable[str]) -> None:
        self._loaded = tuple(loaded)

    @cached_property
    def _labels(self) -> frozenset[str]:
        return frozenset(module_label(name) for name in project_modules(self._loaded))

    def __contains__(self, label: object) -> bool:
        return label in self._labels

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __len__(self) -> int:
        return len(self._labels)
