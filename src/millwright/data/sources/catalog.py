"""All kinds of sources by name: the built-in ones, and those that installed packages add.

A package adds kinds under the entry point group `millwright.sources`; each entry names a function that takes the source
and its `SourceOptions` and gives a context with an `OpenedSource`. The entry's name is the kind's: sources of it are
asked for by `--format NAME`, or written as `NAME://…`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from millwright.core.errors import ConfigurationError, InvalidInputError, closest
from millwright.core.extension import entry_points
from millwright.data.sources.request import OpenedSource, SourceOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY_POINT_GROUP = "millwright.sources"
Opener: TypeAlias = Callable[[str, SourceOptions], AbstractContextManager[OpenedSource]]

# Loaded on use: most need libraries that need not be there.
BUILT_IN: Mapping[str, str] = {
    "csv": "millwright.data.sources.table_file:open_files",
    "tsv": "millwright.data.sources.table_file:open_files",
    "jsonl": "millwright.data.sources.table_file:open_files",
    "json": "millwright.data.sources.table_file:open_files",
    "parquet": "millwright.data.sources.table_file:open_files",
    "arrow": "millwright.data.sources.table_file:open_files",
    "excel": "millwright.data.sources.table_file:open_files",
    "delta": "millwright.data.sources.delta:open_delta",
    "sql": "millwright.data.sources.sql:open_sql",
    "kafka": "millwright.data.sources.kafka:open_kafka",
}


def source_kinds() -> tuple[str, ...]:
    """The names of all kinds, the built-in ones first."""
    added = (entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))
    return tuple(dict.fromkeys((*BUILT_IN, *added)))


def source_opener(kind: str) -> Opener:
    """What opens sources of a kind.

    Raises:
        InvalidInputError: There is no such kind (the nearest is named).
        ConfigurationError: An installed package's kind cannot be loaded or is none.
    """
    if kind in BUILT_IN:
        module, _, attribute = BUILT_IN[kind].partition(":")
        opener: Opener = getattr(import_module(module), attribute)
        return opener
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        if entry.name == kind:
            loaded = entry.load()
            if not callable(loaded):
                raise ConfigurationError(
                    f"The source kind '{kind}' ({entry.value}) is not a function that opens sources.",
                    hint="Correct or uninstall the package that provides it.",
                )
            added: Opener = loaded
            return added
    raise InvalidInputError(f"There is no format '{kind}' of sources.", hint=closest(kind, source_kinds()))


def has_kind(name: str) -> bool:
    """Whether an installed package added a kind of that name."""
    return any(entry.name == name for entry in entry_points(group=ENTRY_POINT_GROUP))
